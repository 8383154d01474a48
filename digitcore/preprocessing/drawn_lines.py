"""Straight lines drawn or printed beside digits: underlines, answer lines, frames, cells and tables.

    segments         the lines in a picture's ink that are longer than any digit's stroke
    without          which ink belongs to lines alone; strokes that cross or touch a line stay

`ruled_lines` takes out lines that run from one side of the picture to the other; these may end anywhere.

The numbers were chosen by hand; `python -m benchmarks.as_read FOLDER` and `python -m benchmarks.pages` show
what a change is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SMALL_SIDE = 400
"""Lines are looked for on a copy with this long side."""

ANGLES = np.deg2rad(np.arange(-9, 9.1, 1.0))
"""The slopes at which lines are looked for: sheets are photographed askew by less."""

SLIM = 9.0
"""Length over thickness from which a segment is a line."""

STRAIGHT = 0.25
"""In thicknesses of the line, to which one pixel is added: how far a line may stray from straight. The arc of
a circle strays farther."""

CROSSED = 1.7
"""In thicknesses of the line: where the ink across it is thicker, a stroke crosses or touches it."""

MOST_CANDIDATES = 400
"""How many straight runs of ink are examined as possible lines or parts of one, the longest first: hatching
has thousands."""

Point = tuple[float, float]
"""x, y in pixels."""


@dataclass(frozen=True)
class Segment:
    """A line from left to right, or from top to bottom where it is upright: (x, y) of its ends, and its
    thickness in pixels."""

    start: Point
    end: Point
    thickness: float
    upright: bool

    @property
    def length(self) -> float:
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))

    def at(self, along: float) -> float:
        """Where the line is at some place along it: y at an x, or x at a y where it is upright."""
        (x0, y0), (x1, y1) = self.start, self.end
        if self.upright:
            x0, y0, x1, y1 = y0, x0, y1, x1
        return y0 + (y1 - y0) * (along - x0) / max(x1 - x0, 1e-6)


def segments(mask: np.ndarray, level: float, upright: float) -> list[Segment]:
    """The lines in ink (h, w) uint8, 0 or 1: nearly level ones at least `level` pixels long, and upright ones
    at least `upright` pixels long."""
    found = _level_segments(mask, level)
    turned = np.ascontiguousarray(mask.T)
    for one in _level_segments(turned, upright):
        found.append(Segment(one.start[::-1], one.end[::-1], one.thickness, True))
    return found


def _level_segments(mask: np.ndarray, shortest: float) -> list[Segment]:
    """The nearly level lines in ink (h, w) uint8, 0 or 1, that are at least `shortest` pixels long."""
    height, width = mask.shape
    if shortest > width or min(height, width) < 8:
        return []
    factor = max(1.0, max(height, width) / SMALL_SIDE)
    step = int(np.ceil(factor))
    size = max(1, round(width / factor)), max(1, round(height / factor))
    some = cv2.dilate(mask, np.ones((step, step), np.uint8)) if step > 1 else mask
    small = cv2.resize(some, size, interpolation=cv2.INTER_NEAREST)
    length = max(6, round(shortest / factor))
    if length > size[0]:
        return []
    kernel = np.ones((1, length), np.uint8)
    candidates = []
    for slope in np.tan(ANGLES):
        shear = np.float32([[1, 0, 0], [slope, 1, -slope * size[0] / 2]])
        levelled = cv2.warpAffine(small, shear, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        levelled = cv2.morphologyEx(levelled, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
        opened = cv2.morphologyEx(levelled, cv2.MORPH_OPEN, kernel)
        if not opened.any():
            continue
        _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
        for x, y, w, h, area in stats[1:]:
            candidates.append((int(w), -int(area), x, y + (h - 1) / 2, slope))
    chosen: list[tuple[float, float, float, float]] = []  # left, right, y at the left, y at the right
    for w, _, x, row, slope in sorted(candidates, key=lambda c: (-c[0], -c[1]))[:MOST_CANDIDATES]:
        left, right = float(x), float(x + w - 1)
        ends = row + slope * (left - size[0] / 2), row + slope * (right - size[0] / 2)
        if not any(_same(left, right, ends, other) for other in chosen):
            chosen.append((left, right, *ends))
    half = (factor - 1) / 2
    found = []
    for left, right, first, last in chosen:
        ends = [(left * factor + half, first * factor + half), (right * factor + half, last * factor + half)]
        measured = _measured(mask, *ends, step)
        if measured and measured.length >= max(SLIM * measured.thickness, 0.9 * shortest):
            found.append(measured)
    return found


def _same(
    left: float, right: float, ends: tuple[float, float], other: tuple[float, float, float, float]
) -> bool:
    """Whether most of a segment lies on another, longer one."""
    shared = min(right, other[1]) - max(left, other[0])
    if shared < 0.3 * (right - left):
        return False
    slope = (other[3] - other[2]) / max(other[1] - other[0], 1)
    middle = (max(left, other[0]) + min(right, other[1])) / 2
    own = ends[0] + (ends[1] - ends[0]) * (middle - left) / max(right - left, 1)
    return abs(own - (other[2] + slope * (middle - other[0]))) <= 4


def _strip(mask: np.ndarray, start: Point, end: Point, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The ink (h, w) uint8 around a nearly level line, made level, in 2 reach + 1 rows; and the warp (2, 3)
    that did it."""
    width = max(2, round(end[0] - start[0]) + 1)
    slope = (end[1] - start[1]) / max(end[0] - start[0], 1e-6)
    warp = np.float32([[1, 0, start[0]], [slope, 1, start[1] - reach]])
    size = (width, 2 * reach + 1)
    return cv2.warpAffine(mask, warp, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP), warp


def _runs(strip: np.ndarray, reach: int, slack: int) -> tuple[np.ndarray, np.ndarray]:
    """(top, bottom) rows (w,) of each column's ink that is on the middle row or at most `slack` rows away
    from it; top > bottom where there is none."""
    rows = np.arange(len(strip))[:, None]
    near = (np.abs(rows - reach) <= slack) & (strip > 0)
    away = np.where(near, np.abs(rows - reach), len(strip))
    start = away.argmin(0)
    none = ~near.any(0)
    bare = strip == 0
    above = np.where(bare & (rows < start), rows, -1).max(0) + 1
    below = np.where(bare & (rows > start), rows, len(strip)).min(0) - 1
    above[none], below[none] = 1, 0
    return above, below


def _measured(mask: np.ndarray, start: Point, end: Point, step: int) -> Segment | None:
    """A segment found on a small copy, with its place and thickness in the whole ink (h, w) uint8; None where
    it is not a line there. step: how many pixels of the ink one of the copy stands for."""
    reach = 3 * step + 12
    strip, _ = _strip(mask, start, end, reach)
    top, bottom = _runs(strip, reach, step + 3)
    inked = bottom >= top
    if inked.mean() < 0.6:
        return None
    thickness = float(np.percentile((bottom - top + 1)[inked], 40))
    if thickness > reach:
        return None
    thin = inked & (bottom - top + 1 <= CROSSED * thickness + 1)
    if thin.mean() < 0.4:
        return None
    places = np.flatnonzero(thin)
    middles = (top + bottom)[thin] / 2 - reach
    slope, offset = np.polyfit(places, middles, 1) if len(places) > 8 else (0.0, float(np.median(middles)))
    if np.percentile(np.abs(middles - slope * places - offset), 90) > STRAIGHT * thickness + 1:
        return None
    width = strip.shape[1] - 1
    return Segment((start[0], start[1] + offset), (end[0], end[1] + offset + slope * width), thickness, False)


def without(mask: np.ndarray, lines: list[Segment]) -> np.ndarray:
    """(h, w) bool: which pixels of the ink (h, w) uint8 belong to lines alone, and not to a stroke that
    crosses or touches one."""
    gone = np.zeros(mask.shape, np.uint8)
    turned_mask = turned_gone = None
    for line in lines:
        if line.upright:
            if turned_mask is None:
                turned_mask, turned_gone = np.ascontiguousarray(mask.T), np.zeros(mask.shape[::-1], np.uint8)
            _erase(turned_mask, turned_gone, line.start[::-1], line.end[::-1], line.thickness)
        else:
            _erase(mask, gone, line.start, line.end, line.thickness)
    if turned_gone is not None:
        gone |= turned_gone.T
    return gone.view(bool)


def _erase(mask: np.ndarray, gone: np.ndarray, start: Point, end: Point, thickness: float) -> None:
    """Set the pixels of one nearly level line to 1 in `gone`, except those of strokes. mask, gone: (h, w)
    uint8."""
    over = 2 * thickness + 2  # its ends are known only to a few pixels
    slope = (end[1] - start[1]) / max(end[0] - start[0], 1e-6)
    start = (max(0.0, start[0] - over), start[1] - slope * min(over, start[0]))
    end = (min(mask.shape[1] - 1.0, end[0] + over), end[1] + slope * over)
    reach = int(np.ceil(2.5 * thickness)) + 4
    strip, _ = _strip(mask, start, end, reach)
    top, bottom = _runs(strip, reach, int(np.ceil(0.5 * thickness)) + 2)
    thin = (bottom >= top) & (bottom - top + 1 <= CROSSED * thickness + 1)
    columns = np.flatnonzero(thin)
    left, first = round(start[0]), start[1]
    for column in columns:
        x = left + column
        if x >= mask.shape[1]:
            break
        # The levelled strip is sheared by whole pixels: its row `reach` is the line's at this column.
        y = round(first + slope * column) - reach
        gone[max(0, y + top[column] - 1) : max(0, y + bottom[column] + 2), x] = 1
