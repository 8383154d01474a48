"""Parts of a picture's ink that are not digits: bars and dots, recognised by their shape alone.

    is_mark         which parts are bars (dashes, minus, equals, underlines, sides of a frame) or dots
    bars_and_dots   the same, hats and feet of digits among them

A digit is higher than the pen is wide. Ink that is not is no digit, however sure a network is of it; but it
may be part of one: the hat of a five, the bar through a seven.
"""

from __future__ import annotations

import cv2
import numpy as np

LONG = 2.5
"""Length over thickness from which a filled part is a bar. Chosen by hand, on photographed signs and on the
hats of fives: at 2 some hats were taken for bars."""

LYING = 35.0
"""Degrees from level within which a bar lies: a steeper one may be a 1, or the stroke of a fraction."""

FILLED = 0.72
"""Share of its (turned) box that the ink of a bar fills at least; a flat scribble fills less."""

ROUND, ROUND_FILLED = 1.7, 0.6
"""Greatest length over thickness of a dot, and the share of its box that it fills at least; a disc fills
0.79."""

HAT_GAP, FOOT_GAP, HAT_WIDTH = 0.25, 0.1, 1.1
"""In heights of the part below or above: how far away a bar may be to be its hat, how far to be its foot, and
how wide the bar may be."""


def is_mark(labels: np.ndarray, boxes: np.ndarray, able: np.ndarray) -> np.ndarray:
    """(n,) bool: which of the `able` parts are bars or dots and not part of a digit beside them.

    labels: (h, w) int32. boxes: (n, 4) of x, y, w, h. able: (n,) bool.
    """
    flat, dot = bars_and_dots(labels, boxes, able)
    for part in np.flatnonzero(flat):
        if _is_hat(boxes, part, able & ~flat & ~dot):
            flat[part] = False
    return flat | dot


def bars_and_dots(labels: np.ndarray, boxes: np.ndarray, able: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(which of the `able` parts are bars, which are dots), (n,) bool each, whatever is beside them. As
    `is_mark`."""
    flat, dot = np.zeros(len(boxes), bool), np.zeros(len(boxes), bool)
    for part in np.flatnonzero(able):
        flat[part], dot[part] = _shape(labels, boxes[part], part)
    return flat, dot


def _shape(labels: np.ndarray, box: np.ndarray, part: int) -> tuple[bool, bool]:
    """(whether a part is a lying bar, whether it is a dot). labels: (h, w) int32. box: (4,) of x, y, w, h."""
    x, y, w, h = box
    if w * 2 < h:
        return False, False
    if max(w, h) > ROUND * min(w, h) and w < 1.3 * h:
        return False, False
    own = (labels[y : y + h, x : x + w] == part).view(np.uint8)
    area = cv2.countNonZero(own)
    if max(w, h) <= ROUND * min(w, h):
        # A ring has a hole and a cross has arms: neither is as thick as it is wide, as a dot is.
        if area < ROUND_FILLED * w * h:
            return False, False
        thick = 2 * cv2.distanceTransform(np.pad(own, 1), cv2.DIST_L2, 3).max()
        return False, bool(thick >= 0.8 * min(w, h))
    (_, _), (a, b), angle = cv2.minAreaRect(cv2.findNonZero(own))
    long, short = max(a, b) + 1, min(a, b) + 1
    turned = angle if a >= b else angle - 90
    lies = min(abs(turned), abs(abs(turned) - 180)) <= LYING
    return bool(lies and long >= LONG * short and area >= FILLED * long * short), False


def _is_hat(boxes: np.ndarray, part: int, others: np.ndarray) -> bool:
    """Whether a bar is the hat, the bar or the foot of another part that is not much lower than the bar is
    long: it stands close above that part, crosses it, or almost touches it from below, as an underline does
    not.

    boxes: (n, 4) of x, y, w, h. others: (n,) bool.
    """
    x, y, w, h = boxes[part]
    left, top, width, height = boxes.T
    shared = np.minimum(x + w, left + width) - np.maximum(x, left)
    gap = np.maximum(y, top) - np.minimum(y + h, top + height)
    below = y + h / 2 > top + 0.7 * height
    near = others & (shared > 0.3 * np.minimum(w, width)) & (w <= HAT_WIDTH * height)
    near &= gap <= np.where(below, FOOT_GAP, HAT_GAP) * height
    return bool(near.any())
