"""A shape with something in it is no nought, but for one with a dot."""

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
