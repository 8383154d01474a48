"""A digit that touches the ring or box around its number is read, and the ring stays a ring."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading import outlines, reader
from digitcore.reading.digit import text_of
from digitcore.reading.parts import is_frame, parts_of
from tests.reading.sheets import page


def ringed(clear, text, joined=True):
    """A number within an ellipse; joined: the last digit's lowest stroke runs on to it."""
    grey = np.pad(page(clear, [text], step=76), 60, constant_values=255)
    x, y, w, h = cv2.boundingRect((grey < 128).view(np.uint8))
    last = np.argwhere(grey[:, x + w - 50 : x + w] < 60)
    row, column = last[last[:, 0].argmax()]
    ring = np.zeros_like(grey)
    cv2.ellipse(ring, (x + w // 2, y + h // 2), (round(0.75 * w), round(1.1 * h)), 0, 0, 360, 255, 6)
    if joined:
        at = int(column + x + w - 50)
        below = int(row + np.flatnonzero(ring[row:, at])[0])
        cv2.line(grey, (at, int(row) - 3), (at, below), 0, 6)
    return np.minimum(grey, 255 - ring)


def drawn_around(parts):
    """(n,) bool: which parts are drawn around others."""
    seen = np.flatnonzero(parts.seen)
    return np.isin(
        np.arange(len(parts.boxes)), [part for part in seen if is_frame(parts, part, parts.seen, closed=True)]
    )


@pytest.mark.parametrize("ground", [0, 255])
def test_a_digit_that_touches_the_ring_is_read(ground, clear, default):
    grey = ringed(clear, "359")
    digits = reader.read(grey ^ np.uint8(ground), default)
    assert text_of(digits, default.class_names) == "359"


def test_only_the_digit_comes_apart_from_the_ring(clear):
    parts = parts_of(opened(ringed(clear, "359")).full)
    apart = outlines.set_apart(parts, drawn_around(parts))
    assert parts.seen.sum() == 3 and apart.seen.sum() == 4
    assert drawn_around(apart).sum() == 1


def test_a_ring_that_nothing_touches_stays_as_it_is(clear):
    parts = parts_of(opened(ringed(clear, "359", joined=False)).full)
    around = drawn_around(parts)
    assert around.sum() == 1
    assert outlines.set_apart(parts, around) is parts


def test_a_line_of_uneven_thickness_is_no_digit():
    ink = np.zeros((200, 300), np.uint8)
    cv2.rectangle(ink, (20, 20), (280, 180), 255, 5)
    cv2.line(ink, (24, 60), (24, 150), 255, 12)
    cv2.rectangle(ink, (130, 80), (140, 130), 255, -1)
    parts = parts_of(opened(255 - ink).full)
    around = drawn_around(parts)
    assert around.sum() == 1
    assert outlines.set_apart(parts, around) is parts
