"""From a drawing's pixels the browser makes the picture that the server makes."""

import numpy as np
import pytest

from benchmarks.support import in_browser
from benchmarks.support.centre_lines import Drawing, drawings
from digitcore.errors import BlankError
from digitcore.preprocessing import ink, normalisation
from digitcore.reading import quick_look
from digitcore.reading.budget import Budget
from digitcore.reading.taken_apart import TakenApart


def one(modules, pen, *lines):
    return in_browser.drawn(modules, [Drawing(0, pen, [list(line) for line in lines])])[0]


def differences(found):
    return [np.abs(normalisation.read(one["grey"]).picture - one["picture"]).mean() for one in found]


def test_drawings_of_all_pens_sizes_and_places_become_the_servers_pictures(modules):
    found = in_browser.drawn(modules, drawings(60))
    assert max(differences(found)) < 0.02
    assert np.median(differences(found)) < 0.001, "nearly all of them are the same to the last grey level"


def test_the_box_is_the_servers(modules):
    for one in in_browser.drawn(modules, drawings(20, seed=1)):
        assert (
            np.abs(np.subtract(one["box"], normalisation.read(one["grey"]).located.box_in_picture())).max()
            <= 1
        )


def test_a_pen_that_would_leave_a_pale_trace_is_widened_as_on_the_server(modules):
    seven = one(modules, 4, (60, 40, 220, 40), (220, 40, 120, 250))
    assert differences([seven])[0] < 0.001
    assert seven["picture"].max() > 0.9


def test_a_small_digit_is_looked_at_in_all_its_pixels(modules):
    small = one(modules, 5, (30, 30, 60, 30), (60, 30, 45, 75))
    assert differences([small])[0] < 0.001


def test_a_speck_beside_the_digit_is_left_out_and_its_second_stroke_is_not(modules):
    four = [(90, 50, 75, 150), (75, 150, 210, 150), (175, 60, 170, 235)]
    apart = one(modules, 16, (90, 50, 75, 140), (75, 140, 150, 140), (185, 60, 180, 235))
    speck = one(modules, 16, *four, (20, 265, 20, 265))
    assert max(differences([apart, speck])) < 0.001
    clean = one(modules, 16, *four)
    assert np.abs(speck["picture"] - clean["picture"]).max() == 0


def test_of_a_symbol_all_strokes_are_taken_as_on_the_server(modules):
    apart = Drawing(0, 16, [[60, 80, 220, 84], [60, 210, 220, 206]])
    for symbol in (True, False):
        (found,) = in_browser.drawn(modules, [apart], symbol)
        assert (
            np.abs(normalisation.read(found["grey"], symbol=symbol).picture - found["picture"]).mean() < 0.001
        )
        middle = found["picture"][:, 14] > 0.5
        assert np.count_nonzero(np.diff(middle.astype(int)) == 1) == (2 if symbol else 1)


@pytest.mark.parametrize("lines", [(), ((140, 140, 140, 140),)], ids=["nothing", "a dot"])
def test_where_there_is_nothing_or_a_dot_there_is_no_picture(modules, lines):
    found = one(modules, 6, *lines)
    assert found["picture"] is None
    with pytest.raises(BlankError):
        normalisation.read(found["grey"])


def test_what_may_be_a_number_is_left_to_the_server(modules):
    ones = one(modules, 16, (90, 60, 90, 220), (180, 60, 180, 220))
    assert ones["mayBeSeveral"]
    assert not one(modules, 16, (140, 60, 140, 220))["mayBeSeveral"]
    assert quick_look.looks_like_several(TakenApart(ink.opened(ones["grey"]), Budget()))


def test_transparent_paper_is_paper(modules):
    told = modules.evaluate(
        """() => {
          const canvas = document.createElement("canvas")
          canvas.width = canvas.height = 280
          const context = canvas.getContext("2d")
          context.lineWidth = 18
          const line = () => { context.beginPath(); context.moveTo(140, 40); context.lineTo(140, 240)
            context.stroke() }
          line()
          const bare = pictureOf(pixels(canvas)).picture
          context.fillStyle = "#fff"
          context.fillRect(0, 0, 280, 280)
          line()
          const white = pictureOf(pixels(canvas)).picture
          return Math.max(...bare.map((value, i) => Math.abs(value - white[i])))
        }"""
    )
    assert told < 0.02


@pytest.mark.parametrize("factor", [0.9, 2.5])
def test_a_canvas_of_any_size_gives_the_servers_picture(modules, factor):
    found = in_browser.drawn(modules, [drawing.enlarged(factor) for drawing in drawings(12, seed=3)])
    assert found[0]["grey"].shape == (round(280 * factor),) * 2
    assert max(differences(found)) < 0.001
