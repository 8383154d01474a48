"""Training is another process that leaves files: whoever is killed, the runs tell the truth.

These tests start real trainers on real MNIST.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from digitcore import jobs, memory, model_store, run_folder, runs
from digitcore.errors import RunError
from digitcore.settings import Settings

QUICK = Settings(architecture="mlp-128", epochs=1, n_train=500)
ENDLESS = Settings(architecture="mlp-128", epochs=60)

# An app that submits one run and lives on: what is killed here stands for a killed Streamlit server.
APP = """
import sys, time
from digitcore import jobs
from digitcore.settings import Settings
run = jobs.Queue(limit=1).start().submit(Settings(architecture="mlp-128", epochs=60), sys.argv[1])
print(run.id, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    yield
    for process in trainers(tmp_path):
        process.kill()


@pytest.fixture
def queue():
    queue = jobs.Queue(limit=1).start()
    yield queue
    queue.close()


def trainers(folder):
    """The training processes whose run lies below `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "train" in line and any(str(folder) in part for part in line):
            found.append(process)
    return found


def wait_for(run, *states, seconds=90):
    end = time.monotonic() + seconds
    while (state := run.state()).name not in states:
        assert time.monotonic() < end, f"still {state} after {seconds} s: {run.log_tail()}"
        assert state.active or state.name in states, f"{state}: {run.log_tail()}"
        time.sleep(0.05)
    return state


def wait_for_epoch(run, epoch=1, seconds=90):
    end = time.monotonic() + seconds
    while not any(e["event"] == "epoch" and e["epoch"] >= epoch for e in run.events()):
        assert time.monotonic() < end, run.log_tail()
        time.sleep(0.05)


def test_a_run_goes_from_the_queue_to_a_model_that_reads(queue):
    key = runs.new_key()
    run = queue.submit(QUICK, key, name="quick")
    assert run.state().active
    assert wait_for(run, "finished").has_model
    card = run.card()
    assert card["test"]["n"] == 10_000
    assert card["test"]["misses"] == round((1 - card["test"]["accuracy"]) * 10_000) < 4000
    assert card["exports"]["model.tflite"]["agreement"] >= 0.999
    assert all(run.file(f"model.{kind}").exists() for kind in ("tflite", "keras", "h5"))
    assert not run.file("draft.json").exists()
    states = [event["state"] for event in run.events() if event["event"] == "state"]
    assert states == ["starting", "running", "finishing", "finished"]
    assert model_store.load_folder(run.folder).name == run.id
    assert not run.alive()


def test_runs_wait_their_turn_in_order_and_a_waiting_one_can_be_cancelled(queue):
    first, second, third = (queue.submit(ENDLESS, runs.new_key()) for _ in range(3))
    assert [queue.place(run) for run in (first, second, third)] == [None, 1, 2]
    queue.stop(second)
    assert second.state().name == "stopped" and not second.state().has_model
    assert queue.place(third) == 1
    queue.stop(first)  # while TensorFlow is being loaded: nothing learnt, nothing kept
    assert wait_for(first, "stopped").has_model is False
    wait_for(third, "starting", "running")
    queue.stop(third)
    wait_for(third, "stopped")
    assert second.state().name == "stopped", "a cancelled run never starts"
    assert not second.file("started").exists()


def test_stop_ends_the_fit_within_a_second_and_the_best_epoch_becomes_a_model(queue):
    run = queue.submit(ENDLESS, runs.new_key())
    wait_for_epoch(run)
    queue.stop(run)
    asked = time.time()
    assert wait_for(run, "stopped").has_model
    finishing = [e["time"] for e in run.events() if e["event"] == "state" and e["state"] == "finishing"]
    # The promise is one second; the rest is for a test machine that does other things too.
    assert finishing[0] - asked < 5
    card = run.card()
    assert card["stopped"] and 1 <= card["best_epoch"] <= card["epochs_run"] < 60
    assert card["test"]["accuracy"] > 0.9


def test_a_killed_trainer_shows_as_failed_with_the_end_of_its_log_and_the_next_run_starts(queue, tmp_path):
    run, following = queue.submit(ENDLESS, runs.new_key()), queue.submit(QUICK, runs.new_key())
    wait_for(run, "running")
    trainers(run.folder)[0].kill()
    assert wait_for(run, "failed").has_model is False
    assert run.log_tail()
    wait_for(following, "starting", "running", "finishing", "finished")
    queue.stop(following)


def test_a_killed_app_leaves_a_trainer_that_runs_on_and_that_the_next_app_finds_and_stops():
    key = runs.new_key()
    app = subprocess.Popen([sys.executable, "-c", APP, key], stdout=subprocess.PIPE, text=True)
    run = runs.find(key, app.stdout.readline().strip())
    wait_for_epoch(run)
    app.kill()
    app.wait()
    assert run.alive() and run.state().name == "running"
    next_app = jobs.Queue(limit=1)
    waiting = next_app.submit(QUICK, runs.new_key())
    assert next_app.place(waiting) == 1, "the orphan counts as training"
    next_app.stop(run)
    assert wait_for(run, "stopped").has_model


def test_with_app_and_trainer_killed_the_next_app_sees_a_failed_run_and_an_intact_queue():
    key = runs.new_key()
    app = subprocess.Popen([sys.executable, "-c", APP, key], stdout=subprocess.PIPE, text=True)
    run = runs.find(key, app.stdout.readline().strip())
    wait_for(run, "running")
    waiting = runs.create(QUICK, key)
    for process in (app, *trainers(run.folder)):
        os.kill(process.pid, signal.SIGKILL)
    app.wait()
    wait_for(run, "failed")
    next_app = jobs.Queue(limit=1)
    assert next_app.place(waiting) == 1
    next_app.dispatch()
    assert waiting.state().name == "starting"


def test_two_trainers_cannot_have_one_run():
    run = runs.create(QUICK, runs.new_key())
    with run.lock():
        done = subprocess.run(
            [sys.executable, "-m", "digitcore", "train", "--run", str(run.folder)],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert "being trained by another process" in done.stderr


def test_nobody_fills_the_queue_alone(queue, monkeypatch):
    monkeypatch.setattr(queue.backend, "_places", 0)
    key = runs.new_key()
    for _ in range(jobs.WAITING_PER_VISITOR):
        queue.submit(QUICK, key)
    with pytest.raises(RunError, match="may wait in the queue"):
        queue.submit(QUICK, key)
    queue.submit(QUICK, runs.new_key())


def test_without_memory_a_run_is_refused_in_one_sentence_and_leaves_no_folder(queue, monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 300 * 2**20)
    key = runs.new_key()
    with pytest.raises(RunError, match=r"needs about 0.9 GB of free memory, and this machine has 0.3 GB"):
        queue.submit(QUICK, key)
    assert runs.list_runs(key) == []


def test_a_waiting_run_is_not_started_into_too_little_memory_and_starts_once_there_is_enough(monkeypatch):
    queue = jobs.Queue(limit=1)
    run = runs.create(QUICK, runs.new_key())
    monkeypatch.setattr(memory, "available_memory", lambda: 300 * 2**20)
    queue.dispatch()
    assert run.state().name == "queued" and queue.short_of_memory
    monkeypatch.setattr(memory, "available_memory", lambda: 8 * 2**30)
    queue.dispatch()
    assert run.state().name == "starting" and not queue.short_of_memory


def ended_run(key, created, size=1000):
    run = runs.create(QUICK, key)
    header = {"settings": QUICK.to_dict(), "name": "", "created": created}
    run_folder.write_json(run.file("settings.json"), header)
    run.file("model.tflite").write_bytes(b"x" * size)
    run_folder.write_json(run.file("card.json"), {"stopped": False})
    return run_folder.Run(run.folder)


def test_a_visitors_oldest_ended_runs_make_room_for_new_ones(monkeypatch):
    monkeypatch.setattr(jobs, "KEPT_RUNS_PER_VISITOR", 3)
    key, other = runs.new_key(), runs.new_key()
    mine = [ended_run(key, created=i) for i in range(4)]
    theirs = ended_run(other, created=0)
    waiting = runs.create(QUICK, key)
    jobs.tidy(key)
    assert {run.id for run in runs.list_runs(key)} == {mine[2].id, mine[3].id, waiting.id}
    assert theirs.folder.exists()


def test_the_disk_is_bounded_over_everybody_oldest_first(monkeypatch):
    monkeypatch.setattr(jobs, "KEPT_BYTES", 35_000)
    kept = [ended_run(runs.new_key(), created=i, size=10_000) for i in range(5)]
    jobs.tidy(runs.new_key())
    assert [run.folder.exists() for run in kept] == [False, False, True, True, True]


def test_one_damaged_run_does_not_hold_up_everybodys_queue(monkeypatch):
    launched = []
    queue = jobs.Queue(limit=1)
    monkeypatch.setattr(queue.backend, "launch", launched.append)
    for damage in ("card.json", "events.jsonl"):
        damaged = runs.create(QUICK, runs.new_key())
        damaged.mark_started()
        if damage == "card.json":
            damaged.file(damage).write_text('{"name": "x", "te')
        else:
            damaged.file(damage).mkdir()  # cannot be read, as in a folder of another user's
    run = queue.submit(QUICK, runs.new_key())
    assert [launch.id for launch in launched] == [run.id]


def test_a_run_that_cannot_be_started_lets_the_next_one_go_first(monkeypatch):
    launched = []

    def launch(run):
        if run.folder == first.folder:
            raise PermissionError(13, "Permission denied")
        launched.append(run.id)

    first, second = (runs.create(QUICK, runs.new_key()) for _ in range(2))
    queue = jobs.Queue(limit=1)
    monkeypatch.setattr(queue.backend, "launch", launch)
    queue.dispatch()
    assert launched == [second.id]


def test_many_clicks_at_once_take_no_more_places_than_one_visitor_has(monkeypatch):
    queue = jobs.Queue(limit=1)
    monkeypatch.setattr(queue.backend, "_places", 0)
    key = runs.new_key()

    def submit(_):
        with contextlib.suppress(RunError):
            queue.submit(QUICK, key)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(submit, range(12)))
    assert len(runs.list_runs(key)) == jobs.WAITING_PER_VISITOR


def test_a_full_disk_is_said_in_one_sentence(queue, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "write_json", full)
    with pytest.raises(RunError, match="could not be kept: No space left on device"):
        queue.submit(QUICK, runs.new_key())
