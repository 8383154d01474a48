"""Marks that people write between digits: dots, dashes, slashes, colons, signs, brackets.

For `composed_lines`: the line reader learns to pass over them. Each is drawn in a picture of 28x28 pixels in
which a digit would fill rows 4 to 23, at the height and in the size that it has beside such a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

SIDE = 28
TOP, BOTTOM = 4.0, 23.0
"""The first and the last row of a digit's ink."""

_MIDDLE = (TOP + BOTTOM) / 2


def draw(rng: np.random.Generator, fine: int = 1, shares: Sequence[float] | None = None) -> np.ndarray:
    """One mark, (28, 28) uint8, 0 paper; tall ones reach beyond a digit's rows. fine: so many times as
    large. shares: of each of the eight kinds, in the order of SHARES."""
    picture = np.zeros((SIDE * fine, SIDE * fine), np.uint8)
    pen = rng.uniform(1.0, 3.2)
    strokes = _MARKS[rng.choice(len(_MARKS), p=SHARES if shares is None else shares)](rng, pen)
    for points in strokes:
        jittered = np.asarray(points, np.float64) + rng.normal(0, 0.25, (len(points), 2))
        fixed = np.rint(jittered * (16 * fine)).astype(np.int32)
        cv2.polylines(picture, [fixed], False, 255, max(1, round(pen * fine)), cv2.LINE_AA, 4)
    return picture


def _dot(rng, pen, row=None):
    """A dot on the line; a comma if the pen goes on to the lower left."""
    row = BOTTOM - rng.uniform(0, 1.5) if row is None else row
    size, fall = rng.uniform(0, 1.2), rng.uniform(2, 4) if rng.random() < 0.3 else 0.0
    return [[(14, row), (14 + size, row + 0.4), (14 - fall / 2, row + fall)]]


def _colon(rng, pen):
    apart = rng.uniform(3.0, 5.0)
    return [[(14, _MIDDLE + apart * side), (14.5, _MIDDLE + apart * side + 0.4)] for side in (-1, 1)]


def _dash(rng, pen):
    """Level or nearly so; sometimes long, as between the parts of a telephone number."""
    half, tilt, row = rng.uniform(2.5, 8.0), rng.uniform(-1.2, 1.2), _MIDDLE + rng.uniform(-2, 3)
    return [[(14 - half, row + tilt), (14 + half, row - tilt)]]


def _equals(rng, pen):
    half, apart = rng.uniform(3.5, 7.0), max(1.8, pen) + rng.uniform(0, 1)
    return [[(14 - half, _MIDDLE + apart * side), (14 + half, _MIDDLE + apart * side)] for side in (-1, 1)]


def _slash(rng, pen):
    """Taller than a digit and leaning well over; if it were shorter and steeper, it would be a 1."""
    lean = rng.uniform(4.0, 10.0)
    top, bottom = TOP - rng.uniform(2.0, 3.5), BOTTOM + rng.uniform(2.0, 4.0)
    return [[(14 + lean / 2, top), (14 - lean / 2, bottom)]]


def _plus(rng, pen):
    half, tall = rng.uniform(3.5, 7.0), rng.uniform(3.5, 7.0)
    lean = rng.uniform(-1, 1)
    return [
        [(14 - half, _MIDDLE + lean), (14 + half, _MIDDLE - lean)],
        [(14 + lean, _MIDDLE - tall), (14 - lean, _MIDDLE + tall)],
    ]


def _times(rng, pen):
    half, row = rng.uniform(3.0, 6.0), _MIDDLE + rng.uniform(0, 3)
    return [[(14 - half * side, row - half), (14 + half * side, row + half)] for side in (-1, 1)]


def _bracket(rng, pen):
    """A round bracket, opening or closing, taller than a digit."""
    deep = rng.uniform(3.0, 6.0) * rng.choice((-1, 1))
    angle = np.linspace(-1, 1, 9)
    half = (BOTTOM - TOP) / 2 + rng.uniform(1.0, 3.0)
    return [np.stack([14 + deep * (angle**2 - 0.5), _MIDDLE + half * angle], 1)]


_MARKS = (_dot, _colon, _dash, _equals, _slash, _plus, _times, _bracket)
SHARES = (0.24, 0.12, 0.22, 0.08, 0.14, 0.1, 0.05, 0.05)
"""Of dots and commas, colons, dashes, equals signs, slashes, plus, times, brackets. Chosen, not fitted;
`python -m benchmarks.pages --kinds separators` measures how marks are read."""
