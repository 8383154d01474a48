"""A picture's ink, found once: its polarity, the level of the paper, noise, fog and ruled lines.

    opened      grey picture -> Ink
    Ink         its ink at two sizes, `quick` and `full`, each made when it is first asked for
    InkMap      at one size: how far each pixel lies above its paper, and the levels of paper, noise and ink

Reading one digit (`normalisation`) and reading several (`reading.parts`) both start from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from digitcore.preprocessing import noise, paper, polarity, ruled_lines
from digitcore.preprocessing.paper import Levels

FULL_SIDE = 1600
"""Larger pictures are reduced to this long side, at which the digits of a handwritten page are 20 pixels
high."""

QUICK_SIDE, MOST_HALVED = 256, 4
"""The quick copy is the picture reduced by a whole factor: the smallest that brings its long side down to
QUICK_SIDE, but at most MOST_HALVED. Chosen by hand: with smaller copies, digits of the development sets were
lost. Timed with `python -m benchmarks.bytes_to_answer`, checked with `benchmarks.pipeline` and
`benchmarks.strings`."""

STRONGEST = 85
"""Percentile of a stroke's ink that counts as its full strength: the rest is soft edge and grain."""

OUTLINED = 256 * 256
"""Pixels: the largest mask whose outlines are counted before its pieces are labelled. On a larger one, which
is a page, there are many."""

SOFTEST = 0.02
"""Share of the contrast: fainter ink beside a stroke is paper, not the soft edge of the stroke. Chosen by
hand, on "blur" and "jpeg" of `benchmarks.pipeline`."""


@dataclass(frozen=True)
class InkMap:
    """The ink of a picture at one size.

    grey: (h, w) uint8, the picture at that size. scale: this size / the size given, at most 1. above: (h, w)
    float32, grey levels above the paper, without ruled lines. levels: those of paper, noise and ink in
    `above`. framed: whether all four corners were ink before lines were taken out. ruled: (h, w) float32,
    `above` before lines were taken out.
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

    turned: (h, w) uint8, inverted where needed so that ink is bright; long side at most FULL_SIDE. scale: its
    size / the size given, at most 1. polarity: of the picture as it came, "dark-on-light" or "light-on-dark".
    """

    turned: np.ndarray
    scale: float
    polarity: str

    @cached_property
    def quick(self) -> InkMap:
        """At the reduced size: enough for a large digit, and to see whether there may be several."""
        return _map(self, _quick_factor(self.turned))

    @cached_property
    def full(self) -> InkMap:
        """At the whole size; the quick map itself where the picture is small."""
        return self.quick if self.is_small else _map(self, 1)

    @cached_property
    def is_certain(self) -> bool:
        """Whether the ground is beyond doubt, because one level is that of all four sides and of most of the
        picture, as in a drawing: then what looks like ink does so only this way round."""
        level = int(self.turned[0, 0])
        sides = (*self.turned[[0, -1]], *self.turned.T[[0, -1]])
        if any(int(side.min()) != level or int(side.max()) != level for side in sides):
            return False
        return 2 * cv2.countNonZero(cv2.compare(self.turned, level, cv2.CMP_EQ)) > self.turned.size

    @property
    def is_small(self) -> bool:
        """Whether there is only one map, because the picture is small."""
        return _quick_factor(self.turned) == 1


def opened(grey: np.ndarray, which: str = "auto") -> Ink:
    """Open a picture.

    grey: (h, w) uint8, as images.decode returns it. which: its polarity; "auto", or one of the other two when
    a person overrules the evidence. Raises ValueError for anything else.
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
    """The whole factor by which a picture (h, w) is reduced for its quick map."""
    return min(MOST_HALVED, -(-max(grey.shape) // QUICK_SIDE), min(grey.shape))


def _turned(grey: np.ndarray, which: str) -> np.ndarray:
    """A picture (h, w) uint8 of that polarity, inverted so that ink is bright; the same call turns it
    back."""
    return grey if which == "light-on-dark" else cv2.bitwise_not(grey)


def _map(ink: Ink, factor: int) -> InkMap:
    turned = paper.halved(ink.turned, factor)
    above = paper.flatten(noise.quiet(turned))
    levels = paper.levels(above)
    clear = paper.without_fog(above, levels)
    if clear is not above:
        above, levels = clear, paper.levels(clear)
    above = above.astype(np.float32, copy=False)
    levels = noise.unrest(above, levels)
    corners = above[[0, 0, -1, -1], [0, -1, 0, -1]]
    framed = bool((corners > (levels.paper + levels.ink) / 2).all())
    ruled = above
    without = ruled_lines.without_lines(above, levels)
    if without is not above:
        above, levels = without, paper.levels(without)
    return InkMap(_turned(turned, ink.polarity), ink.scale / factor, above, levels, framed, ruled)


def components(above: np.ndarray, threshold: float) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The connected pieces of what lies above a threshold, searched for only where there is something.

    Returns (rows, columns), the slices in which that is; the labels of their pixels, int32, 0 below the
    threshold; and x, y, w, h and number of pixels of each piece, (n, 5) int32, row 0 for the rest.
    """
    mask = cv2.compare(above, threshold, cv2.CMP_GT)
    x, y, w, h = cv2.boundingRect(mask)
    left, top = max(0, x - 1), max(0, y - 1)  # a pixel of paper around, where the picture has one
    near = slice(top, y + h + 1), slice(left, x + w + 1)
    part = mask[near]
    if (alone := _only_piece(part, (x - left, y - top, w, h))) is not None:
        labels, stats = alone
    else:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    stats[:, :2] += left, top
    return near, labels, stats


def _only_piece(mask: np.ndarray, box: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray] | None:
    """The labels and the stats of `components` where all of a mask (h, w) uint8 hangs together, in a third of
    the time that labelling takes; else None. box: (x, y, w, h) around what is in the mask."""
    if not 0 < mask.size <= OUTLINED:
        return None
    _, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is None or np.count_nonzero(levels[0, :, 3] < 0) != 1:  # outlines that no other one encloses
        return None
    count = cv2.countNonZero(mask)
    if count == mask.size:
        return None
    rest = *cv2.boundingRect(cv2.bitwise_not(mask)), mask.size - count
    return (mask & 1).astype(np.int32), np.array([rest, (*box, count)], np.int32)


def strengths(above: np.ndarray, levels: Levels, strokes: np.ndarray) -> np.ndarray:
    """(h, w) float32, 0 paper to 1 ink, relative to the strength of the strokes (h, w) bool.

    above: (h, w) float32, a map or a part of one.
    """
    strong = percentile(above[strokes], STRONGEST)
    floor = levels.paper + 2 * levels.noise
    return np.clip((above - floor) / max(strong - floor, 1), 0, 1, dtype=np.float32)


def percentile(values: np.ndarray, percent: float) -> float:
    """np.percentile of (n,) float32, n > 0, in half the time."""
    place = percent / 100 * (len(values) - 1)
    before = int(place)
    after = min(before + 1, len(values) - 1)
    found = np.partition(values, (before, after))
    return float(found[before]) + (place - before) * float(found[after] - found[before])


def softest(levels: Levels) -> float:
    """The level above which ink beside a stroke is its soft edge."""
    return levels.paper + max(SOFTEST * levels.contrast, 3 * levels.noise)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """(h, w) bool: a mask and what lies at most `by` pixels beside it."""
    return cv2.dilate(mask.view(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)).view(bool)
