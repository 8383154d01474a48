"""Trainings on a Dask cluster: a real scheduler and workers on loopback, some of which are killed.

Most runs imitate the trainer (imitated_trainer.py), because what is tested lies between app and worker; only
one trains. Starting a cluster takes longest, so all tests share one, and a test that kills a worker replaces
it.
"""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from benchmarks.support.loopback_cluster import cluster as cluster_of
from digitcore import backends, datasets, paths
from digitcore.cluster import backend as cluster_backend
from digitcore.cluster import mirror, worker
from digitcore.cluster import reading as cluster_reading
from digitcore.datasets import own
from digitcore.datasets.collecting import building
from digitcore.errors import ImageError, RunError
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.reading import batch
from digitcore.runs import cards, requests, sweep
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from tests.datasets.collecting import signs
from tests.runs import imitated_trainer

SHORT = Settings(architecture="mlp-128", epochs=5, n_train=200)
REAL = Settings(architecture="mlp-128", epochs=3, n_train=imitated_trainer.N_TRAIN_OF_REAL_RUNS)
# A busy machine needs this long; a wait ends as soon as its condition is true.
PATIENCE_SECONDS = 300

pytestmark = pytest.mark.timeout(2 * PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    with cluster_of(tmp_path_factory.mktemp("dask"), "a", "b") as started:
        yield started


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def app(dask):
    """Starts an app's queue each time it is called, and ends the one before."""
    started = []

    def start():
        if started:
            end(started[-1])
        backend = cluster_backend.DaskBackend(dask.address, imitated_trainer.TRAINER)
        started.append(run_queue.Queue(backend))
        wait_for(lambda: backend.places() == len(dask.workers))
        return started[-1]

    yield start
    end(started[-1])


def end(queue):
    queue.close()
    queue.backend.close()


def wait_for(condition, queue=None, what=lambda: ""):
    """Wait until a condition is true, meanwhile dispatching the queue as its own thread would."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, what()
        if queue:
            queue.dispatch()
        time.sleep(0.1)


def wait_for_state(queue, run, *names):
    """Until a run is in one of these states; at its end, until its last events are here, which come after its
    files."""

    def is_there():
        name = run_state.of(run).name
        return name in names and (name not in ("finished", "stopped") or run.last_state() == name)

    wait_for(is_there, queue, lambda: f"{run_state.of(run)}: {run.log_tail()}")


def epochs(run):
    return [event["epoch"] for event in run.events() if event["event"] == "epoch"]


def begin(queue, settings=SHORT):
    """A run that pauses before its first epoch, so that no test races against its trainer."""
    run = run_store.create(settings, run_store.new_key())
    run.file("pause").touch()
    wait_for_state(queue, run, "paused")
    return run


def step(queue, run):
    requests.step(run)
    learnt = len(epochs(run)) + 1
    wait_for(
        lambda: len(epochs(run)) == learnt and not run.file("step").exists() and run.last_state() == "paused",
        queue,
        lambda: f"{run_state.of(run)}: {run.log_tail()}",
    )


def worker_of(dask, run):
    """The name of the worker that has a run."""
    return next(name for name in dask.workers if list(dask.folder.glob(f"{name}/**/digitlab/*{run.id}*")))


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_run_on_a_worker_leaves_the_folder_that_it_leaves_here(app):
    queue = app()
    run = queue.submit(SHORT, run_store.new_key())
    assert run_state.of(run).active
    wait_for_state(queue, run, "finished")
    assert epochs(run) == [1, 2, 3, 4, 5]
    assert run.last_state() == "finished" and run.log_tail() == "the imitation's log"
    assert run.file("model.keras").stat().st_size == 5_000_001
    assert len(list(run.file("replay").iterdir())) == 5
    wait_for(lambda: not run.alive(), queue)
    here = {path.name for path in run.folder.iterdir()}
    assert here == {
        *("settings.json", "started", "lock", "log.txt", "events.jsonl"),
        *("checkpoint.npz", "replay", "model.keras", "card.json"),
    }, "what the trainer removed is gone here too, and nothing half-copied is left"


def test_ones_own_data_set_goes_along_to_the_worker_and_its_pictures_stay_nowhere_else(app, dask, tmp_path):
    queue, key = app(), run_store.new_key()
    place = run_store.owner_folder(key) / paths.DATASETS / own.new_name()
    brought = signs.folder(tmp_path / "signs", signs.files("+x"))
    building.keep(building.build([brought]), place, "Signs", "here")
    settings = Settings.for_architecture("mlp-128", dataset=place.name, n_train=15, epochs=2)
    run = queue.submit(settings, key)
    wait_for_state(queue, run, "finished")
    assert run.card()["learnt from"] == 15
    wait_for(lambda: not run.alive(), queue)
    wait_for(lambda: not run.file(place.name, paths.DATA).exists(), queue)
    assert datasets.describe(place.name).class_names == ("+", "x")
    assert (place / paths.DATA).is_file() and not list(dask.folder.rglob(f"{place.name}/{paths.DATA}"))


def test_a_run_outlives_its_app_and_the_next_app_finds_it(app):
    queue = app()
    run = begin(queue)
    step(queue, run)
    end(queue)
    assert not run.alive(), "nobody relays it now"
    next_app = app()
    wait_for(run.alive)
    step(next_app, run)
    requests.resume(run)
    wait_for_state(next_app, run, "finished")
    assert epochs(run) == [1, 2, 3, 4, 5], "nothing is missing and nothing is told twice"
    assert len({event["pid"] for event in run.events() if event["event"] == "epoch"}) == 1


def test_two_apps_over_one_folder_of_runs_do_not_disturb_each_other(app, dask):
    queue = app()
    run = begin(queue)
    other = run_queue.Queue(cluster_backend.DaskBackend(dask.address, imitated_trainer.TRAINER))
    try:
        wait_for(lambda: other.backend.places() == 2)
        other.dispatch()
        assert other.backend.alive(run) is None and run_state.of(run).name == "paused"
        other.stop(run)
        wait_for_state(queue, run, "stopped")
    finally:
        end(other)


def test_a_sweep_spreads_over_the_workers_and_leaves_nothing_there(app, dask):
    queue = app()
    planned = sweep.plan("mlp-128", {"epochs": (1, 2, 3)}, n_train=200)
    mine = sweep.submit(queue, planned, run_store.new_key(), "grid")
    wait_for(lambda: all(run_state.of(run).has_model for run in mine), queue)
    rows = sweep.table(mine)
    assert [row.values for row in rows] == [{"epochs": epochs} for epochs in (1, 2, 3)]
    assert [row.epochs for row in rows] == [1, 2, 3] and all(row.accuracy == 0.9 for row in rows)
    assert len({run.card()["worker"] for run in mine}) == 2
    end(queue)
    assert not list(dask.folder.glob("*/**/digitlab/*")), "workers keep nothing of what is complete"


def test_without_a_cluster_a_run_is_refused_in_one_sentence():
    backend = backends.on_cluster("tcp://127.0.0.1:9", patience=0.1)
    queue = run_queue.Queue(backend)
    key = run_store.new_key()
    with pytest.raises(RunError, match=r"cluster at tcp://127.0.0.1:9 "):
        queue.submit(SHORT, key)
    assert run_store.list_runs(key) == [] and backend.places() == 0


def test_a_trainer_that_does_not_obey_a_stop_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
    training = worker.Training("task", tmp_path, ("-c", DEAF))
    training.complete.set()
    assert training.run_to_the_end() == 128 + signal.SIGKILL
    assert training.phase == worker.ENDED


DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1], "stop").touch()
time.sleep(600)
"""


def test_a_process_on_a_leash_ends_with_its_owner():
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, cwd=paths.REPOSITORY
    )
    child = psutil.Process(int(owner.stdout.readline()))
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    child.wait(PATIENCE_SECONDS)


OWNER = """
import subprocess, sys, time
child = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
leash = [sys.executable, "-m", "digitcore.cluster.die_with_owner", sys.executable, "-c", child]
subprocess.Popen(leash, stdin=subprocess.PIPE)
time.sleep(600)
"""


def small_model():
    content = model_store.files("mlp-128-128")["model.tflite"].read_bytes()
    return content, model_store.card("mlp-128-128")


def test_a_folder_is_read_on_the_cluster_as_it_is_here_although_a_worker_dies(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_reading, "CHUNK_PICTURES", 2)
    samples = sorted((paths.REPOSITORY / "samples").glob("*.*g"))[:5]
    items = [(path.name, path.read_bytes()) for path in samples]
    items += [("broken.png", b"no picture"), ("none.png", ImageError("There is no such file."))]
    items = [(f"{round}/{name}", data) for round in range(3) for name, data in items]
    classifier = model_store.load("mlp-128-128")
    expected = [(row.name, row.text, row.error) for row in batch.read_pictures(items, classifier)]
    with cluster_reading.connected(dask.address) as client:
        wait_for(lambda: len(client.nthreads()) == 2)
        rows = cluster_reading.read_pictures(items, small_model(), client)
        found = [next(rows)]
        dead = next(iter(dask.workers))
        dask.kill(dead)
        found += rows
    dask.add(dead)
    assert [(row.name, row.text, row.error) for row in found] == expected


def test_only_a_few_chunks_are_ahead_of_what_is_printed(dask, monkeypatch):
    monkeypatch.setattr(cluster_reading, "CHUNK_PICTURES", 2)
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield str(number), ImageError("There is no such file.")

    with cluster_reading.connected(dask.address) as client:
        wait_for(lambda: len(client.nthreads()) == 2)
        rows = cluster_reading.read_pictures(items(), small_model(), client)
        assert next(rows).name == "0"
        assert len(taken) <= 2 * 2 * cluster_reading.CHUNKS_A_THREAD
        rows.close()


def test_no_name_leaves_a_runs_folder(tmp_path):
    for name in ("../card.json", "/etc/passwd", "", "a/../../b"):
        with pytest.raises(ValueError, match="expected the name of a file in a run's folder"):
            mirror.answer(tmp_path, mirror.Question(reads=[(name, 0)]))


@pytest.mark.long
def test_a_training_whose_worker_is_killed_continues_elsewhere_and_stops_when_asked(app, dask):
    queue = app()
    run = begin(queue, REAL)
    step(queue, run)
    dead = worker_of(dask, run)
    trainers = [each for each in psutil.process_iter(["cmdline"]) if run.id in str(each.info["cmdline"])]
    assert len(trainers) == 2, "one at work and its leash"
    dask.kill(dead)
    wait_for(lambda: not any(map(is_alive, trainers)))
    wait_for(lambda: any(event["event"] == "resumed" for event in run.events()), queue, run.log_tail)
    dask.add(dead)
    step(queue, run)
    queue.stop(run)
    wait_for_state(queue, run, "stopped")
    assert [event["epoch"] for event in run.events() if event["event"] == "resumed"] == [1]
    assert epochs(run) == [1, 2], "nothing that was learnt is lost, and nothing is learnt twice"
    card = run.card()
    assert card["epochs_run"] == 2 and card["stopped"]
    assert card["files"] == cards.hashes(run.folder.glob("model*.*")) and len(card["files"]) == 4
    assert {path.name for path in run.file("replay").glob("epoch-*")} == {
        f"epoch-{epoch:03}.npz" for epoch in range(3)
    }
