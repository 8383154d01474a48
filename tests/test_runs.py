"""The run folder: readable at any moment, whoever died, and nobody else's."""

import json
import os
import shutil
import time

import pytest

from digitcore import run_folder, runs
from digitcore.errors import RunError
from digitcore.settings import Settings


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def key():
    return runs.new_key()


@pytest.fixture
def run(key):
    return runs.create(Settings(epochs=2, seed=5), key, name="my first")


def test_a_new_run_waits_and_remembers_what_was_asked_for(run, key):
    assert run.state().name == "queued"
    found = runs.find(key, run.id)
    assert found.settings == Settings(epochs=2, seed=5)
    assert found.name == "my first"
    assert time.time() - found.created < 5


def test_another_key_finds_nothing(run):
    other = runs.new_key()
    assert runs.list_runs(other) == []
    with pytest.raises(RunError, match="no run"):
        runs.find(other, run.id)


@pytest.mark.parametrize("run_id", ["../" * 3 + "models", "..", "", "a/b", "x" * 200, "run id"])
def test_a_run_id_cannot_leave_the_visitors_folder(key, run_id):
    with pytest.raises(RunError):
        runs.find(key, run_id)


@pytest.mark.parametrize("key", ["", "short", "../../../../../../etc", "x" * 65, "a b" * 10, None])
def test_a_malformed_key_is_refused_in_one_sentence(key):
    with pytest.raises(RunError, match="22 to 64"):
        runs.check_key(key)


def test_keys_differ_and_the_disk_does_not_show_them(run, key):
    assert runs.new_key() != runs.new_key()
    assert key not in str(run.folder)


def test_runs_are_listed_newest_first(key):
    made = [runs.create(Settings(seed=seed), key) for seed in range(3)]
    for age, run in enumerate(reversed(made)):
        header = json.loads(run.file("settings.json").read_text())
        run_folder.write_json(run.file("settings.json"), header | {"created": 1000.0 - age})
    assert [run.settings.seed for run in runs.list_runs(key)] == [2, 1, 0]


def test_a_folder_without_readable_settings_does_not_hide_the_other_runs(run, key):
    broken = run.folder.with_name("broken-run")
    broken.mkdir()
    (broken / "settings.json").write_text('{"settings": {"epo')
    assert [found.id for found in runs.list_runs(key)] == [run.id]


def test_a_locked_run_is_alive_and_an_unlocked_one_is_not(run):
    run.mark_started()
    with run.lock():
        assert run.alive()
        assert run.state().name == "starting"
        run.append_event("state", state="running")
        assert run.state().name == "running"
        run.append_event("state", state="finishing")
        assert run.state().name == "finishing"
    assert not run.alive()
    assert run.state().name == "failed"


def test_a_started_run_gets_time_to_take_its_lock_and_then_counts_as_failed(run):
    run.mark_started()
    assert run.state().name == "starting"
    long_ago = time.time() - run_folder.START_GRACE_SECONDS - 1
    os.utime(run.file("started"), (long_ago, long_ago))
    assert run.state().name == "failed"


def test_a_card_means_complete_whatever_the_events_say(run):
    run.append_event("state", state="running")
    run_folder.write_json(run.file("card.json"), {"stopped": False})
    assert run.state() == run_folder.State("finished", "Finished.", has_model=True)
    run_folder.write_json(run.file("card.json"), {"stopped": True, "best_epoch": 3})
    assert run.state().name == "stopped"
    assert "epoch 3" in run.state().text


def test_events_are_read_in_pieces_and_a_half_line_waits(run):
    run.append_event("batch", step=1)
    events, offset = run.events_after(0)
    assert [event["step"] for event in events] == [1]
    with run.file("events.jsonl").open("a") as file:
        file.write('{"event": "batch", "st')
    assert run.events_after(offset) == ([], offset)
    with run.file("events.jsonl").open("a") as file:
        file.write('ep": 2}\n')
    events, offset = run.events_after(offset)
    assert [event["step"] for event in events] == [2]
    assert run.events_after(offset) == ([], offset)


def test_the_folder_reads_wherever_the_trainer_was_killed(run):
    """Cut the event file after every byte: no error, and never an event that was not written."""
    for step in range(3):
        run.append_event("batch", step=step)
    run.append_event("state", state="running")
    whole = run.file("events.jsonl").read_bytes()
    events = run.events()
    for length in range(len(whole) + 1):
        run.file("events.jsonl").write_bytes(whole[:length])
        assert run.events() == events[: whole[:length].count(b"\n")]
        run.state()


def test_the_line_after_a_half_line_is_not_lost(run):
    run.mark_started()
    run.file("events.jsonl").write_text('{"event": "ba')
    run.append_event("state", state="failed")
    assert [event["event"] for event in run.events()] == ["state"]
    assert run.state().name == "failed"


def test_the_log_tail_is_short_and_survives_odd_bytes(run):
    run.file("log.txt").write_bytes(b"".join(b"line %d \xff\n" % i for i in range(100)))
    tail = run.log_tail(5).splitlines()
    assert len(tail) == 5
    assert tail[-1].startswith("line 99")


def test_a_recorded_run_cannot_be_stopped(run):
    with pytest.raises(RunError, match="recording"):
        run_folder.Run(run.folder, recorded=True).request_stop()


def test_a_file_is_replaced_whole_and_leaves_no_temporary_behind(tmp_path):
    path = tmp_path / "card.json"
    run_folder.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        run_folder.write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [found.name for found in tmp_path.iterdir()] == ["card.json"]


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path):
    runs.create_at(tmp_path / "here", Settings())
    with pytest.raises(RunError, match="holds a run already"):
        runs.create_at(tmp_path / "here", Settings())


def test_a_run_typed_at_the_command_line_is_not_the_apps_to_start_or_delete(run):
    runs.create_at(runs.root() / "command-line" / "20260101-000000-cnn-0", Settings())
    assert [found.id for found in runs.all_runs()] == [run.id]


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"created": 1}', '{"created": null, "settings": {}}', "é"]
)
def test_settings_of_another_form_neither_hide_nor_break_the_other_runs(run, key, content):
    broken = run.folder.with_name("broken-run")
    broken.mkdir()
    (broken / "settings.json").write_text(content, encoding="latin-1")
    assert [found.id for found in runs.list_runs(key)] == [run.id]
    with pytest.raises(RunError, match=r"no readable settings\.json"):
        _ = run_folder.Run(broken).settings


@pytest.mark.parametrize("content", ["", '{"name": "x", "te', "[]", "null"])
def test_a_damaged_card_is_a_failed_run_not_an_error(run, content):
    run.mark_started()
    run.file("card.json").write_text(content)
    assert run.state().name == "failed"
    assert "card.json" in run.state().text
    with pytest.raises(RunError, match=r"damaged card\.json"):
        run.card()


def test_a_run_of_another_version_still_has_its_name(run):
    header = json.loads(run.file("settings.json").read_text())
    header |= {"name": "", "settings": header["settings"] | {"warmup": 3}}
    run.file("settings.json").write_text(json.dumps(header))
    assert run_folder.Run(run.folder).name.startswith("simple-cnn")


def test_a_deleted_run_does_not_read_as_waiting(run):
    shutil.rmtree(run.folder)
    assert run.state().name == "failed"
    assert "deleted" in run.state().text


def test_a_clock_set_back_does_not_keep_a_dead_run_starting(run):
    run.mark_started()
    ahead = time.time() + 3600
    os.utime(run.file("started"), (ahead, ahead))
    assert run.state().name == "failed"
