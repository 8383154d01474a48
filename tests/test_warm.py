"""A run's result does not tell whether its trainer had trained others before."""

import hashlib
import subprocess
import sys
import time

import pytest

from digitcore import jobs, limits, model_store, runs, training
from digitcore.local_trainers import LocalTrainers
from digitcore.settings import Settings

TINY = Settings(architecture="custom", epochs=2, n_train=600, batch_size=50, seed=3, dropout=0.3, shift=1.0)
OTHER = Settings(architecture="cnn", epochs=1, n_train=100, batch_size=50, seed=8)

COLD = "from tests.test_warm import TINY, learnt; print(learnt(TINY))"


def learnt(settings):
    """The names of the layers and a hash of the weights after a fit."""
    model = training.fit(settings, lambda event, **values: None).model
    weights = b"".join(array.tobytes() for array in model.get_weights())
    return f"{[layer.name for layer in model.layers]} {hashlib.sha256(weights).hexdigest()}"


def test_a_warm_trainer_leaves_the_same_weights_under_the_same_names_as_a_fresh_one():
    cold = subprocess.run(
        [sys.executable, "-c", COLD], cwd=runs.REPOSITORY, capture_output=True, text=True, check=True
    )
    for before in (OTHER, TINY):
        learnt(before)
        training.forget()
    assert learnt(TINY) == cold.stdout.strip().splitlines()[-1]


@pytest.mark.timeout(600)  # on a busy machine TensorFlow alone takes a minute
def test_two_runs_go_through_the_queue_and_one_trainer_to_two_equal_models_that_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    queue = jobs.Queue(backend=LocalTrainers(limits.PROFILES["laptop"], places=1))
    submitted = [queue.submit(TINY, runs.new_key()) for _ in range(2)]
    assert [queue.place(run) for run in submitted] == [None, 1]
    end = time.monotonic() + 500
    while any(run.state().active for run in submitted):
        assert time.monotonic() < end, [run.log_tail() for run in submitted]
        queue.dispatch()
        time.sleep(0.2)
    for run in submitted:
        assert run.state().name == "finished", run.log_tail()
        states = [event["state"] for event in run.events() if event["event"] == "state"]
        assert states == ["starting", "running", "finishing", "finished"]
        assert model_store.load_folder(run.folder).name == run.id
        assert run.log_tail().count("test accuracy") == 1
    cold, warm = (run.card() for run in submitted)
    for part in ("validation", "test", "calibration"):
        assert cold[part] == warm[part]
    assert cold["test"]["n"] == 10_000 and cold["test"]["misses"] < 4000
    (trainer,) = queue.backend._trainers
    assert trainer.process.poll() is None, "it waits for a third one"
    trainer.process.stdin.close()
    trainer.process.wait(60)
