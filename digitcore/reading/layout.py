"""The writing of a picture put together into characters, in lines from top to bottom, each from left to
right.

The numbers were chosen by hand on the pages of the development sets: `python -m benchmarks.strings FOLDER`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitcore.reading.parts import CORE, Parts, weighted_median

Box = tuple[int, int, int, int]

STACKED, TALLEST = 0.2, 1.5
"""In heights of the writing: the widest gap between parts of one character that stand one above the other,
and the greatest height of the two together."""


@dataclass(frozen=True)
class Character:
    """Parts that belong together. box: (x, y, w, h) around them, at working size."""

    parts: tuple[int, ...]
    box: Box


@dataclass(frozen=True)
class Line:
    """Characters from left to right, and the height of a digit among them."""

    characters: tuple[Character, ...]
    height: float


def lines(parts: Parts, able: np.ndarray) -> list[Line]:
    """The lines of the writing, which is the parts `able` (n,) bool, from top to bottom."""
    if not able.any():
        return []
    typical = weighted_median(parts.boxes[able, 3], parts.mass[able])
    groups = _stacked(parts.boxes, [[int(i)] for i in np.flatnonzero(able)], typical)
    boxes = np.array([around(parts.boxes, group) for group in groups])
    is_core = boxes[:, 3] >= CORE * typical
    rows = _rows(boxes, [int(i) for i in np.flatnonzero(is_core)])
    heights = [weighted_median(boxes[row, 3], boxes[row, 3]) for row in rows]
    for small in map(int, np.flatnonzero(~is_core)):
        apart = [_distance(boxes, small, [i for i in row if is_core[i]]) for row in rows]
        nearest = int(np.argmin(apart))
        if apart[nearest] <= CORE * heights[nearest]:
            rows[nearest].append(small)
    found = []
    for row, height in zip(rows, heights, strict=True):
        beside = _beside(parts.boxes, [groups[i] for i in row], height)
        characters = (Character(tuple(group), around(parts.boxes, group)) for group in beside)
        found.append(Line(tuple(characters), height))
    return found


def _stacked(boxes: np.ndarray, groups: list[list[int]], typical: float) -> list[list[int]]:
    """Groups of parts that stand close above one another and together are as high as one character, such as a
    five and its hat or the halves of a broken nine. Pairs are joined one at a time, always the first that
    fits.

    boxes: (n, 4) of x, y, w, h. typical: the height of the writing.
    """
    found = np.array([around(boxes, group) for group in groups])
    i = 0
    while i < len(groups):
        later = _are_stacked(found[i], found[i + 1 :], typical)
        if not later.any():
            i += 1
            continue
        other = i + 1 + int(np.argmax(later))
        groups[i] = groups[i] + groups.pop(other)
        found[i] = around(found, (i, other))
        found = np.delete(found, other, 0)
        # For the groups before this one, only how they stand to it has changed.
        earlier = _are_stacked(found[i], found[:i], typical)
        if earlier.any():
            i = int(np.argmax(earlier))
    return groups


def _are_stacked(box: np.ndarray, others: np.ndarray, typical: float) -> np.ndarray:
    """(n,) bool: which of the boxes (n, 4) form one character with this box."""
    x, y, w, h = box
    left, top, width, height = others.T
    shared = (np.minimum(x + w, left + width) - np.maximum(x, left)) / np.minimum(w, width)
    gap = np.maximum(y, top) - np.minimum(y + h, top + height)
    both = np.maximum(y + h, top + height) - np.minimum(y, top)
    near = (shared > 0.5) & (gap <= STACKED * typical) & (both <= TALLEST * typical)
    return near & (np.minimum(h, height) < 0.6 * typical)  # two tall parts are neighbours that slant


def _rows(boxes: np.ndarray, core: list[int]) -> list[list[int]]:
    """The parts of each line: the slope that all lines share is taken out, then each part, from left to
    right, joins the line whose last part stands beside it.

    boxes: (n, 4) of x, y, w, h. core: the parts that are as high as digits.
    """
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    slope = _slope(middle[core], boxes[core, 3])
    top = boxes[:, 1] - slope * middle[:, 0]
    bottom = top + boxes[:, 3]
    rows: list[list[int]] = []
    last = np.zeros(0, int)
    for part in sorted(core, key=lambda i: middle[i, 0]):
        shared = np.minimum(bottom[part], bottom[last]) - np.maximum(top[part], top[last])
        shared = shared / np.minimum(boxes[part, 3], boxes[last, 3])
        best = int(np.argmax(shared)) if len(rows) else 0
        if len(rows) and shared[best] > 0.3:
            rows[best].append(part)
            last[best] = part
        else:
            rows.append([part])
            last = np.append(last, part)
    return sorted(rows, key=lambda row: np.mean(top[row] + boxes[row, 3] / 2))


def _slope(middle: np.ndarray, heights: np.ndarray) -> float:
    """The slope of the lines: the median over all parts of the direction to the nearest neighbour on the
    right, where it lies nearly level.

    middle: (n, 2) of x, y. heights: (n,).
    """
    slopes = []
    for i in range(len(middle)):
        apart = middle - middle[i]
        beside = (apart[:, 0] > 0.2 * heights[i]) & (np.abs(apart[:, 1]) < 0.4 * apart[:, 0])
        if beside.any():
            nearest = np.argmin(np.where(beside, np.hypot(*apart.T), np.inf))
            slopes.append(apart[nearest, 1] / apart[nearest, 0])
    return float(np.median(slopes)) if len(slopes) > 1 else 0.0


def _distance(boxes: np.ndarray, part: int, others: list[int]) -> float:
    """From a part's box to the nearest of the other boxes; boxes: (n, 4) of x, y, w, h."""
    x, y, w, h = boxes[part]
    left, top, width, height = boxes[others].T
    gap_x = np.maximum(0, np.maximum(left - (x + w), x - (left + width)))
    gap_y = np.maximum(0, np.maximum(top - (y + h), y - (top + height)))
    return float(np.hypot(gap_x, gap_y).min())


def _beside(boxes: np.ndarray, groups: list[list[int]], height: float) -> list[list[int]]:
    """The groups of a line from left to right; those that stand above one another are joined, however far
    apart they are. boxes: (n, 4) of x, y, w, h."""
    found = [around(boxes, group) for group in groups]
    order = sorted(range(len(groups)), key=lambda i: found[i][0] + found[i][2] / 2)
    groups, found = [groups[i] for i in order], [found[i] for i in order]
    i = 0
    while i < len(groups) - 1:
        (x, _, w, h), (x2, _, w2, h2) = found[i], found[i + 1]
        shared = (min(x + w, x2 + w2) - max(x, x2)) / min(w, w2)
        if shared > 0.5 and min(h, h2) < 0.6 * height:
            groups[i : i + 2] = [groups[i] + groups[i + 1]]
            found[i : i + 2] = [around(boxes, groups[i])]
            i = max(0, i - 1)
        else:
            i += 1
    return groups


def around(boxes: np.ndarray, parts: Sequence[int]) -> Box:
    """(x, y, w, h) around the boxes (n, 4) of some parts."""
    x, y, w, h = boxes[list(parts)].T
    left, top = int(x.min()), int(y.min())
    return left, top, int((x + w).max()) - left, int((y + h).max()) - top
