"""Lines across the whole paper go, and the strokes that they crossed stay whole."""

import cv2
import numpy as np

from digitcore.preprocessing.paper import Levels
from digitcore.preprocessing.ruled_lines import without_lines

LEVELS = Levels(0.0, 0.0, 200.0)


def ruled(upright=False):
    """A stroke of ink, crossed by a faint line from side to side: above the paper, (h, w) float32."""
    above = np.zeros((120, 120), np.float32)
    cv2.line(above, (60, 20), (60, 100), 200.0, 7)
    cv2.line(above, (0, 63), (119, 58), 90.0, 2)
    return np.ascontiguousarray(above.T) if upright else above


def test_level_and_upright_lines_go():
    for upright in (False, True):
        cleaned = without_lines(ruled(upright), LEVELS)
        away = np.ascontiguousarray(cleaned.T) if upright else cleaned
        assert away[:, :50].max() == away[:, 70:].max() == 0


def test_a_stroke_has_no_gap_where_a_line_crossed_it():
    cleaned = without_lines(ruled(), LEVELS)
    assert (cleaned[20:100, 58:63] > 100).all()


def test_a_stroke_that_ends_in_the_picture_is_no_line():
    above = np.zeros((120, 120), np.float32)
    cv2.line(above, (10, 60), (119, 60), 200.0, 3)
    assert without_lines(above, LEVELS) is above


def strong(above, strength):
    """The picture with a line of that strength from side to side, its ink as it is."""
    line = np.zeros(above.shape, np.float32)
    cv2.line(line, (0, 61), (119, 58), strength, 2)
    return np.maximum(above, line)


def test_a_stroke_along_a_fainter_line_stays():
    """The bar of a 4 on the line that strikes it."""
    four = np.zeros((120, 120), np.float32)
    cv2.line(four, (40, 60), (80, 60), 200.0, 3)
    cv2.line(four, (42, 30), (42, 60), 200.0, 5)
    cv2.line(four, (78, 30), (78, 95), 200.0, 5)
    cleaned = without_lines(strong(four, 140.0), LEVELS)
    assert (cleaned[60, 42:79] == 200).all()
    assert cleaned[:, :36].max() == cleaned[:, 86:].max() == 0


def test_nothing_is_drawn_between_strokes_above_and_below_a_fainter_line():
    two = np.zeros((120, 120), np.float32)
    cv2.line(two, (40, 52), (80, 52), 200.0, 5)
    cv2.line(two, (40, 68), (80, 68), 200.0, 5)
    cleaned = without_lines(strong(two, 140.0), LEVELS)
    assert cleaned[60, 45:75].max() == 0
    assert (cleaned[[52, 68]][:, 45:75] == 200).all()
