"""What is drawn beside writing on forms and in answers: lines, boxes, combs. Digits that touch them stay.

without_lines    Parts -> Parts without lines, without their ticks and without what is left of them
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from digitcore.preprocessing import drawn_lines
from digitcore.reading import outlines
from digitcore.reading.layout import TALLEST
from digitcore.reading.parts import LARGEST, Parts, is_frame, pieces

LINE, UPRIGHT_LINE = 2.4, 2.0
"""In heights of the writing: straight ink longer than this, level or upright, is a line and not a digit's
stroke."""

HUNG = 0.45
"""Share of the height of the writing: smaller ink that touched a line is a tick or what is left of the
line."""

EDGE, HALF = 0.05, 0.5
"""Thickness over length, and over the thickness of a line, up to which ink that touched the line is what is
left of its edge. Chosen by hand, on kind "framed" of `python -m benchmarks.pages`; a 1 by a pen leans by
more, or is as thick as the pen."""


def without_lines(parts: Parts, looked_for_outlines: bool = False) -> Parts:
    """The parts without lines, and with digits that touch a shape around them as parts of their own. A shape
    drawn around digits stays whole where it would still be too large for a digit without its lines;
    `Parts.writing` leaves it out.

    looked_for_outlines: whether such digits have been set apart already.
    """
    seen = parts.seen
    if np.count_nonzero(seen) == 1 and parts.boxes[seen][0, 2] < LINE * parts.boxes[seen][0, 3]:
        return parts
    frames = np.zeros(len(seen), bool)
    for part in np.flatnonzero(seen):
        frames[part] = is_frame(parts, part, seen, closed=True)  # digits on a line are open above
    if not looked_for_outlines and (alone := outlines.set_apart(parts, frames)) is not parts:
        return without_lines(alone, looked_for_outlines=True)
    height = usual_height(parts.boxes, seen & ~frames)
    w, h = parts.boxes[:, 2:].T
    # No part is long enough to be a line.
    if not height or not (seen & ((w >= LINE * height) | (h >= UPRIGHT_LINE * height))).any():
        return parts
    down, right = parts.above.shape
    mask = seen[parts.labels].view(np.uint8)
    shortest = min(LINE * height, 0.5 * right), min(UPRIGHT_LINE * height, 0.5 * down)
    lines = drawn_lines.segments(mask, *shortest)
    if not lines:
        return parts
    gone = drawn_lines.without(mask, lines)
    rest = erased(parts, gone)
    drawn_around = np.bincount(rest.labels[frames[parts.labels]], minlength=len(rest.boxes)) > 0
    large = rest.boxes[:, 3] > np.where(drawn_around, TALLEST, LARGEST) * height
    large[0] = False
    if large.any():
        whole = np.zeros(len(seen), bool)
        whole[np.unique(parts.labels[large[rest.labels]])] = True
        gone &= ~whole[parts.labels]
        if not gone.any():
            return parts
        rest = erased(parts, gone)
    # Small ink that touched a line belongs to it, and so does its edge.
    beside = cv2.dilate(gone.view(np.uint8), np.ones((5, 5), np.uint8)).view(bool)
    hung = np.bincount(rest.labels[beside], minlength=len(rest.boxes)) > 0
    long, thin = np.maximum(*rest.boxes[:, 2:].T), np.minimum(*rest.boxes[:, 2:].T)
    edge = (thin <= EDGE * long) & (thin <= HALF * max(line.thickness for line in lines))
    hung &= (long < HUNG * height) | edge
    hung[0] = False
    if hung.any():
        rest = erased(rest, hung[rest.labels])
    return replace(rest, lines=tuple(lines))


def erased(parts: Parts, gone: np.ndarray) -> Parts:
    """The parts of the ink that is left without the pixels `gone`, (h, w) bool."""
    above = np.where(gone, np.float32(parts.levels.paper), parts.above)
    return pieces(above, parts.levels, parts.scale, parts.budget)


def usual_height(boxes: np.ndarray, able: np.ndarray) -> float:
    """The median height of the parts that are neither drawn around others nor far wider than high; of all
    where there are none such, and 0 where there is no part.

    boxes: (n, 4) of x, y, w, h. able: (n,) bool, the parts that count.
    """
    x, y, w, h = boxes[able].T
    if not len(x):
        return 0.0
    middle_x, middle_y = x + w / 2, y + h / 2
    inside = (middle_x > x[:, None]) & (middle_x < (x + w)[:, None])
    inside &= (middle_y > y[:, None]) & (middle_y < (y + h)[:, None])
    usual = (inside.sum(1) <= 2) & (w < 4 * h)
    return float(np.median(h[usual] if usual.any() else h))
