"""The ink of a picture that may hold several digits: parts, what of them is writing, lines in reading order.

    ink_of     grey picture -> its connected pieces of ink
    lines      those that are writing, put together to characters, in lines

Specks, what the picture's sides cut, and shapes drawn around digits are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.preprocessing import ink as inks
from digitcore.preprocessing import ruled_lines

SHEET_SIDE = 1600
"""Larger pictures are reduced to this long side, at which the digits of a written page have 20 pixels."""

WEAK = 0.25
"""Of the contrast: ink of this strength joins strokes; their soft edges are given back afterwards."""

NOISY = 0.12
"""Noise over contrast from which the picture is smoothed first."""

FAINT = 0.4
"""Of the writing's strength: fainter parts are print that shows through, dirt and shade."""

CORE = 0.4
"""Of the writing's height: what is smaller is a part of a character, or none."""

STACKED, TALLEST = 0.2, 1.5
"""Of the writing's height: gap within a character of parts above one another, and its height."""

LARGEST = 2.2
"""Of the other characters' height: what is larger is a drawn shape or the paper's edge."""


@dataclass(frozen=True)
class Ink:
    """A picture's pieces of ink, at working size.

    above: (h, w) float32, grey levels above the paper, and their levels. labels: (h, w) int32, 0 paper.
    boxes: (n, 4) int of x, y, w, h; strength: (n,) grey levels; mass: (n,); row 0 stands for the paper.
    scale: working size / given size, at most 1.
    """

    above: np.ndarray
    levels: inks.Levels
    labels: np.ndarray
    boxes: np.ndarray
    strength: np.ndarray
    mass: np.ndarray
    scale: float


@dataclass(frozen=True)
class Character:
    """Parts that belong together. box: (x, y, w, h) around them, at working size."""

    parts: tuple[int, ...]
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Line:
    """Characters from left to right, and the height of a digit among them."""

    characters: tuple[Character, ...]
    height: float


def ink_of(grey: np.ndarray, polarity: str = "auto", side: int = SHEET_SIDE) -> Ink:
    """grey: (h, w) uint8. Raises BlankError where nothing stands out."""
    work = inks.reduced(grey, side)
    if polarity == "auto":
        polarity = inks.polarity_of(work)
    above = inks.flatten(work, polarity)
    levels = inks.levels(above)
    without = ruled_lines.without_lines(above, levels)
    if without is not above:
        above, levels = without, inks.levels(without)
    found = _parts(above, levels, max(work.shape) / max(grey.shape))
    writing = is_writing(found)
    if writing.any():  # what is at the picture's sides may be far darker than the writing
        level = levels.paper + float(np.median(found.strength[writing]))
        if level < levels.paper + 0.7 * (levels.ink - levels.paper):
            found = _parts(above, inks.Levels(levels.paper, levels.noise, level), found.scale)
    return found


def _parts(above, levels, scale):
    if levels.noise > NOISY * (levels.ink - levels.paper):
        above = cv2.GaussianBlur(above, (0, 0), 1.2)
    threshold = levels.paper + max(WEAK * (levels.ink - levels.paper), 3 * levels.noise)
    mask = (above > threshold).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    inked = mask.view(bool)
    part, ink = labels[inked], above[inked] - levels.paper
    mass = np.bincount(part, ink, minlength=count)
    # The mean weighted by itself: a stroke's strength, whatever share of it is soft edge.
    strength = np.bincount(part, ink * ink, minlength=count) / np.maximum(mass, 1e-6)
    return Ink(above, levels, labels, stats[:, :4].astype(int), strength, mass, scale)


def is_writing(ink: Ink) -> np.ndarray:
    """(n,) bool: the parts large and whole enough to be digits."""
    height, width = ink.above.shape
    x, y, w, h = ink.boxes.T
    size = np.maximum(w, h)
    able = size >= max(5, 0.012 * max(height, width))
    able[0] = False
    # The edge of the sheet or of the table runs along a side of the picture.
    beside = ((x == 0) | (x + w == width)) & (w < 0.12 * width) & (h > 0.3 * height)
    below = ((y == 0) | (y + h == height)) & (h < 0.12 * height) & (w > 0.3 * width)
    able &= ~(beside | below)
    for part in np.flatnonzero(able):
        if _is_frame(ink, part, able):
            able[part] = False
    if not able.any():
        return able
    typical = _weighted_median(h[able], ink.mass[able])
    strong = _weighted_median(ink.strength[able & (h >= CORE * typical)], None)
    able &= (size >= 0.1 * typical) & (ink.strength >= FAINT * strong)
    core = able & (h >= CORE * typical)
    if core.sum() > 2:
        able &= h <= LARGEST * np.median(h[core])  # not the width: touching digits are wide
    return able


def _is_frame(ink, part, able):
    """Whether a part is drawn around another one: seen from that one's middle it stands on all sides."""
    x, y, w, h = ink.boxes[part]
    left, top, width, height = ink.boxes.T
    inside = able & (left > x) & (top > y) & (left + width < x + w) & (top + height < y + h)
    inside &= np.maximum(width, height) > 0.08 * max(w, h)
    for other in np.flatnonzero(inside):
        middle_x, middle_y = left[other] + width[other] // 2, top[other] + height[other] // 2
        across = np.flatnonzero(ink.labels[middle_y, x : x + w] == part) + x
        down = np.flatnonzero(ink.labels[y : y + h, middle_x] == part) + y
        sides = sum(map(any, (across < middle_x, across > middle_x, down < middle_y, down > middle_y)))
        if sides == 4 or (sides == 3 and max(w, h) > LARGEST * max(width[other], height[other])):
            return True
    return False


def without_largest(ink: Ink, able: np.ndarray) -> np.ndarray:
    """The writing (n,) bool without what is far larger than the rest of it: shapes with nothing in them, for
    instance. `able` itself where nothing is."""
    size = ink.boxes[:, 3]
    if able.sum() < 3:
        return able
    largest = size[able].max()
    rest = able & (size < largest / LARGEST)
    # What is small beside the rest as well is dirt.
    return rest if (size[rest] > CORE * size[rest].max(initial=0)).sum() > 1 else able


def lines(ink: Ink, able: np.ndarray) -> list[Line]:
    """The writing, (n,) bool, in lines from top to bottom, each from left to right."""
    if not able.any():
        return []
    typical = _weighted_median(ink.boxes[able, 3], ink.mass[able])
    groups = _stacked(ink.boxes, [[int(i)] for i in np.flatnonzero(able)], typical)
    boxes = np.array([around(ink.boxes, group) for group in groups])
    is_core = boxes[:, 3] >= CORE * typical
    rows = _rows(boxes, [int(i) for i in np.flatnonzero(is_core)])
    heights = [_weighted_median(boxes[row, 3], boxes[row, 3]) for row in rows]
    for small in map(int, np.flatnonzero(~is_core)):
        apart = [_distance(boxes, small, [i for i in row if is_core[i]]) for row in rows]
        nearest = int(np.argmin(apart))
        if apart[nearest] <= CORE * heights[nearest]:
            rows[nearest].append(small)
    found = []
    for row, height in zip(rows, heights, strict=True):
        parts = _beside(ink.boxes, [groups[i] for i in row], height)
        found.append(Line(tuple(Character(tuple(part), around(ink.boxes, part)) for part in parts), height))
    return found


def _stacked(boxes, groups, typical):
    """Parts right above one another that are one character's height together, such as a five and its hat or
    the halves of a broken nine, become one group."""
    i = 0
    while i < len(groups):
        x, y, w, h = around(boxes, groups[i])
        others = np.array([around(boxes, group) for group in groups[i + 1 :]]).reshape(-1, 4)
        left, top, width, height = others.T
        shared = (np.minimum(x + w, left + width) - np.maximum(x, left)) / np.minimum(w, width)
        gap = np.maximum(y, top) - np.minimum(y + h, top + height)
        both = np.maximum(y + h, top + height) - np.minimum(y, top)
        near = (shared > 0.5) & (gap <= STACKED * typical) & (both <= TALLEST * typical)
        near &= np.minimum(h, height) < 0.6 * typical  # two tall ones are neighbours that slant
        if near.any():
            groups[i] = groups[i] + groups.pop(i + 1 + int(np.argmax(near)))
            i = 0
        else:
            i += 1
    return groups


def _rows(boxes, core):
    """Lists of parts, each a line: the slope that the lines share is taken out, then each part joins the
    line whose last part stands beside it."""
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    slope = _slope(middle[core], boxes[core, 3])
    top = boxes[:, 1] - slope * middle[:, 0]
    rows: list[list[int]] = []
    for part in sorted(core, key=lambda i: middle[i, 0]):
        best, row_of = 0.3, None
        for row in rows:
            last = row[-1]
            shared = min(top[part] + boxes[part, 3], top[last] + boxes[last, 3]) - max(top[part], top[last])
            shared /= min(boxes[part, 3], boxes[last, 3])
            if shared > best:
                best, row_of = shared, row
        if row_of is None:
            rows.append([part])
        else:
            row_of.append(part)
    return sorted(rows, key=lambda row: np.mean(top[row] + boxes[row, 3] / 2))


def _slope(middle, heights):
    """Of the lines: the median over the nearest neighbours to the right, where they lie nearly level."""
    slopes = []
    for i in range(len(middle)):
        apart = middle - middle[i]
        beside = (apart[:, 0] > 0.2 * heights[i]) & (np.abs(apart[:, 1]) < 0.4 * apart[:, 0])
        if beside.any():
            nearest = np.argmin(np.where(beside, np.hypot(*apart.T), np.inf))
            slopes.append(apart[nearest, 1] / apart[nearest, 0])
    return float(np.median(slopes)) if len(slopes) > 1 else 0.0


def _distance(boxes, part, others):
    """From a part's box to the nearest of the others'."""
    x, y, w, h = boxes[part]
    left, top, width, height = boxes[others].T
    gap_x = np.maximum(0, np.maximum(left - (x + w), x - (left + width)))
    gap_y = np.maximum(0, np.maximum(top - (y + h), y - (top + height)))
    return float(np.hypot(gap_x, gap_y).min())


def _beside(boxes, groups, height):
    """From left to right, and what stands above one another in the line joined, however far."""
    groups = sorted(groups, key=lambda group: around(boxes, group)[0] + around(boxes, group)[2] / 2)
    i = 0
    while i < len(groups) - 1:
        x, _, w, h = around(boxes, groups[i])
        x2, _, w2, h2 = around(boxes, groups[i + 1])
        shared = (min(x + w, x2 + w2) - max(x, x2)) / min(w, w2)
        if shared > 0.5 and min(h, h2) < 0.6 * height:
            groups[i : i + 2] = [groups[i] + groups[i + 1]]
            i = 0
        else:
            i += 1
    return groups


def around(boxes, parts):
    """(x, y, w, h) around the boxes of some parts."""
    x, y, w, h = boxes[list(parts)].T
    left, top = int(x.min()), int(y.min())
    return left, top, int((x + w).max()) - left, int((y + h).max()) - top


def _weighted_median(values, weights):
    if weights is None:
        return float(np.median(values))
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
