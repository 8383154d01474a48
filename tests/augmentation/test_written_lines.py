"""Lines with marks and words among the digits: each pixel belongs to what it was written as."""

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.augmentation import written_lines
from digitcore.augmentation.line_hand import Hand
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


def test_signs_are_as_high_as_digits_by_some_hands_and_higher_by_others(digits):
    heights = []
    for seed in range(60):
        hand = Hand(*digits, np.random.default_rng(seed))
        for opens in (True, False):
            ink, middle = hand.bracket(opens)
            assert abs(middle) < 0.25 * hand.height
            heights.append(len(ink) / hand.height)
    assert min(heights) > 0.8 and max(heights) > 1.25
    assert 0.3 < np.mean(np.array(heights) < 1.2) < 0.8


def test_a_letter_close_beside_digits_is_as_high_and_as_thick_as_they_are(digits):
    alike = 0
    for seed in range(40):
        hand = Hand(*digits, np.random.default_rng(seed))
        if not (hand.by_pen and hand.has_one_pen):
            continue
        digit, (letter, _) = hand.digit(), hand.letter("K")
        assert 0.75 < len(letter) / len(digit) < 1.4
        first, second = (
            cv2.distanceTransform((ink > 0.5).view(np.uint8), cv2.DIST_L2, 3).max() for ink in (digit, letter)
        )
        assert 0.4 < first / second < 2.5
        alike += 1
    assert alike > 3


def test_numbers_have_letters_close_beside_them(digits):
    found = 0
    for seed in range(60):
        line = written_lines.compose(*digits, np.random.default_rng(seed))
        owners = set(np.unique(line.owner)) - {0}
        letters = np.flatnonzero((line.owner == 1 + LETTER).any(0))
        numbers = np.flatnonzero((line.owner == 1 + DIGIT).any(0))
        if {1 + DIGIT, 1 + LETTER} <= owners:
            gap = np.abs(letters[:, None] - numbers).min()
            found += gap < 0.2 * len(line.ink)
    assert found >= 4
