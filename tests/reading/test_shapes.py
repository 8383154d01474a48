"""Shapes are no digits: a shape with something in it, but for a nought with a dot, and what can be cut."""

import numpy as np
import pytest

from benchmarks.support import pen
from benchmarks.support.glyphs import STYLES, arc
from digitcore.errors import BlankError
from digitcore.networks import model_store
from digitcore.reading import reader
from digitcore.reading.digit import text_of


@pytest.fixture(scope="module")
def default_network():
    return model_store.load(model_store.DEFAULT_MODEL)


def test_a_smiley_is_refused(default_network):
    for number in range(5):
        with pytest.raises(BlankError, match="A shape with something in it"):
            reader.read(pen.none("smileys", np.random.default_rng(number)), default_network)


def test_a_nought_with_a_dot_is_a_nought(default_network):
    hand = pen.Hand(0.0, 1.0, 0.0, 0.1)
    nought = (*STYLES[0]["0"], arc(0.3, 0.5, 0.03, 0.03, 0, 360))
    ink = pen.inked(pen.strokes(nought, hand, np.random.default_rng(0)), 150, hand.pen, 60)
    digits = reader.read(np.uint8(255 * (1 - ink)), default_network)
    assert text_of(digits, default_network.class_names) == "0"


def _drawn(*strokes, size=130, pen_width=0.07):
    hand = pen.Hand(0.0, 1.0, 0.0, pen_width)
    ink = pen.inked(pen.strokes(strokes, hand, np.random.default_rng(0)), size, hand.pen, 60)
    return np.uint8(255 * (1 - ink))


RING = arc(0.3, 0.5, 0.7, 0.7, 0, 362, 24)


def test_two_rings_one_in_the_other_are_not_a_nought(default_network):
    inner = arc(0.3, 0.5, 0.42, 0.5, 0, 362, 24)
    with pytest.raises(BlankError, match="A shape with something in it"):
        reader.read(_drawn(RING, inner), default_network)


@pytest.mark.parametrize("name", ["0", "7"])
def test_a_narrow_nought_and_a_seven_in_a_ring_are_digits(name, default_network):
    digits = reader.read(_drawn(RING, *STYLES[0][name]), default_network)
    assert text_of(digits, default_network.class_names) == name


@pytest.mark.parametrize("low", [1.11, 1.13, 1.16, 1.2])
@pytest.mark.parametrize("name", list("0123456789"))
def test_a_digit_close_above_its_underline_is_read_without_it(name, low, default_network):
    underline = [(-0.05, low), (0.7, low - 0.01)]
    for style in STYLES:
        digits = reader.read(_drawn(*style[name], underline), default_network)
        assert text_of(digits, default_network.class_names) == name


@pytest.mark.parametrize("kind", ["arrows", "plus"])
def test_a_figure_is_not_cut_into_digits(kind, default_network):
    taken = 0
    for number in range(12):
        try:
            digits = reader.read(pen.none(kind, np.random.default_rng(number)), default_network)
        except BlankError:
            continue
        taken += any(digit.accepted for digit in digits)
    assert taken <= 2


def test_a_nought_with_a_slash_is_a_nought_and_a_circled_one_is_a_one(default_network):
    hand = pen.Hand(0.0, 1.0, 0.0, 0.08)

    def read(*strokes):
        ink = pen.inked(pen.strokes(strokes, hand, np.random.default_rng(0)), 150, hand.pen, 60)
        digits = reader.read(np.uint8(255 * (1 - ink)), default_network)
        return text_of(digits, default_network.class_names)

    nought = STYLES[0]["0"]
    assert read(*nought, [(0.5, 0.12), (0.1, 0.88)]) == "0"  # touches the ring
    assert read(*nought, [(0.42, 0.3), (0.18, 0.7)]) == "0"
    assert read(arc(0.1, 0.5, 0.55, 0.8, 0, 362, 24), *STYLES[0]["1"]) == "1"
