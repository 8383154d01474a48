"""The robustness benchmark counts misses by factor and level, against the same reader's untouched digits."""

import numpy as np
import pytest

from benchmarks import robustness
from digitcore.evaluation import corruption


class FakeNetwork:
    """Says 1 where there is much ink, else 0."""

    def predict(self, pictures):
        return np.eye(2)[(pictures.sum((1, 2)) > 60).astype(int)]


BARS = np.zeros((4, 28, 28), np.uint8)
BARS[:, 4:24, 12:14] = 255  # 40 pixels of ink
READERS = {"fake": (FakeNetwork(), True), "fake alone": (FakeNetwork(), False)}


def test_points_lost_are_against_the_untouched_digits():
    found = robustness.curve([5, 2, 9], untouched=2, n=200)
    assert found["misses"] == [5, 2, 9]
    assert found["accuracy"] == [0.975, 0.99, 0.955]
    assert found["points_lost"] == pytest.approx([1.5, 0, 3.5])


def test_a_refused_picture_is_a_miss_of_the_pipeline_alone():
    empty = np.zeros((3, 28, 28), np.uint8)
    assert robustness.misses(empty, np.zeros(3), READERS) == {"fake": 3, "fake alone": 0}


def test_every_factor_has_a_curve_and_the_untouched_level_loses_nothing(monkeypatch, capsys):
    few = {name: corruption.FACTORS[name] for name in ("pen", "contrast")}
    monkeypatch.setattr(corruption, "FACTORS", few)
    found = robustness.measured(BARS, np.zeros(4), READERS, seed=0)
    assert found["untouched_misses"]["fake alone"] == 0
    pen = found["factors"]["pen"]
    lost = pen["readers"]["fake alone"]["points_lost"]
    assert lost[pen["levels"].index(1)] == 0
    assert lost[-1] == 100 and lost[0] == 0  # twice the pen has twice the ink, half the pen half of it
    assert found["factors"]["contrast"]["readers"]["fake alone"]["points_lost"][0] == 100
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2 * 2


def test_only_geometry_and_pen_have_the_aim():
    kept = {"levels": [0, 1, 2], "readers": {"fake": {"points_lost": [0.0, 1.0, 1.2]}}}
    factors = {"pen": kept | {"kind": "pen"}, "fog": kept | {"kind": "picture"}}
    assert robustness.over_the_aim(factors, "fake") == ["pen 2 (1.2)"]
