"""A run's result does not depend on whether its trainer has trained others before."""

import json
import time
import zipfile

import numpy as np
import pytest

from digitcore import backends, limits
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.training import checkpoint, worker

TINY = Settings(architecture="custom", epochs=2, n_train=600, batch_size=50, seed=3, dropout=0.3, shift=1.0)


@pytest.mark.long
@pytest.mark.timeout(600)  # on a busy machine TensorFlow alone takes a minute
def test_two_runs_through_the_queue_and_one_trainer_give_two_equal_models_that_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    monkeypatch.setattr(limits, "current", lambda: limits.PROFILES["laptop"])
    queue = run_queue.Queue(backends.here(1))
    submitted = [queue.submit(TINY, run_store.new_key()) for _ in range(2)]
    assert [queue.place(run) for run in submitted] == [None, 1]
    end = time.monotonic() + 500
    while any(run_state.of(run).active for run in submitted):
        assert time.monotonic() < end, [run.log_tail() for run in submitted]
        queue.dispatch()
        time.sleep(0.2)
    for run in submitted:
        assert run_state.of(run).name == "finished", run.log_tail()
        while states(run)[-1] != "finished":  # told just after the card is written
            assert time.monotonic() < end, states(run)
            time.sleep(0.1)
        assert states(run) == ["starting", "running", "finishing", "finished"]
        assert model_store.load_folder(run.folder).name == run.id
        assert run.log_tail().count("test accuracy") == 1
    cold, warm = submitted
    for part in ("validation", "test", "calibration"):
        assert cold.card()[part] == warm.card()[part]
    assert cold.card()["test"]["n"] == 10_000 and cold.card()["test"]["misses"] < 4000
    assert names(cold) == names(warm)
    for mine, theirs in zip(learnt(cold), learnt(warm), strict=True):
        assert np.array_equal(mine, theirs)
    (trainer,) = queue.backend._trainers
    assert trainer.process.poll() is None, "it waits for a third one"
    trainer.process.stdin.close()
    trainer.process.wait(60)


def states(run):
    return [event["state"] for event in run.events() if event["event"] == "state"]


def names(run):
    """The names of the network's layers, which Keras numbers throughout a process."""
    with zipfile.ZipFile(run.file("model.keras")) as file:
        config = json.loads(file.read("config.json"))["config"]
    return [config["name"], *(layer["config"]["name"] for layer in config["layers"])]


def learnt(run):
    """The arrays of the last epoch: weights, then the optimizer's."""
    reached = checkpoint.read(run.file("checkpoint.npz"))
    return [*reached.weights, *reached.optimizer]


@pytest.mark.parametrize(
    ("left", "taken"), [("card.json", ["first", "second"]), ("log.txt", ["first"])], ids=["result", "none"]
)
def test_a_trainer_takes_another_run_after_one_that_was_stopped_only_if_that_has_a_result(
    tmp_path, monkeypatch, left, taken
):
    done = []

    def train(folder):
        done.append(folder.name)
        (folder / left).write_text("{}")
        return 0

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    orders = iter([tmp_path / "second", None])
    monkeypatch.setattr(worker, "_train", train)
    monkeypatch.setattr(worker._Orders, "_read", lambda self: None)
    monkeypatch.setattr(worker._Orders, "next", lambda self, seconds: next(orders))
    monkeypatch.setattr(worker, "_say", lambda reports, text: None)
    assert worker.main(["--runs", "5", "--megabytes", "100000", str(tmp_path / "first")]) == 0
    assert done == taken
