"""The run folder: readable at any moment, whatever has died, and private to its owner."""

import json
import os
import shutil
import time

import pytest

from digitcore import files, paths
from digitcore.errors import RunError
from digitcore.networks.model_store import file_sha256
from digitcore.networks.settings import Settings
from digitcore.runs import requests, run_folder
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.training import publication
from tests.runs import saying


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def key():
    return run_store.new_key()


@pytest.fixture
def run(key):
    return run_store.create(Settings(epochs=2, seed=5), key, name="my first")


def test_a_new_run_waits_and_remembers_what_was_asked_for(run, key):
    assert run_state.of(run).name == "queued"
    found = run_store.find(key, run.id)
    assert found.settings == Settings(epochs=2, seed=5)
    assert found.name == "my first"
    assert time.time() - found.created < 5


def test_another_key_finds_nothing(run):
    other = run_store.new_key()
    assert run_store.list_runs(other) == []
    with pytest.raises(RunError, match="no run"):
        run_store.find(other, run.id)


@pytest.mark.parametrize("run_id", ["../" * 3 + "models", "..", "", "a/b", "x" * 200, "run id"])
def test_a_run_id_cannot_leave_the_visitors_folder(key, run_id):
    with pytest.raises(RunError):
        run_store.find(key, run_id)


@pytest.mark.parametrize("key", ["", "short", "../../../../../../etc", "x" * 65, "a b" * 10, None])
def test_a_malformed_key_is_refused_in_one_sentence(key):
    with pytest.raises(RunError, match="22 to 64"):
        run_store.check_key(key)


def test_keys_differ_and_the_disk_does_not_show_them(run, key):
    assert run_store.new_key() != run_store.new_key()
    assert key not in str(run.folder)


def test_runs_are_listed_newest_first(key):
    made = [run_store.create(Settings(seed=seed), key) for seed in range(3)]
    for age, run in enumerate(reversed(made)):
        header = json.loads(run.file("settings.json").read_text())
        files.write_json(run.file("settings.json"), header | {"created": 1000.0 - age})
    assert [run.settings.seed for run in run_store.list_runs(key)] == [2, 1, 0]


def test_a_folder_without_readable_settings_does_not_hide_the_other_runs(run, key):
    broken = run.folder.with_name("broken-run")
    broken.mkdir()
    (broken / "settings.json").write_text('{"settings": {"epo')
    assert [found.id for found in run_store.list_runs(key)] == [run.id]


def test_a_locked_run_is_alive_and_an_unlocked_one_is_not(run):
    run_state.mark_started(run)
    with run.lock():
        assert run.alive()
        assert run_state.of(run).name == "starting"
        run.append_event("state", state="running")
        assert run_state.of(run).name == "running"
        run.append_event("state", state="finishing")
        assert run_state.of(run).name == "finishing"
        run.append_event("state", state="paused")
        assert run_state.of(run).name == "paused" and run_state.of(run).active
    assert not run.alive()
    assert run_state.of(run).name == "queued"


def test_a_started_run_gets_time_to_take_its_lock_and_then_waits_for_another_trainer(run):
    run_state.mark_started(run)
    assert run_state.of(run).name == "starting" and not run_state.waits_for_trainer(run)
    let_time_pass(run)
    assert run_state.of(run).name == "queued" and run_state.waits_for_trainer(run)


def let_time_pass(run):
    """Let so much time pass that a launched trainer counts as late."""
    long_ago = time.time() - run_state.START_GRACE_SECONDS - 1
    os.utime(run.file("started"), (long_ago, long_ago))


def test_a_trainer_that_dies_without_a_word_is_replaced_three_times_and_no_more(run):
    run_state.mark_started(run)
    for relaunch in range(run_state.MOST_RELAUNCHES + 1):
        run.append_event("state", state="running")
        let_time_pass(run)
        assert run_state.waits_for_trainer(run) == (relaunch < run_state.MOST_RELAUNCHES)
        run_state.mark_started(run)
    let_time_pass(run)
    assert run_state.of(run).name == "failed"
    assert "so did those of the trainers" in run_state.of(run).text


def test_a_run_whose_last_trainer_is_launched_between_two_looks_has_not_failed(run, monkeypatch):
    for _ in range(run_state.MOST_RELAUNCHES):
        run_state.mark_started(run)
        run.append_event("state", state="starting")
        let_time_pass(run)
    look = run_state._launching
    launched = []

    def look_and_launch(self):
        seen = look(self)
        if not launched:
            launched.append(True)
            run_state.mark_started(run)
        return seen

    monkeypatch.setattr(run_state, "_launching", look_and_launch)
    assert run_state.of(run).name == "starting"


def test_a_trainer_that_dies_before_its_first_word_is_replaced_as_often(run):
    run_state.mark_started(run)
    for _ in range(run_state.MOST_RELAUNCHES):
        let_time_pass(run)
        assert run_state.waits_for_trainer(run)
        run_state.mark_started(run)
        assert run_state.of(run).name == "starting"
    let_time_pass(run)
    assert not run_state.waits_for_trainer(run) and run_state.of(run).name == "failed"


@pytest.mark.parametrize("last", ["failed", "stopped"])
def test_a_run_whose_trainer_reported_the_end_waits_for_nothing(run, last):
    run_state.mark_started(run)
    let_time_pass(run)
    run.append_event("state", state="running")
    run.append_event("state", state=last)
    assert run_state.of(run).name == last and not run_state.waits_for_trainer(run)


def test_a_run_waits_until_it_is_started_or_cancelled(run):
    assert run_state.waits_for_trainer(run)
    requests.stop(run)
    assert not run_state.waits_for_trainer(run)


def test_events_that_a_resumed_trainer_wrote_again_replace_the_lost_ones(run):
    for epoch, step in ((1, 1), (1, 2)):
        saying.batch(run, step, epoch)
    saying.epoch(run, 1)
    saying.batch(run, 3, epoch=2)
    run.append_event("intervention", what="pause", epoch=2, step=3)
    run.append_event("resumed", epoch=1)
    saying.batch(run, 3, epoch=2)
    saying.batch(run, 4, epoch=2)
    kept = [(e["event"], e.get("step")) for e in run.learning_events()]
    assert kept == [
        ("batch", 1),
        ("batch", 2),
        ("epoch", None),
        ("intervention", 3),
        ("resumed", None),
        ("batch", 3),
        ("batch", 4),
    ]


def complete(folder, epochs_run):
    """Write a result into `folder`: two model files and a card with their hashes."""
    folder.mkdir(exist_ok=True)
    for name in ("model.keras", "model.tflite", "test.npz"):
        (folder / name).write_bytes(f"{name} after {epochs_run} epochs".encode())
    hashes = {path.name: {"sha256": file_sha256(path)} for path in folder.glob("model.*")}
    files.write_json(folder / "card.json", {"stopped": False, "epochs_run": epochs_run, "files": hashes})


def consistent(run):
    card = run.card()
    return card is None or all(
        file_sha256(run.file(name)) == entry["sha256"] for name, entry in card["files"].items()
    )


@pytest.mark.parametrize("moves", range(4))
def test_a_result_replaces_the_previous_one_and_a_crash_on_the_way_mixes_nothing(run, monkeypatch, moves):
    run_state.mark_started(run)
    complete(run.folder, epochs_run=2)
    run.append_event("state", state="finishing")
    let_time_pass(run)
    complete(run.file("unfinished"), epochs_run=4)
    assert consistent(run) and run.card()["epochs_run"] == 2
    replace, done = os.replace, []

    def killed_after(source, target):
        if len(done) == moves:
            raise InterruptedError
        done.append(replace(source, target))

    with monkeypatch.context() as patched, pytest.raises(InterruptedError):
        patched.setattr(publication.os, "replace", killed_after)
        publication.publish(run)
    assert consistent(run)
    assert run_state.of(run).name == "queued", "another trainer finishes it"
    publication.publish(run)
    assert consistent(run) and run.card()["epochs_run"] == 4
    assert run.file("test.npz").read_bytes() == b"test.npz after 4 epochs"
    assert run_state.of(run).name == "finished"
    assert not run.file("unfinished").exists()


def test_a_card_means_complete_whatever_the_events_say(run):
    run.append_event("state", state="running")
    files.write_json(run.file("card.json"), {"stopped": False})
    assert run_state.of(run) == run_state.State("finished", "Finished.", has_model=True)
    files.write_json(run.file("card.json"), {"stopped": True, "best_epoch": 3})
    assert run_state.of(run).name == "stopped"
    assert "epoch 3" in run_state.of(run).text


def test_events_are_read_in_pieces_and_a_half_line_waits(run):
    saying.batch(run, 1)
    events, offset = run.events_after(0)
    assert [event["step"] for event in events] == [1]
    with run.file("events.jsonl").open("a") as file:
        file.write('{"event": "validation", "time": 1.0, "epoch": 1, "ba')
    assert run.events_after(offset) == ([], offset)
    with run.file("events.jsonl").open("a") as file:
        file.write('tch": 2}\n')
    events, offset = run.events_after(offset)
    assert [event["batch"] for event in events] == [2]
    assert run.events_after(offset) == ([], offset)


def test_the_folder_can_be_read_wherever_the_trainer_was_killed(run):
    """Cut the event file after every byte: no error, and never an event that was not written."""
    for step in (1, 2, 3):
        saying.batch(run, step)
    run.append_event("state", state="running")
    whole = run.file("events.jsonl").read_bytes()
    events = run.events()
    for length in range(len(whole) + 1):
        run.file("events.jsonl").write_bytes(whole[:length])
        assert run.events() == events[: whole[:length].count(b"\n")]
        run_state.of(run)


def test_the_line_after_a_half_line_is_not_lost(run):
    run_state.mark_started(run)
    run.file("events.jsonl").write_text('{"event": "ba')
    run.append_event("state", state="failed")
    assert [event["event"] for event in run.events()] == ["state"]
    assert run_state.of(run).name == "failed"


def test_the_log_tail_is_short_and_survives_odd_bytes(run):
    run.file("log.txt").write_bytes(b"".join(b"line %d \xff\n" % i for i in range(100)))
    tail = run.log_tail(5).splitlines()
    assert len(tail) == 5
    assert tail[-1].startswith("line 99")


def test_a_recorded_run_cannot_be_stopped(run):
    with pytest.raises(RunError, match="recording"):
        requests.stop(run_folder.Run(run.folder, recorded=True))


def test_a_file_is_replaced_as_a_whole_and_leaves_no_temporary_one_behind(tmp_path):
    path = tmp_path / "card.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        files.write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [found.name for found in tmp_path.iterdir()] == ["card.json"]


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path):
    run_store.create_at(tmp_path / "here", Settings())
    with pytest.raises(RunError, match="already holds a run"):
        run_store.create_at(tmp_path / "here", Settings())


def test_the_app_neither_starts_nor_deletes_a_run_from_the_command_line(run):
    run_store.create_at(paths.runs() / "command-line" / "20260101-000000-cnn-0", Settings())
    assert [found.id for found in run_store.all_runs()] == [run.id]


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"created": 1}', '{"created": null, "settings": {}}', "é"]
)
def test_settings_of_another_form_neither_hide_nor_break_the_other_runs(run, key, content):
    broken = run.folder.with_name("broken-run")
    broken.mkdir()
    (broken / "settings.json").write_text(content, encoding="latin-1")
    assert [found.id for found in run_store.list_runs(key)] == [run.id]
    with pytest.raises(RunError, match=r"no readable settings\.json"):
        _ = run_folder.Run(broken).settings


@pytest.mark.parametrize("content", ["", '{"name": "x", "te', "[]", "null"])
def test_a_damaged_card_is_a_failed_run_not_an_error(run, content):
    run_state.mark_started(run)
    run.file("card.json").write_text(content)
    assert run_state.of(run).name == "failed"
    assert "card.json" in run_state.of(run).text
    with pytest.raises(RunError, match=r"damaged card\.json"):
        run.card()


def test_a_run_of_another_version_still_has_its_name(run):
    header = json.loads(run.file("settings.json").read_text())
    header |= {"name": "", "settings": header["settings"] | {"warmup": 3}}
    run.file("settings.json").write_text(json.dumps(header))
    assert run_folder.Run(run.folder).name.startswith("simple-cnn")


def test_a_deleted_run_does_not_read_as_waiting(run):
    shutil.rmtree(run.folder)
    assert run_state.of(run).name == "failed"
    assert "deleted" in run_state.of(run).text


def test_a_clock_set_back_does_not_keep_a_dead_run_starting(run):
    run_state.mark_started(run)
    ahead = time.time() + 3600
    os.utime(run.file("started"), (ahead, ahead))
    assert run_state.of(run).name == "queued"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file modes")
def test_a_visitors_folder_and_all_requests_in_it_are_private(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    run = run_store.create(Settings(), run_store.new_key(), extra=b"digits")
    run_state.mark_started(run)
    with run.lock():
        run.append_event("state", state="running")
        requests.learning_rate(run, 0.01)
        requests.step(run)
        requests.stop(run)
    paths_made = [run.folder.parent, run.folder, *run.folder.iterdir()]
    assert len(paths_made) >= 10
    for path in paths_made:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2066b\u200fc\x07", "abc"),
        ("one\ntwo\u2028three", "one two three"),
        ("a\ud800b", "ab"),
        ("👩\u200d🏫 first try", "👩\u200d🏫 first try"),
        ("\u202e", ""),
    ],
)
def test_no_name_of_a_run_reverses_or_hides_the_text_around_it(typed, kept):
    assert run_folder.clean_name(typed) == kept
