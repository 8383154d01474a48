"""A drawing goes through the text of an address and is the same drawing to the eye and to the reader."""

import numpy as np
import pytest

from benchmarks.support import driving
from digitcore.errors import ImageError
from digitcore.preprocessing import drawing, drawing_link
from digitcore.preprocessing.drawing_link import Drawing


def by_hand(corners, seed):
    """Points a few pixels apart along a stroke, as unsteady as a hand."""
    points = np.array(corners, float)
    places = np.linspace(0, len(points) - 1, 60)
    line = np.stack([np.interp(places, range(len(points)), points[:, axis]) for axis in (0, 1)], 1)
    return (line + np.random.default_rng(seed).normal(0, 0.4, line.shape)).tolist()


@pytest.mark.parametrize("digit", driving.STROKES)
def test_a_drawing_comes_back_as_it_went_in_a_fraction_of_its_points(digit):
    strokes = [by_hand(stroke, digit) for stroke in driving.STROKES[digit]]
    told = drawing_link.text(Drawing(strokes, pen=18))
    back = drawing_link.read(told)
    assert (back.pen, back.width, back.height) == (18, 280, 280)
    assert sum(map(len, back.strokes)) < sum(map(len, strokes)) / 2
    before, after = (drawing.rendered(each, 18).astype(float) for each in (strokes, back.strokes))
    assert np.abs(before - after).mean() < 2  # grey levels, of 255


def test_a_text_needs_no_escaping_in_an_address():
    told = drawing_link.text(Drawing([[(-3, 5.4), (640, 7)], [(9, 9)]], pen=8, width=640))
    assert told == "8.640.280_-3.5.640.7_9.9"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "7",
        "18.280.280",
        "18.280.280_",
        "18.280.280_1.2.3",
        "18.280.280_1,2",
        "18.280.280_1.2_",
        "18.280.280_1e3.2",
        "18.280.280_٣.2",
        "0.280.280_1.2",
        "18.5.280_1.2",
        "18.280.280_99999.2",
        "18.280.280" + "_1.2" * 501,
        "18.280.280_1.2" + ".1.2" * 20_000,
        "<script>",
    ],
)
def test_any_other_text_is_refused_in_one_sentence(told):
    with pytest.raises(ImageError) as caught:
        drawing_link.read(told)
    assert str(caught.value).endswith(".")


def test_what_no_address_holds_is_not_made_a_link():
    zigzag = [[(x, 30 * (x % 2)) for x in range(280)]] * 60
    with pytest.raises(ImageError, match="save the picture"):
        drawing_link.text(Drawing(zigzag))
