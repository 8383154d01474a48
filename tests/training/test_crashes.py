"""Whatever is killed, and whenever: a run continues where it was, ends as it would have, and is never
corrupt.

These are a few seeded points; `python -m benchmarks.crashes` kills at a hundred random ones.
"""

import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest

from digitcore import backends
from digitcore.networks.model_store import file_sha256
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue
from digitcore.runs import recording, requests, run_folder
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.training import checkpoint
from tests.runs import test_kept

# With dropout, a schedule and a best epoch: 3 epochs of 4 batches.
TINY = Settings(
    architecture="custom", depth=1, width=16, dropout=0.3, epochs=3, n_train=100, batch_size=32, seed=11
).to_dict() | {"schedule": "cosine", "learning_rate": 0.01}
SEED = 20


@pytest.fixture(scope="module")
def trainers():
    """Trains the run in a folder up to a point; returns "killed" or the exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.training.crashing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )

    def train(run, point="never", number=0):
        process.stdin.write(f"{run.folder} {point} {number}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    yield train
    process.stdin.close()
    process.wait()


@pytest.fixture(scope="module")
def undisturbed(trainers, tmp_path_factory):
    run = run_store.create_at(tmp_path_factory.mktemp("undisturbed") / "run", Settings.from_dict(TINY))
    assert trainers(run) == "0", run.log_tail(30)
    return run


def curves(run):
    return [
        {name: value for name, value in event.items() if name not in ("time", "seconds")}
        for event in run.learning_events()
        if event["event"] == "epoch"
    ]


@pytest.mark.long
def test_a_run_killed_at_every_kind_of_point_ends_as_if_nothing_had_happened(trainers, undisturbed, tmp_path):
    points = random.Random(SEED)
    run = run_store.create_at(tmp_path / "run", Settings.from_dict(TINY))
    for point, number in (
        ("batch", points.randint(1, 8)),
        ("checkpoint", points.randint(1, 2)),
        ("export", points.randint(1, 4)),
        ("move", points.randint(0, 4)),
    ):
        assert trainers(run, point, number) == "killed", run.log_tail(30)
        assert run_state.of(run).name == "queued" and run_state.waits_for_trainer(run), (point, number)
        assert run.card() is None
        assert run.events() and checkpoint.read(run.file("checkpoint.npz")) is not None
    assert trainers(run) == "0", run.log_tail(30)
    assert run_state.of(run).name == "finished" and not run_state.waits_for_trainer(run)
    assert not run.file("unfinished").exists()
    assert_the_card_describes_the_files(run)
    assert curves(run) == curves(undisturbed)
    mine, theirs = (checkpoint.read(r.file("checkpoint.npz")) for r in (run, undisturbed))
    assert mine.best_epoch == theirs.best_epoch
    for name in ("weights", "optimizer", "best_weights"):
        for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
            assert np.array_equal(a, b), name
    tflite = run_folder.Run(run.folder).file("model.tflite")
    assert tflite.read_bytes() == undisturbed.file("model.tflite").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file modes")
def test_nobody_but_its_owner_reads_what_a_run_leaves(undisturbed):
    everything = [undisturbed.folder, *undisturbed.folder.rglob("*")]
    assert len(everything) > 12
    for path in everything:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_finished_run_keeps_its_model_until_the_further_epochs_are_a_model(trainers, undisturbed):
    run, before = undisturbed, undisturbed.card()
    requests.more_epochs(run, 1)
    assert trainers(run, "export", 3) == "killed", run.log_tail(30)
    assert run_state.of(run).name == "queued" and run_state.of(run).has_model
    assert run.card() == before
    assert_the_card_describes_the_files(run)
    assert trainers(run) == "0", run.log_tail(30)
    assert (run.card()["epochs_run"], run_state.of(run).name) == (4, "finished")
    assert [more["what"] for more in run.card()["interventions"]] == ["more epochs"]
    assert_the_card_describes_the_files(run)


def test_a_run_that_an_earlier_version_finished_can_learn_further_epochs(trainers, tmp_path):
    run = run_folder.Run(test_kept.copy_to(tmp_path / test_kept.KEPT.name))
    before = curves(run)
    requests.more_epochs(run, 1)
    assert trainers(run) == "0", run.log_tail(30)
    assert (run.card()["epochs_run"], run_state.of(run).name) == (3, "finished")
    assert curves(run)[:2] == before and [epoch["epoch"] for epoch in curves(run)] == [1, 2, 3]
    assert recording.epochs(run) == [0, 1, 2, 3]
    assert_the_card_describes_the_files(run)


def assert_the_card_describes_the_files(run):
    files = run.card()["files"]
    assert {"model.keras", "model.tflite"} <= set(files)
    for name, entry in files.items():
        assert file_sha256(run.file(name)) == entry["sha256"], name


# An app that is killed at a call of one function, while it takes a run from a visitor.
APP = """
import os, signal, sys, subprocess
from digitcore import backends
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

point, key = sys.argv[1:]
if point == "settings":
    os.replace = die
elif point == "queued":
    run_queue.Queue.dispatch = die
elif point == "launch":
    subprocess.Popen = die
queue = run_queue.Queue(backends.here(1))
queue.submit(Settings(architecture="mlp-128", n_train=100, epochs=1), key)
"""


@pytest.mark.parametrize("point", ["settings", "queued", "launch"])
def test_an_app_killed_while_it_takes_a_run_leaves_it_whole_or_not_at_all(monkeypatch, tmp_path, point):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    key = run_store.new_key()
    app = subprocess.run([sys.executable, "-c", APP, point, key], capture_output=True, text=True)
    assert app.returncode == -9, app.stderr[-2000:]
    left = run_store.list_runs(key)
    assert len(left) == (point != "settings")
    for run in left:
        assert run.settings.architecture == "mlp-128"
        late = time.time() - run_state.START_GRACE_SECONDS - 1
        if run.file("started").exists():  # nobody comes: after a while it waits again
            assert run_state.of(run).name == "starting"
            os.utime(run.file("started"), (late, late))
        assert run_state.of(run).name == "queued"
        assert [waiting.id for waiting in run_queue.Queue(backends.here(1)).waiting()] == [run.id]
