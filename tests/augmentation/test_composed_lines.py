"""Lines composed of single digits: in the reader's format, repeatable, with each digit where it should be."""

import numpy as np
import pytest

from digitcore import datasets
from digitcore.augmentation import composed_lines
from digitcore.reading.line_reader import ROWS


@pytest.fixture(scope="module")
def digits():
    images, labels = datasets.load("mnist", "train", 300)
    return images, labels.astype(int)


def lines(digits, seed, n=60):
    images, labels = digits
    rng = np.random.default_rng(seed)
    for _ in range(n):
        chosen = rng.integers(len(images), size=rng.integers(1, 7))
        yield composed_lines.compose(images[chosen], labels[chosen], rng)


def test_a_line_has_the_readers_format(digits):
    for line in lines(digits, 1):
        assert line.picture.dtype == np.uint8 and line.picture.shape[0] == ROWS
        assert line.picture.max() > 200 and not line.picture[:, :3].any() and not line.picture[:, -3:].any()


def test_digits_stand_within_the_ink_mostly_from_left_to_right(digits):
    steps = []
    for line in lines(digits, 2):
        inked = np.flatnonzero(line.picture.any(0))
        assert (line.middles >= inked[0]).all() and (line.middles <= inked[-1] + 1).all()
        steps += np.diff(line.middles).tolist()
    assert np.mean(np.array(steps) > 0) > 0.98


def test_the_same_seed_composes_the_same_lines_and_another_seed_others(digits):
    first, again, other = (list(lines(digits, seed, 5)) for seed in (3, 3, 4))
    assert all((a.picture == b.picture).all() for a, b in zip(first, again, strict=True))
    assert any(a.picture.shape != b.picture.shape for a, b in zip(first, other, strict=True))


def test_a_non_digit_leaves_no_label(digits):
    images, labels = digits
    nothing = composed_lines.nothings(1, images, labels, 0)
    rng = np.random.default_rng(0)
    pictures = np.concatenate([images[:1], nothing, images[1:2]])
    line = composed_lines.compose(pictures, np.array([labels[0], composed_lines.NOTHING, labels[1]]), rng)
    assert line.labels.tolist() == labels[:2].tolist()
    assert len(line.middles) == 2


def test_each_turn_gives_other_variants_of_the_digits(digits):
    images, labels = (each[:20] for each in digits)
    first, again, other = (composed_lines.hands(images, labels, 5, turn) for turn in (0, 0, 1))
    assert (first == again).all() and (first != other).any()
