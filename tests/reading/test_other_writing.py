"""Marks and letters among numbers do not become digits, and what is left out of a made line is said."""

import numpy as np
import pytest

from benchmarks import strings
from benchmarks.pages import _encoded
from benchmarks.support import sheets
from benchmarks.support.texts import counts_of
from digitcore import datasets
from digitcore.preprocessing import images
from digitcore.reading import reader
from digitcore.reading.digit import text_of

EACH = 25

TOUCHING = 105, 451
"""Numbers, by place among those composed, of which two digits that touch are taken for a letter at first."""


@pytest.fixture(scope="module")
def validation():
    return datasets.load("mnist", "validation")


def read(kind, number, validation, network):
    """(counts, what was left out) of a made page, whose marks and letters are by other code than those that
    were learnt from."""
    rng = np.random.default_rng((99, number))
    picture, truth, layout = sheets.make(kind, *validation, rng)
    found = reader.find(images.decode(_encoded(picture)), network)
    digits = found.digits(network.answer(found.pictures), network)
    text, guess = (text_of(digits, network.class_names, unsure=unsure) for unsure in ("?", None))
    return counts_of(truth, layout, text, guess), found.left_out


@pytest.mark.parametrize(("kind", "invented"), [("words", 4), ("separators", 4)])
def test_hardly_a_mark_or_letter_becomes_a_digit_and_no_digit_is_lost(kind, invented, validation, default):
    total, said = None, 0
    for number in range(EACH):
        counts, left_out = read(kind, number, validation, default)
        total = counts if total is None else total + counts
        said += bool(left_out.letters if kind == "words" else left_out.marks)
    assert total["invented"] <= invented
    assert total["right"] >= 0.95 * total["digits"]
    assert said >= 0.8 * EACH


def test_numbers_alone_have_no_marks_and_no_letters(validation, default):
    for number in range(EACH):
        counts, left_out = read("number", number, validation, default)
        assert not left_out.letters and not left_out.marks, number
        assert counts["missing"] == 0


def test_digits_that_touch_are_not_the_only_letter_of_a_line(validation, default):
    """Numbers composed of digits that overlap: what looks like one joined letter is read before it is left
    out."""
    images, labels = validation
    for number in TOUCHING:
        rng = np.random.default_rng(number)
        chosen = slice(number * strings.LENGTH, (number + 1) * strings.LENGTH)
        grey = strings.compose(images[chosen], strings.GAPS["touching"], rng)
        found = reader.find(grey, default)
        assert not found.left_out.letters, number
        text = text_of(found.digits(default.answer(found.pictures), default), default.class_names)
        assert text == "".join(map(str, labels[chosen]))
