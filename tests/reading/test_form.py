"""What is drawn beside writing goes without leaving anything that looks like a digit."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading.form import without_lines
from digitcore.reading.parts import parts_of
from tests.reading.sheets import page


def on_a_line(clear, lean, pen):
    """A number above a thick line, at whose right end an upright stroke stands that leans by so many pixels.
    Returns (grey, the stroke's box)."""
    grey = np.pad(page(clear, ["24537"]), ((0, 40), (0, 60)), constant_values=255)
    height, width = grey.shape
    cv2.line(grey, (20, height - 40), (width - 30, height - 40), 0, 8)
    cv2.line(grey, (width - 34, height - 40), (width - 34 + lean, height - 95), 0, pen)
    return grey, (width - 40, height - 95, 12 + lean, 50)


def stays(grey, box):
    """Whether there is writing whose middle is in the box."""
    parts = without_lines(parts_of(opened(grey, "dark-on-light").full))
    assert parts.lines
    x, y, w, h = box
    middles = parts.boxes[parts.writing][:, :2] + parts.boxes[parts.writing][:, 2:] / 2
    return bool(((middles >= (x, y)) & (middles <= (x + w, y + h))).all(1).any())


def test_the_edge_that_is_left_of_a_frame_is_no_digit(clear):
    assert not stays(*on_a_line(clear, lean=0, pen=2))


@pytest.mark.parametrize(("lean", "pen"), [(8, 2), (0, 6)])
def test_a_1_that_stands_on_a_line_stays(clear, lean, pen):
    assert stays(*on_a_line(clear, lean, pen))
