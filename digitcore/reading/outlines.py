"""Digits that touch a shape drawn around them: a circle, a box, a cloud.

    set_apart   Parts -> Parts in which such digits are parts of their own

The numbers were chosen by hand, on kinds "circled" and "boxed" of `python -m benchmarks.pages`.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.preprocessing.ink import grown
from digitcore.reading.parts import Parts, pieces

OUTLINED = 0.5
"""Share of the pixels at one depth below a shape's outline that are ink, from which they belong to the line
around it: nearly all do as deep as the pen is wide, and farther in only where a digit touches the line."""

UNEVEN = 1.5
"""Times as thick as usual that the line may be anywhere: what lies deeper touches it."""

DEEP = 4.0
"""In thicknesses of the line: how far below the outline a digit that touches the line reaches at least; an
uneven pen does not."""

APART = 2
"""Pixels of the line beside a digit that are taken out: with fewer, ink that meets at corners still hangs
together."""

THICKEST = 0.2
"""Share of a shape's shorter side: a thicker line is none that is drawn around digits."""

ACROSS = 0.8
"""Share of the width and height within a shape: what reaches farther through it is a line between cells."""

MOST = 12
"""Parts in a shape: around more there is a table or a page, whose lines others take out."""

LEAST = 0.5
"""Share of the height of the tallest part in a shape: what touches the line and is lower is no digit."""


def set_apart(parts: Parts, around: np.ndarray) -> Parts:
    """The parts with the digits that touch one of the shapes `around` (n,) bool as parts of their own; the
    shapes stay. `parts` itself where there is no such digit."""
    gone = np.zeros(parts.above.shape, bool)
    for part in np.flatnonzero(around):
        x, y, w, h = parts.boxes[part]
        within = _within(parts, part)
        if np.count_nonzero(within) > MOST:
            continue
        near = slice(y, y + h), slice(x, x + w)
        own = (parts.labels[near] == part).view(np.uint8)
        depth, filled = _depth(own)
        thick = _thickness(own, depth, filled)
        if not thick or thick > THICKEST * min(w, h):
            continue
        inner = _inner(own, depth, thick, LEAST * parts.boxes[within, 3].max(initial=0))
        gone[near] |= own.view(bool) & grown(inner, APART) & ~inner
    if not gone.any():
        return parts
    above = np.where(gone, np.float32(parts.levels.paper), parts.above)
    return pieces(above, parts.levels, parts.scale, parts.budget)


def _depth(own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(how far each pixel lies below the outline of ink (h, w) uint8, (h, w) float32, 0 outside; what lies
    within that outline, (h, w) bool)."""
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(own.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, -1)
    depth = cv2.distanceTransform(np.pad(filled, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return depth, filled.view(bool)


def _thickness(own: np.ndarray, depth: np.ndarray, filled: np.ndarray) -> int:
    """How many pixels thick the line is that runs along the outline; 0 where there is none.

    own: (h, w) uint8, the ink. depth, filled: as `_depth` gives them.
    """
    level = depth[filled].astype(int)
    inked = np.bincount(level, own[filled])
    share = inked / np.maximum(1, np.bincount(level))
    bare = np.flatnonzero(share[1:] < OUTLINED)
    return int(bare[0]) + 1 if len(bare) else 0


def _inner(own: np.ndarray, depth: np.ndarray, thick: int, least: float) -> np.ndarray:
    """The ink (h, w) bool of a shape that reaches far in from its line but not through it, and is at least
    `least` pixels high.

    own: (h, w) uint8. depth: (h, w) float32. thick: of the line, in pixels.
    """
    below = ((depth > UNEVEN * thick) & own.view(bool)).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(below, connectivity=8)
    inner = np.zeros(count, bool)
    inner[labels[depth >= DEEP * thick]] = True
    inside = np.array(own.shape[::-1]) - 2 * UNEVEN * thick
    inner &= (stats[:, 3] >= least) & (stats[:, 2:4] < ACROSS * inside).all(1)
    inner[0] = False
    return inner[labels]


def _within(parts: Parts, part: int) -> np.ndarray:
    """(n,) bool: which parts lie in the box of another."""
    x, y, w, h = parts.boxes[part]
    left, top, width, height = parts.boxes.T
    return parts.seen & (left > x) & (top > y) & (left + width < x + w) & (top + height < y + h)
