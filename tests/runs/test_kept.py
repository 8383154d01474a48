"""A run folder from an earlier version of the program can be listed, loaded, replayed and continued.

`kept/` holds a finished run of 500 digits and two epochs as version 485bce1 wrote it: never write it again.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from digitcore import datasets
from digitcore.networks import model_store
from digitcore.runs import recording, requests
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.history import History
from digitcore.training import checkpoint

KEPT = Path(__file__).parent / "kept" / "20261129-101500-custom-0a1b2c3d"


@pytest.fixture
def key(tmp_path, monkeypatch):
    """The key of a visitor who has that run, with its files made old, as on a disk that has been in use."""
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    key = run_store.new_key()
    return key if copy_to(run_store.owner_folder(key) / KEPT.name) else None


def copy_to(folder):
    shutil.copytree(KEPT, folder)
    for path in folder.rglob("*"):
        os.utime(path, (1.7e9, 1.7e9))
    return folder


def test_it_is_listed_as_it_was(key):
    (run,) = run_store.list_runs(key)
    assert (run.name, run.settings.epochs, run.settings.n_train) == ("Kept from before", 2, 500)
    state = run_state.of(run)
    assert (state.name, state.text, state.has_model) == ("finished", "Finished.", True)
    assert run_store.find(key, KEPT.name).card()["test"]["misses"] == 7839


def test_its_network_reads_the_digits_that_it_read(key):
    (run,) = run_store.list_runs(key)
    network = model_store.load_folder(run.folder)
    images, _ = datasets.load("mnist", "test")
    answers = network.predict(images[:1000].astype(np.float32) / 255)
    with np.load(run.file("test.npz")) as file:
        assert np.allclose(answers, file["probabilities"][:1000], atol=1e-5)


def test_it_is_replayed(key):
    (run,) = run_store.list_runs(key)
    assert recording.epochs(run) == [0, 1, 2]
    images, labels = recording.row(run)
    assert images.shape == (20, 28, 28) and sorted(labels) == sorted([*range(10)] * 2)
    frames = [recording.frame(run, epoch) for epoch in (0, 1, 2)]
    assert [frame.weights.shape for frame in frames] == [(8, 28, 28)] * 3
    right = [int(np.trace(frame.confusion)) for frame in frames]
    assert right[0] < right[1] < right[2]
    history = History(2).read(run)
    assert [epoch["epoch"] for epoch in history.epochs] == [1, 2] and len(history.points) == 4


def test_it_continues_from_its_checkpoint(key):
    (run,) = run_store.list_runs(key)
    requests.more_epochs(run, 1)
    state = run_state.of(run)
    assert run_state.waits_for_trainer(run) and state.name == "queued" and state.has_model
    reached = checkpoint.read(run.file("checkpoint.npz"))
    assert (reached.epoch, reached.best_epoch) == (2, 2)
    assert [weights.shape for weights in reached.weights] == [(784, 8), (8,), (8, 10), (10,)]
