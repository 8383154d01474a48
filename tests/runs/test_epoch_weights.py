"""The networks after a run's epochs: a bounded number, evenly spread, read back whole or not at all."""

import numpy as np
import pytest

from digitcore import paths
from digitcore.networks.settings import Settings
from digitcore.runs import epoch_weights
from digitcore.runs import store as run_store


@pytest.fixture
def run(tmp_path):
    run = run_store.create_at(tmp_path / "a-run-of-its-own", Settings(epochs=3))
    run.file(paths.REPLAY).mkdir()
    return run


def network(value):
    return [np.full((4, 3), value, np.float32), np.array([1e9, -1e9, 0.1], np.float32)]


def test_kept_weights_come_back_in_sixteen_bits(run):
    epoch_weights.keep(run, 2, network(0.1))
    kernel, bias = epoch_weights.load(run, 2)
    assert kernel.dtype == np.float16 and kernel.shape == (4, 3)
    assert np.allclose(kernel, 0.1, atol=1e-4)
    assert np.isfinite(bias).all()
    assert epoch_weights.epochs(run) == [2]


def test_a_run_keeps_as_many_epochs_as_there_is_room_for_and_evenly_spread(run, monkeypatch):
    monkeypatch.setattr(epoch_weights, "MOST_BYTES", 5 * 30)  # a network has 30 bytes
    for epoch in range(20):
        epoch_weights.keep(run, epoch, network(epoch))
        kept = epoch_weights.epochs(run)
        assert 1 <= len(kept) <= 5
        assert len(set(np.diff(kept))) <= 1
    assert kept == [0, 4, 8, 12, 16]


def test_a_network_that_is_too_large_or_has_no_weights_is_not_kept(run, monkeypatch):
    epoch_weights.keep(run, 1, [])
    monkeypatch.setattr(epoch_weights, "MOST_BYTES", 29)
    epoch_weights.keep(run, 1, network(1))
    assert epoch_weights.epochs(run) == []


def test_missing_or_damaged_weights_are_none(run):
    assert epoch_weights.load(run, 7) is None
    epoch_weights.keep(run, 7, network(1))
    path = next(run.file(paths.REPLAY).glob("weights-*.npz"))
    path.write_bytes(path.read_bytes()[:40])
    assert epoch_weights.load(run, 7) is None
