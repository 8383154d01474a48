"""Lines with marks and words among the digits: each pixel belongs to what it was written as."""

import numpy as np
import pytest

from digitcore import datasets
from digitcore.augmentation import written_lines
from digitcore.augmentation.written_lines import DIGIT, LETTER, MARK


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist", "train", 300)


def lines(digits, n=80):
    return [written_lines.compose(*digits, np.random.default_rng(seed)) for seed in range(n)]


def test_ink_belongs_to_something_and_paper_to_nothing(digits):
    for line in lines(digits, 40):
        assert line.ink.shape == line.owner.shape and line.ink.dtype == np.float32
        assert line.ink.min() >= 0 and line.ink.max() <= 1 and line.ink.max() > 0.9
        assert (line.owner[line.ink > 0] > 0).all() and (line.owner[line.ink == 0] == 0).all()


def test_every_kind_comes_and_digits_come_most(digits):
    counts = {kind: sum((line.owner == 1 + kind).any() for line in lines(digits)) for kind in range(3)}
    assert counts[DIGIT] >= 78
    assert counts[MARK] > 15 and counts[LETTER] > 15


def test_the_same_seed_writes_the_same_and_another_another_line(digits):
    first, again, other = (
        written_lines.compose(*digits, np.random.default_rng(seed)).ink for seed in (3, 3, 4)
    )
    assert first.shape == again.shape and (first == again).all()
    assert first.shape != other.shape
