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
