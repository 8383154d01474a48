"""A training in words: what is printed of the events, as they come, whoever listens. (That a real training is
told so is in commands/test_training.py.)"""

import os

import pytest

from digitcore import __main__ as command_line
from digitcore.networks.settings import Settings
from digitcore.runs import store as run_store
from digitcore.training import narration

EPOCH = {"loss": 1.5, "accuracy": 0.5, "val_loss": 1.25, "val_accuracy": 0.625, "seconds": 2.0}
EVENTS = [
    {"event": "state", "state": "running"},
    {"event": "batch", "epoch": 1, "batch": 1, "batches": 2, "loss": 1.5, "accuracy": 0.5},
    {"event": "epoch", "epoch": 1, "epochs": 1, **EPOCH},
    {"event": "state", "state": "finishing"},
]
CARD = {
    "test": {"loss": 1.0, "accuracy": 0.75, "misses": 2500, "n": 10_000},
    "best_epoch": 1,
    "epochs_run": 1,
    "seconds": 3.0,
}


@pytest.fixture
def told(monkeypatch):
    """The runs that were trained, by a trainer that tells EVENTS."""
    runs = []

    def train(run, listener):
        runs.append(run)
        for event in EVENTS:
            listener(event)
        return CARD

    monkeypatch.setattr(narration.trainer, "train", train)
    return runs


OPTIONS = ("train", "--architecture", "mlp-128", "--epochs", "1", "--n-train", "500", "--output")


def test_train_shows_its_network_each_epoch_and_the_result(told, tmp_path, capsys):
    assert command_line.main([*OPTIONS, str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["Total", "101,770"] in [line.split() for line in lines]
    assert f"The run is kept in {tmp_path / 'run'}" in lines
    epoch = "epoch 1/1  2.0 s - loss: 1.5000 - accuracy: 0.5000 - val_loss: 1.2500 - val_accuracy: 0.6250"
    assert lines.index(epoch) < lines.index("test accuracy: 0.7500   2500 misses of 10,000")
    assert [run.settings.n_train for run in told] == [500]


def test_a_training_goes_on_to_its_end_though_nobody_listens_any_more(told, tmp_path, monkeypatch):
    run = run_store.create_at(tmp_path / "run", Settings.for_architecture("mlp-128"))
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as broken:
        monkeypatch.setattr("sys.stdout", broken)
        narration.train(run)
        print("and whatever is said later", flush=True)
        monkeypatch.undo()
    assert told == [run]
