"""Two digits that touch are two, however slim, and one digit stays one."""

import numpy as np
import pytest

from benchmarks.support import pen
from benchmarks.support.glyphs import STYLES
from digitcore.networks import model_store
from digitcore.reading import reader
from digitcore.reading.digit import text_of


@pytest.fixture(scope="module")
def default_network():
    return model_store.load(model_store.DEFAULT_MODEL)


def read(picture, network):
    return text_of(reader.read(picture, network), network.class_names)


@pytest.mark.parametrize("gap", [0.0, -0.12])
@pytest.mark.parametrize("style", STYLES, ids=["plain", "european"])
def test_most_pairs_drawn_by_a_pen_are_read_and_none_as_another_number(style, gap, default_network):
    wrong = []
    for number in range(15):
        rng = np.random.default_rng((number, 5))
        first, second = (str(d) for d in rng.integers(0, 10, 2))
        picture = pen.pair(first, second, gap, pen.Hand.of(rng), style, 110, rng)
        if (text := read(picture, default_network)) != first + second:
            wrong.append(text)
    assert len(wrong) <= 2, wrong
    assert all("?" in text for text in wrong)


@pytest.mark.parametrize("style", STYLES, ids=["plain", "european"])
def test_a_digit_drawn_by_a_pen_is_no_pair(style, default_network):
    for name in "0123456789":
        rng = np.random.default_rng((int(name), 6))
        assert read(pen.digit(name, pen.Hand.of(rng), style, rng), default_network) in (name, "?")
