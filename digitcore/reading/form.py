"""What is drawn beside writing on forms and in answers: lines, boxes, combs. Digits that touch them stay.

without_lines    Parts -> Parts without lines, their ticks and their remains
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from digitcore.preprocessing import drawn_lines
from digitcore.reading.layout import TALLEST
from digitcore.reading.parts import LARGEST, Parts, is_frame, pieces

LINE, UPRIGHT_LINE = 2.4, 2.0
"""Of the writing's height: straight ink longer than this, level and upright, is a line, no digit's stroke."""

HUNG = 0.45
"""Of the writing's height: what is smaller and touched a line is a tick or what is left of the line."""


def without_lines(parts: Parts) -> Parts:
    """What is drawn around digits, and what stays too large for one without its lines, stays whole, for
    `Parts.writing` to leave out."""
    seen = parts.seen
    if np.count_nonzero(seen) == 1 and parts.boxes[seen][0, 2] < LINE * parts.boxes[seen][0, 3]:
        return parts
    frames = np.zeros(len(seen), bool)
    for part in np.flatnonzero(seen):
        frames[part] = is_frame(parts, part, seen)
    height = usual_height(parts.boxes, seen & ~frames)
    w, h = parts.boxes[:, 2:].T
    # Nothing is long enough to be a line.
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
    # What touched a line and is small hung on it.
    beside = cv2.dilate(gone.view(np.uint8), np.ones((5, 5), np.uint8)).view(bool)
    hung = np.bincount(rest.labels[beside], minlength=len(rest.boxes)) > 0
    hung &= np.maximum(*rest.boxes[:, 2:].T) < HUNG * height
    hung[0] = False
    if hung.any():
        rest = erased(rest, hung[rest.labels])
    return replace(rest, lines=tuple(lines))


def erased(parts: Parts, gone: np.ndarray) -> Parts:
    """The parts of the ink without the pixels (h, w) bool."""
    above = np.where(gone, np.float32(parts.levels.paper), parts.above)
    return pieces(above, parts.levels, parts.scale, parts.budget)


def usual_height(boxes: np.ndarray, able: np.ndarray) -> float:
    """Of the parts that are not drawn around others, nor far wider than high; 0 where there is none."""
    x, y, w, h = boxes[able].T
    if not len(x):
        return 0.0
    middle_x, middle_y = x + w / 2, y + h / 2
    inside = (middle_x > x[:, None]) & (middle_x < (x + w)[:, None])
    inside &= (middle_y > y[:, None]) & (middle_y < (y + h)[:, None])
    usual = (inside.sum(1) <= 2) & (w < 4 * h)
    return float(np.median(h[usual] if usual.any() else h))
