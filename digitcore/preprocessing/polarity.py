"""The polarity of a picture: ink darker than its ground, or lighter.

The weights of the evidence were chosen by hand on the development sets and on made photographs and bitmaps
(`benchmarks.support.papers`); `python -m benchmarks.pipeline FOLDER` counts the misses without it ("no
polarity") and with it.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.preprocessing.paper import reduced

POLARITIES = ("auto", "dark-on-light", "light-on-dark")

WIDE = 0.25
"""Share of the long side: what is wider is not a stroke. At 0.45, sheets on a table and pages half in shadow
came out inverted (`python -m benchmarks.pages`); for the development sets it made no difference."""

PAGE, STROKE, MOST_CLOSED = 256, 5, 0.75
"""Long side from which a picture is a photograph that may show a page full of digits; how many pixels of the
copy that is examined their strokes are wide at most: they do not make a shadow narrow; and the share of the
picture up to which there is a shadow beside them, and not only strokes close together. Chosen by hand, on
`python -m benchmarks.page_speed`."""

SURROUNDINGS, FINE = 0.3, 0.1
"""Shares of the long side: how wide the surroundings of a stroke are, and those of the small strokes of a
page, beside which the edge of a soft shadow is even. Where both say the same, the second is what counts. The
second was chosen by hand, on kind "rows" of `python -m benchmarks.pages`."""

LOOKED_AT = 64
"""Long side of the copy that is examined: the ground is large."""


def polarity_of(grey: np.ndarray) -> str:
    """Whether ink is darker than its ground: "dark-on-light" or "light-on-dark".

    grey: (h, w) uint8. First evidence: a digit leaves most of the picture's rim, of its four corners and of
    its area to the paper, even where it fills the picture from edge to edge. Where what would then be ink is
    too wide for a stroke, it is a shadow or a table, and the second evidence weighs more: strokes lie on one
    side of the level around them, whatever that level is.
    """
    small = reduced(grey, LOOKED_AT)
    low, high = _percentiles(small, 0.01, 0.99)
    darkest, lightest, *_ = cv2.minMaxLoc(small)
    if high - low < (lightest - darkest) / 4:  # a digit too small to fill one percent
        low, high = darkest, lightest
    light = small > (low + high) / 2
    height, width = small.shape
    edge = max(1, round(min(small.shape) / 16))
    inner = light[edge:-edge, edge:-edge]
    count = np.count_nonzero(light)
    rim = (count - np.count_nonzero(inner)) / (light.size - inner.size)
    corner = max(1, round(min(small.shape) / 8))
    ends = slice(corner), slice(-corner, None)
    lit = sum(np.count_nonzero(light[down, across]) for down in ends for across in ends)
    evidence = rim + lit / (4 * corner**2) + count / (height * width) - 1.5
    minority = (light if evidence < 0 else ~light).view(np.uint8)
    if max(grey.shape) > PAGE:
        closed = cv2.morphologyEx(minority, cv2.MORPH_CLOSE, np.ones((STROKE, STROKE), np.uint8))
        if np.count_nonzero(closed) < MOST_CLOSED * closed.size:
            minority = closed
    if 2 * cv2.distanceTransform(minority, cv2.DIST_L2, 5).max() > WIDE * max(small.shape):
        sided = _sidedness(small)
        if max(grey.shape) > PAGE:
            fine = _sidedness(reduced(grey, 2 * LOOKED_AT), FINE)
            sided = fine if fine * sided > 0 else sided
        evidence += 2 * sided
    if abs(evidence) < 0.5:  # hardly any: a glyph that fills its box
        evidence += _cut_to_pieces(light) - _cut_to_pieces(~light)
    return "dark-on-light" if evidence >= 0 else "light-on-dark"


def _percentiles(grey: np.ndarray, *shares: float) -> list[float]:
    """The levels at these shares of all pixels of a picture (h, w) uint8, interpolated like those of
    np.percentile, in a fifth of the time."""
    total = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel())
    found = []
    for share in shares:
        place = share * (grey.size - 1)
        before, after = np.searchsorted(total, (int(place), int(place) + 1), "right")
        found.append(float(before + (place % 1) * (min(after, 255) - before)))
    return found


def _cut_to_pieces(part: np.ndarray) -> bool:
    """Whether (h, w) bool is several pieces around one shape that reaches all four sides, as the paper around
    the strokes of a glyph stretched to its box is."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((~part).view(np.uint8), connectivity=8)
    if count != 2 or tuple(stats[1, 2:4]) != part.shape[::-1]:
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(part.view(np.uint8), connectivity=4)
    x, y, w, h = stats[1:, :4].T
    at_a_side = (x == 0) | (y == 0) | (x + w == part.shape[1]) | (y + h == part.shape[0])
    return count > 2 and bool(at_a_side.all())


def _sidedness(small: np.ndarray, reach: float = SURROUNDINGS) -> float:
    """Of a picture (h, w) uint8: from -1, where what stands out from its surroundings is lighter than they
    are, to 1, where it is darker. reach: how wide those are, as a share of the long side."""
    width = round(reach * max(small.shape)) | 1
    if width < 13:  # too few pixels to have surroundings
        return 0.0
    pad = width // 2
    around = cv2.copyMakeBorder(small, pad, pad, pad, pad, cv2.BORDER_REFLECT)
    around = cv2.medianBlur(around, width)[pad:-pad, pad:-pad].astype(np.float32)
    apart = small - around
    apart = np.sign(apart) * np.maximum(np.abs(apart) - 0.3 * np.percentile(np.abs(apart), 99.5), 0)
    return -float(apart.sum()) / max(float(np.abs(apart).sum()), 1e-6)
