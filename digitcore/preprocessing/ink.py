"""A picture's ink, found once: which way round, the paper's level, noise, fog and ruled lines.

    opened      grey picture -> Ink
    Ink         its ink at two sizes, `quick` and `full`, each made when it is first asked for
    InkMap      at one size: how far each pixel lies above its paper, and the levels of paper, noise and ink

The way of one digit (`normalisation`) and the way of several (`reading.parts`) both start from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from digitcore.preprocessing import paper, polarity, ruled_lines
from digitcore.preprocessing.paper import Levels

FULL_SIDE = 1600
"""Larger pictures are reduced to this long side, at which the digits of a written page have 20 pixels."""

QUICK_SIDE, MOST_HALVED = 256, 4
"""The quick copy is the largest whole part of the picture that is no longer than the first, and at least one
of the second. By hand: at less, digits of the development sets were lost; timed with
`python -m benchmarks.bytes_to_answer`, checked with `benchmarks.pipeline` and `benchmarks.strings`."""

STRONGEST = 85
"""Percentile of the ink of a stroke that counts as its full strength: the rest is soft edge and grain."""

SOFTEST = 0.02
"""Of the contrast: fainter than this, what is beside a stroke is paper and not its soft edge. By hand, on
"blur" and "jpeg" of `benchmarks.pipeline`."""


@dataclass(frozen=True)
class InkMap:
    """The ink of a picture at one size.

    grey: (h, w) uint8, the picture at that size. scale: this size / given size, at most 1.
    above: (h, w) float32, grey levels above the paper, without ruled lines; and their levels.
    framed: whether all four corners were ink, before lines were taken out. ruled: above, before that.
    """

    grey: np.ndarray
    scale: float
    above: np.ndarray
    levels: Levels
    framed: bool
    ruled: np.ndarray


@dataclass(frozen=True)
class Ink:
    """A picture that has been opened. Asking for either map raises BlankError where nothing stands out.

    turned: (h, w) uint8, so that ink is bright, long side at most FULL_SIDE. scale: its size / the size
    given, at most 1. polarity: which way round it came, "dark-on-light" or "light-on-dark".
    """

    turned: np.ndarray
    scale: float
    polarity: str

    @cached_property
    def quick(self) -> InkMap:
        """At a whole part of the size: enough for a large digit, and to see whether there may be several."""
        return _map(self, _quick_factor(self.turned))

    @cached_property
    def full(self) -> InkMap:
        """At the whole size; the quick map itself where the picture is small."""
        return self.quick if self.is_small else _map(self, 1)

    @property
    def is_small(self) -> bool:
        """Whether one map is all there is."""
        return _quick_factor(self.turned) == 1


def opened(grey: np.ndarray, which: str = "auto") -> Ink:
    """Open a picture.

    grey: (h, w) uint8, as images.decode returns it. which: its polarity; "auto", or one of the two when a
    person overrules the evidence. Raises ValueError for anything else.
    """
    if which not in polarity.POLARITIES:
        raise ValueError(f"polarity: expected one of {', '.join(polarity.POLARITIES)}, got {which!r}")
    if grey.ndim != 2 or grey.dtype != np.uint8 or grey.size == 0:
        raise ValueError(f"grey: expected (h, w) uint8, got {grey.shape} {grey.dtype}")
    work = paper.reduced(grey, FULL_SIDE)
    if which == "auto":
        which = polarity.polarity_of(paper.halved(work, _quick_factor(work)))
    return Ink(_turned(work, which), max(work.shape) / max(grey.shape), which)


def _quick_factor(grey: np.ndarray) -> int:
    return min(MOST_HALVED, -(-max(grey.shape) // QUICK_SIDE), min(grey.shape))


def _turned(grey: np.ndarray, which: str) -> np.ndarray:
    """So that ink is bright; and back."""
    return grey if which == "light-on-dark" else cv2.bitwise_not(grey)


def _map(ink: Ink, factor: int) -> InkMap:
    turned = paper.halved(ink.turned, factor)
    above = paper.flatten(paper.quiet(turned))
    levels = paper.levels(above)
    clear = paper.without_fog(above, levels)
    if clear is not above:
        above, levels = clear, paper.levels(clear)
    above = above.astype(np.float32, copy=False)
    levels = paper.unrest(above, levels)
    corners = above[[0, 0, -1, -1], [0, -1, 0, -1]]
    framed = bool((corners > (levels.paper + levels.ink) / 2).all())
    ruled = above
    without = ruled_lines.without_lines(above, levels)
    if without is not above:
        above, levels = without, paper.levels(without)
    return InkMap(_turned(turned, ink.polarity), ink.scale / factor, above, levels, framed, ruled)


def components(above: np.ndarray, threshold: float) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The connected pieces of what lies above a threshold, looked for only where there is something.

    Returns where that is, (rows, columns); the labels of its pixels, int32, 0 below the threshold; and of
    each piece x, y, w, h and pixels (n, 5) int32, row 0 for the rest.
    """
    mask = cv2.compare(above, threshold, cv2.CMP_GT)
    x, y, w, h = cv2.boundingRect(mask)
    left, top = max(0, x - 1), max(0, y - 1)  # a pixel of paper around, where the picture has one
    near = slice(top, y + h + 1), slice(left, x + w + 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask[near], connectivity=8)
    stats[:, :2] += left, top
    return near, labels, stats


def strengths(above: np.ndarray, levels: Levels, strokes: np.ndarray) -> np.ndarray:
    """(h, w) float32: 0 paper to 1 ink, as strong as the strokes (h, w) bool are.

    above: (h, w) float32, a map or a part of one.
    """
    strong = percentile(above[strokes], STRONGEST)
    floor = levels.paper + 2 * levels.noise
    return np.clip((above - floor) / max(strong - floor, 1), 0, 1, dtype=np.float32)


def percentile(values: np.ndarray, percent: float) -> float:
    """np.percentile of (n,) float32, n > 0, in half its time."""
    place = percent / 100 * (len(values) - 1)
    before = int(place)
    after = min(before + 1, len(values) - 1)
    found = np.partition(values, (before, after))
    return float(found[before]) + (place - before) * float(found[after] - found[before])


def softest(levels: Levels) -> float:
    """The level above which ink beside a stroke is its soft edge."""
    return levels.paper + max(SOFTEST * levels.contrast, 3 * levels.noise)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """(h, w) bool: a mask and what is at most so many pixels beside it."""
    return cv2.dilate(mask.view(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)).view(bool)
