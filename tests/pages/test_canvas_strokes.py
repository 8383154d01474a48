"""The canvas's paths become points and points its paths, and what is neither is told in a sentence."""

import math

import pytest

from digitcore.errors import ImageError
from pages.shared import canvas_strokes

# As the canvas sends a stroke that goes round a quarter, and a dot (Fabric 7.4).
CURVE = {"strokeWidth": 18, "path": [["M", 40, 140], ["Q", 40, 40, 140, 40], ["L", 200, 40]]}
DOT = {"strokeWidth": 9.5, "path": [["M", 19.982, 20], ["L", 20.018, 20]]}


def test_a_curve_is_followed_from_its_start_to_its_end_and_the_pen_is_the_last_strokes():
    (curve, dot), pen = canvas_strokes.points([CURVE, DOT])
    assert (curve[0], curve[-2], curve[-1]) == ((40, 140), (140, 40), (200, 40))
    assert any(math.dist(point, (65, 65)) < 0.01 for point in curve), "the middle of Bézier's curve"
    assert math.dist(dot[0], (20, 20)) < 0.1
    assert pen == 9.5
    assert canvas_strokes.points([])[0] == []


def test_strokes_go_to_the_canvas_and_back():
    strokes = [[(10.0, 20.0), (60.0, 20.0), (60.0, 90.0)], [(5.0, 6.0)]]
    (line, dot), pen = canvas_strokes.points(canvas_strokes.objects(strokes, 12))
    assert (line, pen) == (strokes[0], 12)
    assert len(dot) == 2 and math.dist(dot[0], (5, 6)) < 0.1


def test_a_path_stands_where_its_points_are_and_is_made_smaller_as_a_whole():
    (path,) = canvas_strokes.objects([[(100, 40), (300, 240)]], 20, scale=0.5)
    assert (path["left"], path["top"], path["width"], path["height"]) == (100, 70, 100, 100)
    assert path["strokeWidth"] == 10
    assert path["path"] == [["M", 50, 20], ["L", 150, 120]]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"strokeWidth": 18},
        {"strokeWidth": "wide", "path": []},
        {"strokeWidth": 18, "path": [["M", 1]]},
        {"strokeWidth": 18, "path": [["M", "a", "b"]]},
        {"strokeWidth": 18, "path": [["Q", 1, 2, 3, 4]]},
        {"strokeWidth": 18, "path": [["M", 1, 2], ["A", 3, 4]]},
        {"strokeWidth": 18, "path": [[]]},
        {"strokeWidth": 18, "path": 7},
        "a stroke",
    ],
)
def test_what_is_no_stroke_is_told_in_a_sentence(wrong):
    with pytest.raises(ImageError, match="press Clear"):
        canvas_strokes.points([CURVE, wrong])
