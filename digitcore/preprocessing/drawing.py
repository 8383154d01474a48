"""Strokes of a pen -> the grey picture that they make, for those who have points and no pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from digitcore.errors import ImageError, TooLargeError

Stroke = Sequence[tuple[float, float]]
"""Where the pen went from touching the paper to leaving it: (x, y) in pixels, y downwards."""

SIDE, PEN = 280, 18
"""The paper and the pen of the Draw page, in pixels: what strokes are assumed to be drawn with unless a size
is given."""

SMALLEST, LARGEST = 28, 2_000
"""Paper's width and height in pixels."""

THINNEST, THICKEST = 1, 200
"""The pen's width in pixels."""

MOST_STROKES, MOST_POINTS = 500, 20_000
"""In one drawing: minutes of scribbling, at the hundred points a second that a screen reports."""

FARTHEST = 10_000
"""How far from the paper's corner a point may lie; what lies outside the paper is not seen."""

_FINE = 4  # times as large, drawn without soft edges: OpenCV's own antialiased pen is half a pixel too wide


def rendered(
    strokes: Sequence[Stroke], pen: float = PEN, width: int = SIDE, height: int = SIDE
) -> np.ndarray:
    """(height, width) uint8, 0 ink on 255 paper: the strokes as a round pen `pen` pixels wide leaves them.

    Lines are straight from point to point, with round corners and ends; a stroke of one point is a dot.
    Raises ImageError, in one sentence, for what is not a drawing.
    """
    check(strokes, pen, width, height)
    large = np.full((height * _FINE, width * _FINE), 255, np.uint8)
    for stroke in strokes:
        corners = np.rint(np.array(stroke, np.float64) * _FINE - 0.5).astype(
            np.int32
        )  # a pixel's middle is at 0.5
        if len(corners) == 1:
            cv2.circle(large, corners[0].tolist(), round(pen * _FINE / 2), 0, cv2.FILLED)
        else:
            cv2.polylines(large, [corners], False, 0, round(pen * _FINE))
    return cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)


def check(strokes: Sequence[Stroke], pen: float, width: int, height: int) -> None:
    """Raises ImageError for what `rendered` does not draw, saying what was expected and what came."""
    for name, value, least, most in (
        ("width", width, SMALLEST, LARGEST),
        ("height", height, SMALLEST, LARGEST),
        ("pen", pen, THINNEST, THICKEST),
    ):
        if not _is_number(value) or not least <= value <= most or (name != "pen" and value != int(value)):
            wanted = f"a {'' if name == 'pen' else 'whole '}number of pixels from {least} to {most}"
            raise ImageError(f"{name} must be {wanted}, got {value!r}.")
    if not isinstance(strokes, (list, tuple)) or not strokes:
        raise ImageError("A drawing is a list of strokes, each a list of points [x, y]; this one has none.")
    if len(strokes) > MOST_STROKES:
        raise TooLargeError(f"This drawing has {len(strokes):,} strokes, at most {MOST_STROKES:,} are drawn.")
    points = 0
    for number, stroke in enumerate(strokes, 1):
        if not isinstance(stroke, (list, tuple)) or not stroke:
            raise ImageError(f"Stroke {number} must be a list of points [x, y], with at least one.")
        points += len(stroke)
        if points > MOST_POINTS:
            raise TooLargeError(f"This drawing has more than the {MOST_POINTS:,} points that are drawn.")
        for point in stroke:
            if not isinstance(point, (list, tuple)) or len(point) != 2 or not all(map(_is_place, point)):
                raise ImageError(
                    f"A point of stroke {number} must be two numbers [x, y] of at most {FARTHEST:,} pixels."
                )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_place(value: object) -> bool:
    return _is_number(value) and abs(value) <= FARTHEST
