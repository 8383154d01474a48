"""Lines that end anywhere are found, and strokes that cross or touch them stay."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing import drawn_lines


def drawn(*lines, thickness=4):
    mask = np.zeros((200, 400), np.uint8)
    for start, end in lines:
        cv2.line(mask, start, end, 1, thickness)
    return mask


@pytest.mark.parametrize("fall", [-12, 0, 12])
def test_a_line_is_found_with_its_ends_and_thickness(fall):
    (line,) = drawn_lines.segments(drawn(((50, 100), (350, 100 + fall))), 120, 120)
    assert not line.upright
    assert abs(line.start[0] - 50) <= 6 and abs(line.end[0] - 350) <= 6
    assert abs(line.at(200) - (100 + fall / 2)) <= 2
    assert 3 <= line.thickness <= 6


def test_an_upright_line_is_found_as_such():
    (line,) = drawn_lines.segments(drawn(((150, 20), (154, 180))), 120, 120)
    assert line.upright
    assert abs(line.at(100) - 152) <= 2


def test_short_strokes_thick_bars_and_arcs_are_no_lines():
    bow = np.zeros((200, 400), np.uint8)
    cv2.ellipse(bow, (200, 100), (120, 60), 0, 0, 360, 1, 8)
    thick = drawn(((50, 100), (350, 100)), thickness=60)
    for mask in (drawn(((50, 100), (120, 100))), thick, bow):
        assert drawn_lines.segments(mask, 120, 120) == []


def test_a_line_goes_and_the_stroke_that_crosses_it_stays():
    mask = drawn(((50, 100), (350, 100)), ((200, 40), (200, 160)))
    gone = drawn_lines.without(mask, drawn_lines.segments(mask, 120, 150))
    assert gone[98:103, 70:180].any(0).mean() > 0.95
    assert not gone[40:160, 198:203].any()
