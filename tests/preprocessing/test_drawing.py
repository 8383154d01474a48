"""Strokes become the picture that a round pen leaves, and what is no drawing is told so."""

import math

import numpy as np
import pytest

from digitcore.errors import ImageError, TooLargeError
from digitcore.preprocessing import drawing

NAN = float("nan")


def ink(picture):
    return (picture < 128).sum()


def test_a_point_is_a_dot_of_the_pens_width():
    picture = drawing.rendered([[[100, 60]]], pen=40, width=200, height=120)
    assert (picture.shape, picture.dtype) == ((120, 200), np.uint8)
    assert ink(picture) == pytest.approx(math.pi * 20**2, rel=0.02)
    rows, columns = np.nonzero(picture < 128)
    assert (rows.mean(), columns.mean()) == (pytest.approx(60, abs=0.5), pytest.approx(100, abs=0.5))


def test_a_line_has_the_pens_width_and_round_ends():
    picture = drawing.rendered([[[50, 100], [150, 100]]], pen=20)
    assert ink(picture[:, 100]) == pytest.approx(20, abs=1)
    assert ink(picture) == pytest.approx(20 * 100 + math.pi * 10**2, rel=0.03)
    assert picture[100, 41] == 0 and picture[100, 38] == 255


def test_a_corner_is_a_corner_of_the_pens_roundness():
    corner = drawing.rendered([[[40, 240], [40, 40], [240, 40]]], pen=20)
    assert corner[40, 40] == corner[240, 40] == corner[40, 240] == 0
    assert corner[31, 31] == 255, "a square pen would have been here"
    assert corner[60, 60] == 255


def test_strokes_lie_over_each_other_on_white_paper():
    one, two = [[30, 30], [90, 90]], [[30, 90], [90, 30]]
    both = drawing.rendered([one, two])
    assert (both == np.minimum(drawing.rendered([one]), drawing.rendered([two]))).mean() > 0.999
    assert both[-1, -1] == 255


def test_what_lies_beside_the_paper_is_cut_off():
    picture = drawing.rendered([[[-500, 100], [900, 100]]], pen=10)
    assert ink(picture[:, 0]) == ink(picture[:, -1]) == pytest.approx(10, abs=1)
    assert ink(drawing.rendered([[[5_000, 5_000]]])) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"strokes": []}, "has none"),
        ({"strokes": "7"}, "has none"),
        ({"strokes": [[]]}, "Stroke 1"),
        ({"strokes": [[[1, 2]], 3]}, "Stroke 2"),
        ({"strokes": [[[1, 2, 3]]]}, "point of stroke 1"),
        ({"strokes": [[[1, "2"]]]}, "point of stroke 1"),
        ({"strokes": [[[1, NAN]]]}, "point of stroke 1"),
        ({"strokes": [[[1, 10_001]]]}, "point of stroke 1"),
        ({"pen": 0}, "pen .* from 1 to 200, got 0"),
        ({"pen": NAN}, "pen"),
        ({"width": 27}, "width .* from 28 to 2000, got 27"),
        ({"width": 100.5}, "width"),
        ({"height": 2_001}, "height"),
        ({"height": True}, "height"),
    ],
)
def test_what_is_no_drawing_is_refused_in_one_sentence(wrong, said):
    with pytest.raises(ImageError, match=said) as caught:
        drawing.rendered(**{"strokes": [[[1, 1]]]} | wrong)
    assert str(caught.value).endswith(".")


def test_a_drawing_is_bounded():
    with pytest.raises(TooLargeError, match="501 strokes"):
        drawing.rendered([[[1, 1]]] * 501)
    with pytest.raises(TooLargeError, match="20,000 points"):
        drawing.rendered([[[1, 1]] * 10_000, [[1, 1]] * 10_001])
