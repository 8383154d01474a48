"""Bars and dots are no digits, hats and feet are parts of them."""

import cv2
import numpy as np
import pytest

from digitcore.reading import marks


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


def test_a_hat_and_a_foot_belong_to_their_digit_and_an_underline_does_not():
    stem = (100, 40, 12, 80)
    assert marked((90, 22, 50, 10), stem) == [False, False]
    assert marked(stem, (80, 124, 50, 10)) == [False, False]
    assert marked(stem, (80, 140, 50, 10)) == [False, True]
    assert marked(stem, (60, 124, 120, 10)) == [False, True]
