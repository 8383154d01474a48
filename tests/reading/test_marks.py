"""Bars and dots are no digits, hats and feet are parts of them."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading import marks
from digitcore.reading.parts import parts_of


def marked(*rectangles):
    """Whether each filled rectangle (x, y, w, h) is a mark."""
    mask = np.zeros((200, 300), np.uint8)
    for x, y, w, h in rectangles:
        mask[y : y + h, x : x + w] = 1
    return _marked(mask)


def _marked(mask):
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    able = np.arange(len(stats)) > 0
    return marks.is_mark(labels, stats[:, :4], able)[1:].tolist()


@pytest.mark.parametrize("width", [40, 120])
def test_a_bar_that_lies_is_a_mark(width):
    assert marked((50, 90, width, 12)) == [True]


def test_a_stroke_that_stands_is_none():
    assert marked((50, 40, 12, 80)) == [False]


def test_a_slanted_dash_is_a_mark_and_a_steep_stroke_is_not():
    for end, expected in (((160, 70), True), ((100, 30), False)):
        mask = np.zeros((200, 300), np.uint8)
        cv2.line(mask, (60, 110), end, 1, 10)
        assert _marked(mask) == [expected]


def test_a_dot_is_a_mark_and_a_ring_is_not():
    for thickness, expected in ((-1, True), (6, False)):
        mask = np.zeros((200, 300), np.uint8)
        cv2.circle(mask, (100, 100), 20, 1, thickness)
        assert _marked(mask) == [expected]


def blot(top, height, beside=2):
    """Whether a blot of this place and height is writing beside digits that are 80 pixels high."""
    mask = np.zeros((200, 300), np.uint8)
    cv2.ellipse(mask, (60, top + height // 2), (height * 3 // 8, height // 2), 0, 0, 360, 255, -1)
    for number in range(beside):
        cv2.ellipse(mask, (140 + 80 * number, 100), (26, 40), 0, 0, 360, 255, 8)
    parts = parts_of(opened(255 - mask, "auto").full)
    return bool(parts.writing[np.argmin(np.where(parts.seen, parts.boxes[:, 0], 999))])


def test_a_blot_as_high_as_the_digits_beside_it_is_writing_and_a_dot_is_not():
    assert blot(60, 80)
    assert not blot(60, 30)
    assert not blot(10, 80)
    assert not blot(60, 80, beside=1)


def test_a_hat_and_a_foot_belong_to_their_digit_and_an_underline_does_not():
    stem = (100, 40, 12, 80)
    assert marked((90, 22, 50, 10), stem) == [False, False]
    assert marked(stem, (80, 124, 50, 10)) == [False, False]
    assert marked(stem, (80, 140, 50, 10)) == [False, True]
    assert marked(stem, (60, 124, 120, 10)) == [False, True]
