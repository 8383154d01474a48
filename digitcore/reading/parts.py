"""The connected pieces of a picture's ink, and which of them are writing.

    parts_of         InkMap -> Parts
    Parts.writing    those that are large, strong and whole enough to be digits

Specks, what the picture's sides cut off, and shapes drawn around digits are left out.

The numbers were chosen by hand on the pages of the development sets (`python -m benchmarks.strings FOLDER`)
and on numbers composed of validation digits (the same command without a folder). Run both after a change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from digitcore.preprocessing import frame
from digitcore.preprocessing.drawn_lines import Segment
from digitcore.preprocessing.ink import InkMap, components
from digitcore.preprocessing.paper import Levels
from digitcore.reading import marks
from digitcore.reading.budget import Budget

WEAK = 0.25
"""Share of the contrast: ink of this strength joins strokes; their soft edges are added again afterwards."""

NOISY = 0.12
"""Noise over contrast from which the picture is smoothed first."""

FAINT = 0.4
"""Share of the writing's strength: fainter parts are print that shows through, dirt or shade."""

PALE, SAME_HEIGHT = 0.25, 0.7
"""Of the writing's strength: what is at least so strong is writing where it stands beside some and shares so
much of its height. By hand, on kinds "pale digit" and "print through" of `python -m benchmarks.pages`."""

CORE = 0.4
"""Share of the writing's height: smaller parts are a piece of a character, or no writing."""

SPECK = 0.012
"""Share of the picture's long side: smaller parts are dirt."""

INSIDE, SPECK_INSIDE = 0.08, 0.02
"""Share of the size of what is drawn around it: the least size of a digit, where there are one or two inside,
and where there are more."""

DOT = 0.3
"""Share of a nought's size: the largest dot in it."""

LARGEST = 2.2
"""In heights of the other characters: larger parts are drawn shapes or the paper's edge."""

LOOKED_INTO = 12
"""A frame around several parts is also around the largest of them: only this many are examined."""

DARKER = 0.7
"""Where the writing is weaker than this share of the picture's strongest ink, for instance of a table beside
the sheet, parts are found again by the strength of the writing."""


@dataclass(frozen=True)
class Parts:
    """A picture's pieces of ink, at the size of its map.

    above: (h, w) float32, grey levels above the paper, and their levels. labels: (h, w) int32, 0 paper.
    boxes: (n, 4) int of x, y, w, h; strength: (n,) grey levels; mass: (n,), the sum of a part's ink; row 0
    stands for the paper. scale: this size / the size given, at most 1. lines: those that were taken out
    (`form.without_lines`). budget: what reading the picture may still take; asking for `seen` or `writing`
    raises as it does.
    """

    above: np.ndarray
    levels: Levels
    labels: np.ndarray
    boxes: np.ndarray
    strength: np.ndarray
    mass: np.ndarray
    scale: float
    lines: tuple[Segment, ...] = ()
    budget: Budget = field(default_factory=Budget, compare=False, repr=False)

    @cached_property
    def seen(self) -> np.ndarray:
        """(n,) bool: the parts that are neither specks nor the edge of a sheet or a cell at the side of the
        picture."""
        return _seen(self)

    @cached_property
    def writing(self) -> np.ndarray:
        """(n,) bool: the parts large, strong and whole enough to be digits."""
        return _writing(self)


def parts_of(inks: InkMap, budget: Budget | None = None) -> Parts:
    """The pieces of ink that hang together, at the strength of the writing among them."""
    levels = inks.levels
    budget = budget or Budget()
    found = pieces(inks.above, levels, inks.scale, budget)
    if found.writing.any():  # ink at the picture's sides may be far darker than the writing
        level = levels.paper + weighted_median(found.strength[found.writing], None)
        if level < levels.paper + DARKER * levels.contrast:
            found = pieces(inks.above, Levels(levels.paper, levels.noise, level), found.scale, budget)
    return found


def pieces(above: np.ndarray, levels: Levels, scale: float, budget: Budget) -> Parts:
    """The connected pieces of ink. above: (h, w) float32, grey levels above the paper."""
    if levels.noise > NOISY * levels.contrast:
        above = cv2.GaussianBlur(above, (0, 0), 1.2)
    threshold = levels.paper + max(WEAK * levels.contrast, 3 * levels.noise)
    near, labels_near, stats = components(above, threshold)
    labels = np.zeros(above.shape, np.int32)
    labels[near] = labels_near
    count, inked = len(stats), labels_near > 0
    part, ink = labels_near[inked], above[near][inked] - levels.paper
    mass = np.bincount(part, ink, minlength=count)
    # The mean, weighted by itself, is the stroke's strength whatever share of it is soft edge.
    strength = np.bincount(part, ink * ink, minlength=count) / np.maximum(mass, 1e-6)
    boxes = stats[:, :4].astype(int)
    return Parts(above, levels, labels, boxes, strength, mass, scale, budget=budget)


def _seen(parts: Parts) -> np.ndarray:
    """What `Parts.seen` returns, (n,) bool."""
    height, width = parts.above.shape
    x, y, w, h = parts.boxes.T
    seen = np.maximum(w, h) >= max(5, SPECK * max(height, width))
    seen[0] = False
    # The edge of the sheet or of the table runs along a side of the picture.
    beside = ((x == 0) | (x + w == width)) & (w < 0.12 * width) & (h > 0.3 * height)
    below = ((y == 0) | (y + h == height)) & (h < 0.12 * height) & (w > 0.3 * width)
    seen &= ~(beside | below)
    parts.budget.most("marks", np.count_nonzero(seen))
    parts.budget.take("area", int((w * h)[seen].sum()))
    at_sides = parts.labels, parts.boxes, parts.above.shape
    return seen & ~frame.pieces(*at_sides) & ~frame.corners(*at_sides)


def _writing(parts: Parts) -> np.ndarray:
    """What `Parts.writing` returns, (n,) bool."""
    w, h = parts.boxes[:, 2:].T
    size = np.maximum(w, h)
    able = parts.seen & ~marks.is_mark(parts.labels, parts.boxes, parts.seen)
    able |= _filled_in(parts, able)
    for part in np.flatnonzero(able):
        parts.budget.look()
        if is_frame(parts, part, able):
            able[part] = False
    if np.count_nonzero(able) < 2:  # one part is as large and as strong as the writing is
        return able
    typical = weighted_median(h[able], parts.mass[able])
    strong = weighted_median(parts.strength[able & (h >= CORE * typical)], None)
    able &= (size >= 0.1 * typical) & (
        (parts.strength >= FAINT * strong) | _pale_in_line(parts, able, strong)
    )
    core = able & (h >= CORE * typical)
    if core.sum() > 2:
        able &= h <= LARGEST * np.median(h[core])  # not the width: touching digits are wide
    return able


def _filled_in(parts: Parts, able: np.ndarray) -> np.ndarray:
    """(n,) bool: which dots are blots in a digit's place, or digits whose holes the pen filled: higher than
    wide, and beside at least two parts of the writing that are as high."""
    w, h = parts.boxes[:, 2:].T
    found = np.zeros(len(able), bool)
    if np.count_nonzero(able) < 2:
        return found
    _, dots = marks.bars_and_dots(parts.labels, parts.boxes, parts.seen & ~able & (h > w))
    for part in np.flatnonzero(dots):
        found[part] = np.count_nonzero(able & _as_high(parts, part)) >= 2
    return found


def _pale_in_line(parts: Parts, able: np.ndarray, strong: float) -> np.ndarray:
    """(n,) bool: which parts are paler than the writing, but stand beside some of it, as high as that is: a
    digit by another pen. Print that shows through does not keep to the lines."""
    w, h = parts.boxes[:, 2:].T
    clear = np.flatnonzero(able & (parts.strength >= FAINT * strong))
    found = np.zeros(len(able), bool)
    for part in np.flatnonzero(able & (parts.strength < FAINT * strong) & (parts.strength >= PALE * strong)):
        other = parts.boxes[clear]
        middle, half = parts.boxes[part, 0] + w[part] / 2, w[part] / 2
        gap = np.abs(other[:, 0] + other[:, 2] / 2 - middle) - half - other[:, 2] / 2
        found[part] = bool((_as_high(parts, part)[clear] & (gap <= h[part])).any())
    return found


def _as_high(parts: Parts, part: int) -> np.ndarray:
    """(n,) bool: which parts reach from about the same row to about the same row as one of them."""
    _, y, _, h = parts.boxes.T
    shared = np.minimum(y[part] + h[part], y + h) - np.maximum(y[part], y)
    return shared >= SAME_HEIGHT * np.maximum(h[part], h)


def is_frame(parts: Parts, part: int, able: np.ndarray, closed: bool = False) -> bool:
    """Whether a part is drawn around one of the `able` parts, (n,) bool: seen from its middle, the frame
    stands on all sides; on three where it is large and not asked to be closed."""
    x, y, w, h = parts.boxes[part]
    left, top, width, height = parts.boxes.T
    inside = able & (left > x) & (top > y) & (left + width < x + w) & (top + height < y + h)
    if not inside.any():
        return False
    size = np.maximum(width, height)
    # A digit is not drawn around a speck in its hole; several small parts inside are digits.
    small = inside & (size > SPECK_INSIDE * max(w, h))
    inside = small if small.sum() > 2 else small & (size > INSIDE * max(w, h))
    inside = np.flatnonzero(inside)
    for other in inside[np.argsort(-size[inside], kind="stable")[:LOOKED_INTO]]:
        middle_x, middle_y = left[other] + width[other] // 2, top[other] + height[other] // 2
        across, down = parts.labels[middle_y, x : x + w], parts.labels[y : y + h, middle_x]
        ways = (
            *(across[: middle_x - x], across[middle_x - x + 1 :]),
            *(down[: middle_y - y], down[middle_y - y + 1 :]),
        )
        sides = sum(bool((way == part).any()) for way in ways)
        if sides == 4 or (
            not closed and sides == 3 and max(w, h) > LARGEST * max(width[other], height[other])
        ):
            return True
    return False


def is_around_something(parts: Parts) -> bool:
    """Whether a part is drawn around others, as the outline of a face is; a nought with a dot in it does not
    count."""
    x, y, w, h = parts.boxes.T
    for part in np.flatnonzero(parts.seen):
        if not is_frame(parts, part, parts.seen):
            continue
        inside = parts.seen & (x > x[part]) & (y > y[part])
        inside &= (x + w < x[part] + w[part]) & (y + h < y[part] + h[part])
        largest = np.maximum(w, h)[inside].max(initial=0)
        if inside.sum() > 1 or largest > DOT * max(w[part], h[part]):
            return True
    return False


def without_largest(parts: Parts, able: np.ndarray) -> np.ndarray:
    """The writing (n,) bool without parts far larger than the rest, such as drawn shapes with nothing in
    them; `able` itself where there is none."""
    size = parts.boxes[:, 3]
    if able.sum() < 3:
        return able
    largest = size[able].max()
    rest = able & (size < largest / LARGEST)
    # Parts that are small beside the rest, too, are dirt.
    return rest if (size[rest] > CORE * size[rest].max(initial=0)).sum() > 1 else able


def weighted_median(values: np.ndarray, weights: np.ndarray | None) -> float:
    """The value (n,) at half of the total weight (n,); all weigh the same where `weights` is None."""
    if len(values) == 1:
        return float(values[0])
    if weights is None:
        return float(np.median(values))
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
