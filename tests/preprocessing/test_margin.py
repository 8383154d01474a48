"""A number cut out without a margin gets one; any other picture stays as it is."""

import cv2
import numpy as np

from digitcore.preprocessing import ink, margin


def number(top, bottom):
    """Three noughts from one row to another, dark on light."""
    grey = np.full((100, 260), 230, np.uint8)
    middle, height = (top + bottom) // 2, (bottom - top) // 2
    for x in (45, 130, 215):
        cv2.ellipse(grey, (x, middle), (28, height), 0, 0, 360, 20, 8)
    return grey


def test_digits_that_touch_top_and_bottom_get_paper_around_them():
    opened = ink.opened(number(2, 98))
    wider, width = margin.padded(opened)
    assert width == 25
    assert wider.turned.shape == (150, 310)
    assert (wider.turned[width:-width, width:-width] == opened.turned).all()
    assert np.ptp(wider.turned[:width]) == 0


def test_digits_with_paper_around_them_stay():
    opened = ink.opened(number(25, 75))
    assert margin.padded(opened) == (opened, 0)
