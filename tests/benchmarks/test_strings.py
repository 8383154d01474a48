"""The benchmark of strings: what it composes, and how it counts."""

import numpy as np
import pytest

from benchmarks import strings


def bars(n):
    """n pictures of a bar 4 pixels wide."""
    digits = np.zeros((n, 28, 28), np.uint8)
    digits[:, 4:24, 12:16] = 255
    return digits


@pytest.mark.parametrize("gap", [1, 5])
def test_gaps_are_as_asked(gap):
    picture = strings.compose(bars(5), (gap, gap), np.random.default_rng(1))
    ground = picture[0, 0]
    inked = np.flatnonzero((np.abs(picture.astype(int) - ground) > 127).any(0))
    factor = (inked[-1] - inked[0] + 1) / (5 * 4 + 4 * gap)
    assert factor in (1, 2, 4)
    assert len(inked) == 5 * 4 * factor


def test_overlapping_digits_share_columns():
    picture = strings.compose(bars(2), (-2, -2), np.random.default_rng(0))
    inked = np.flatnonzero((np.abs(picture.astype(int) - picture[0, 0]) > 127).any(0))
    assert len(inked) in (6, 12, 24)


def test_the_same_seed_composes_the_same():
    first, second = (strings.compose(bars(3), (-4, 8), np.random.default_rng(7)) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("truth", "answer", "right"),
    [("2026", "2026", 4), ("2026", "206", 3), ("2026", "12026", 4), ("12", "", 0)],
)
def test_digits_are_counted_in_order(truth, answer, right):
    assert strings.in_order(truth, answer) == right
