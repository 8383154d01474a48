"""The schedules of the settings, step by step."""

import pytest

from digitcore.networks.settings import Settings
from digitcore.training.learning_rate import scheduled


def test_a_constant_schedule_keeps_the_rate_and_the_others_end_at_zero():
    steps = Settings(n_train=1000, batch_size=100, epochs=4).steps_per_epoch * 4
    for schedule, first in (("constant", 0.01), ("cosine", 0.01), ("one-cycle", 0.0005)):
        s = Settings(n_train=1000, batch_size=100, epochs=4, learning_rate=0.01, schedule=schedule)
        assert scheduled(s, 0) == pytest.approx(first)
        assert scheduled(s, steps - 1) == pytest.approx(0.01 if schedule == "constant" else 0.0, abs=1e-9)


def test_one_cycle_peaks_after_a_quarter_of_the_run():
    s = Settings(n_train=10_000, batch_size=100, epochs=4, learning_rate=0.01, schedule="one-cycle")
    rates = [scheduled(s, step) for step in range(400)]
    assert rates.index(max(rates)) == pytest.approx(100, abs=1)
    assert max(rates) == pytest.approx(0.01, rel=0.01)
