"""Non-digits: every kind can be made, in MNIST's format, from one seed."""

import numpy as np
import pytest

from digitcore import datasets
from digitcore.augmentation import digit_parts, negatives


@pytest.fixture(scope="module")
def digits():
    images, labels = datasets.load("mnist", "train", 2000)
    return images, labels


def test_the_same_seed_gives_the_same_pictures(digits):
    first, second = (negatives.draw(60, *digits, np.random.default_rng(5)) for _ in range(2))
    assert (first == second).all()
    assert first.shape == (60, 28, 28) and first.dtype == np.uint8


def test_none_is_empty(digits):
    pictures = negatives.draw(400, *digits, np.random.default_rng(6))
    assert ((pictures > 60).sum((1, 2)) >= 4).all()


@pytest.mark.parametrize(
    "kind",
    [*negatives.MADE, *negatives.OF_DIGITS],
    ids=lambda kind: f"{kind.__module__.rsplit('.', 1)[1]}.{kind.__name__}",
)
def test_every_kind_makes_different_pictures(digits, kind):
    rng = np.random.default_rng(7)
    drawn = [kind(rng) if kind in negatives.MADE else kind(*digits, rng) for _ in range(20)]
    assert all(picture.dtype == np.uint8 and picture.any() for picture in drawn)
    assert len({picture.tobytes() for picture in drawn}) == 20


def test_digits_that_stay_digits_when_turned_are_left_out():
    for how, labels in digit_parts.FLIPPED.items():
        assert not {0, 1, 8} & set(labels), how


def test_shares_add_up_and_leave_digits_out_on_request(digits):
    assert sum((*negatives.MADE.values(), *negatives.OF_DIGITS.values())) == pytest.approx(1)
    blank = np.zeros_like(digits[0][:5])  # nothing could be made of these
    assert (
        negatives.draw(40, blank, digits[1][:5], np.random.default_rng(8), of_digits=False).any((1, 2)).all()
    )
