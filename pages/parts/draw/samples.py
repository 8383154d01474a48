"""Digits to tap, for those who do not draw: each is drawn on the sheet as if by hand."""

import numpy as np
import streamlit as st

from digitcore.augmentation import pen_digits
from pages.shared import canvas, canvas_strokes, strip
from pages.shared.language import _

KEY = "draw_sample"
# Height and width of a sample in pixels of the paper, which is 280 high; a 1 is slim.
TALL, BROAD, SLIM = 180, 120, 72
_TURN = "draw_sample_turn"


def offer(sheet: str, pen: int) -> None:
    """The ten digits, each a tap; tapped again, a digit comes in another way of writing it."""
    st.segmented_control(
        _("Or tap a sample"),
        range(10),
        key=KEY,
        on_change=_take,
        args=(sheet, pen),
        width="stretch",
    )


def strokes(label: int, way: int, width: int = canvas.SIZE) -> list[np.ndarray]:
    """The strokes of a sample, (n, 2) float pixels each, in the middle of a paper of that width.

    way: counts through the ways of writing the digit, and begins again after the last.
    """
    ways = pen_digits.ways(label)
    middle = np.array([width / 2, canvas.SIZE / 2])
    size = [SLIM if label == 1 else BROAD, TALL]
    return [(stroke - 0.5) * size + middle for stroke in ways[way % len(ways)]]


def _take(sheet: str, pen: int) -> None:
    label = st.session_state[KEY]
    st.session_state[KEY] = None  # a button, not a choice that stands
    if label is None:
        return
    turns = st.session_state.setdefault(_TURN, [0] * 10)
    drawn = strokes(label, turns[label], canvas.sheet(sheet).width)
    turns[label] += 1
    canvas.load(sheet, canvas_strokes.objects(drawn, pen))
    strip.put_back(sheet)
