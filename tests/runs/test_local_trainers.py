"""Processes that train one run after another: handed over, ended, replaced. The training is only
pretended."""

import os
import signal
import sys
import time

import psutil
import pytest

from digitcore import limits, paths
from digitcore.errors import NoRoom
from digitcore.networks.settings import Settings
from digitcore.runs import memory
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.local_trainers import LocalTrainers

TINY = Settings(architecture="mlp-128", epochs=1, n_train=500)
PRETENDED = """
import os, sys, time
from pathlib import Path
from digitcore.runs.run_folder import Run
from digitcore import files
from digitcore.errors import RunError
from digitcore.training import worker

def train(run):
    print("process", os.getpid(), "trains", run.id)
    with run.lock():
        run.append_event("state", state="running")
        while run.name == "slow":
            time.sleep(0.05)
        if run.name == "fails":
            run.append_event("state", state="failed")
            raise RunError("It failed.")
        files.write_json(run.file("card.json"), {"stopped": False})
        run.append_event("state", state="finished")
    time.sleep(0.5 if run.name == "lingers" else 0)  # to come back from a run takes a moment

worker.narration.train = train
sys.exit(worker.main())
"""


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(paths.REPOSITORY))


@pytest.fixture
def command(tmp_path):
    script = tmp_path / "pretended.py"
    script.write_text(PRETENDED)
    return sys.executable, str(script)


@pytest.fixture
def trainers(command):
    made = LocalTrainers(limits.PROFILES["laptop"], command, places=1)
    yield made
    for process in processes(made):
        process.kill()
        process.wait()


def processes(trainers):
    return [trainer.process for trainer in trainers._trainers]


def new_run(name=""):
    return run_store.create(TINY, run_store.new_key(), name)


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def train(trainers, run):
    trainers.launch(run)
    return until(trainers.ended)


def trained_by(run):
    words = run.file("log.txt").read_text().split()
    assert words[2:4] == ["trains", run.id], "each log has the output of its own run"
    return int(words[1])


def test_a_trainer_that_has_finished_takes_the_next_run(trainers):
    first, second = new_run(), new_run()
    assert [(run.id, code) for run, code in train(trainers, first)] == [(first.id, 0)]
    assert [(run.id, code) for run, code in train(trainers, second)] == [(second.id, 0)]
    assert trained_by(first) == trained_by(second)
    assert second.file("started").exists()


def test_the_queue_waits_for_the_trainer_that_comes_back_instead_of_starting_another(trainers):
    queue = run_queue.Queue(trainers)
    submitted = [queue.submit(TINY, run_store.new_key(), "lingers") for _ in range(3)]
    until(lambda: queue.dispatch() or not any(run_state.of(run).active for run in submitted))
    assert len({trained_by(run) for run in submitted}) == 1


def test_a_fresh_trainer_replaces_one_after_as_many_runs_as_the_limits_say(command):
    trainers = LocalTrainers(limits.PROFILES["small"], command, places=1)
    first, second = new_run(), new_run()
    assert train(trainers, first) and train(trainers, second)
    assert trained_by(first) != trained_by(second)
    assert processes(trainers) == [], "and none keeps its memory"


def test_a_trainer_whose_run_failed_takes_no_other(trainers):
    failing, following = new_run("fails"), new_run()
    assert train(trainers, failing)[0][1] == 1
    assert train(trainers, following)[0][1] == 0
    assert trained_by(failing) != trained_by(following)


def test_a_run_handed_to_a_trainer_that_dies_before_it_begins_waits_again_and_another_takes_it(trainers):
    train(trainers, new_run())
    idle = processes(trainers)[0]
    os.kill(idle.pid, signal.SIGSTOP)
    run = new_run()
    trainers.launch(run)
    assert run_state.of(run).name == "starting" and not run_state.waits_for_trainer(run)
    idle.kill()
    until(lambda: trainers.ended() == [] and not processes(trainers))
    assert run_state.waits_for_trainer(run)
    assert train(trainers, run)[0][1] == 0
    assert trained_by(run) != idle.pid


def test_a_trainer_without_work_ends_with_whoever_started_it(trainers):
    train(trainers, new_run())
    idle = processes(trainers)[0]
    idle.stdin.close()  # as when the app is killed
    assert idle.wait(120) == 0


def test_a_trainer_at_work_outlives_whoever_started_it(trainers):
    run = new_run("slow")
    trainers.launch(run)
    until(run.alive)
    process = processes(trainers)[0]
    process.stdin.close()
    time.sleep(0.3)
    assert process.poll() is None and run.alive()


def test_a_fresh_trainer_waits_for_memory_and_an_idle_one_needs_no_more(trainers, monkeypatch):
    enough = memory.available_memory
    monkeypatch.setattr(memory, "available_memory", lambda: 300 * 2**20)
    with pytest.raises(NoRoom):
        trainers.launch(new_run())
    monkeypatch.setattr(memory, "available_memory", enough)
    train(trainers, new_run())
    monkeypatch.setattr(memory, "available_memory", lambda: 300 * 2**20)
    assert train(trainers, new_run())[0][1] == 0


def test_the_memory_of_running_trainers_does_not_make_a_run_too_large_for_the_machine(trainers, monkeypatch):
    train(trainers, new_run())
    idle = processes(trainers)[0].pid
    taken = psutil.Process(idle).memory_info().rss
    monkeypatch.setattr(memory, "available_memory", lambda: memory.trainer_bytes(TINY) - taken // 2)
    trainers.check(TINY)
