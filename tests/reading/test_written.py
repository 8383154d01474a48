"""Lines drawn beside digits are taken out; strokes of digits that stand in one line are not."""

import cv2
import numpy as np

from benchmarks import strings
from digitcore import datasets
from digitcore.networks import model_store
from digitcore.preprocessing.ink import opened
from digitcore.reading.budget import Budget
from digitcore.reading.taken_apart import TakenApart
from digitcore.reading.written import written_on


def number_of(wanted):
    """A number composed of MNIST digits as `benchmarks.strings` does, its digits overlapping."""
    digits, labels = datasets.load("mnist", "validation")
    made = strings.composed(digits, labels, strings.GAPS["touching"], np.random.default_rng(1))
    return next(picture for picture, text in made if text == wanted)


def taken_apart(picture):
    return TakenApart(opened(picture), Budget())


def read(picture):
    found = written_on(taken_apart(picture), model_store.load())
    return "".join(str(piece.probabilities.argmax()) for row in found.rows for piece in row), found


def test_strokes_of_touching_digits_that_stand_in_one_line_are_not_taken_for_a_line():
    picture = number_of("97730")
    assert taken_apart(picture).full_without_lines.lines, "they look like one"
    text, found = read(picture)
    assert text == "97730" and not found.parts.lines


def test_a_line_through_the_digits_is_taken_out_however_well_they_read_with_it():
    picture = number_of("97730")
    picture = cv2.copyMakeBorder(picture, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    ink = 255 - int(picture[0, 0])
    cv2.line(picture, (20, 150), (picture.shape[1] - 20, 152), ink, 3)
    _, found = read(picture)
    assert found.parts.lines
