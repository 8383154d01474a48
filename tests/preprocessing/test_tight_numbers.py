"""A number cut out without a margin gets one, and one of few pixels is made larger; what is no such stays."""

import cv2
import numpy as np
import pytest

from digitcore.networks import model_store
from digitcore.preprocessing.ink import opened
from digitcore.preprocessing.margin import padded
from digitcore.reading import reader


def number(left=0, top=0, right=0, bottom=0):
    """The number 0101 in strokes, 60 high, with so much paper around."""
    paper = np.full((60 + top + bottom, 190 + left + right), 255, np.uint8)
    for place, nought in ((0, True), (65, False), (90, True), (170, False)):
        x = left + place
        if nought:
            cv2.ellipse(paper, (x + 22, top + 30), (19, 27), 0, 0, 360, 0, 6)
        else:
            cv2.line(paper, (x + 6, top + 3), (x + 6, top + 56), 0, 6)
    return paper


@pytest.mark.parametrize(
    ("around", "is_padded"),
    [
        ({}, True),
        ({"left": 30, "right": 30}, True),
        ({"top": 6}, True),
        (dict.fromkeys(("left", "top", "right", "bottom"), 40), False),
    ],
)
def test_only_a_number_that_the_sides_cut_is_padded(around, is_padded):
    ink = opened(number(**around))
    wider, margin = padded(ink)
    assert (margin > 0) == is_padded
    assert wider.turned.shape == tuple(side + 2 * margin for side in ink.turned.shape)


def test_few_rows_are_enlarged_and_boxes_stay_in_the_picture():
    small = cv2.resize(number(), None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA)
    wider, margin = padded(opened(small))
    assert wider.turned.shape[0] == 4 * (len(small) + 2 * margin) and wider.scale == 4
    digits = reader.read(small, model_store.load())
    assert len(digits) >= 2
    for x, y, w, h in (digit.box for digit in digits):
        assert x >= 0 and y >= 0 and x + w <= small.shape[1] and y + h <= small.shape[0]
