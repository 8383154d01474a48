"""A table of cells on a page: where its lines are, and which writing lies in which cell.

    grid_of    Parts -> Grid, or None where there is no table of at least two rows and columns
    Grid       the cells, and the parts without the table's lines

A class's sheet, a score table, a sudoku: a photograph bends and cuts their lines, so that some are found in
pieces and some are not found; where most are as far apart as the others, the missing ones are put between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitcore.preprocessing import drawn_lines
from digitcore.preprocessing.drawn_lines import Segment
from digitcore.reading.form import erased, usual_height
from digitcore.reading.parts import Parts

LARGE = 1.5
"""Of the writing's height: parts from this size on may be the table's lines."""

LEAST = 0.35
"""Of the table's width or height: the shortest piece of a line."""

COVERED = 0.5
"""Of the table's width or height: what the pieces of a line must cover together."""

SAME = 0.3
"""Of the usual cell: lines nearer to one another are one."""

EVEN = 0.2
"""How far a cell's size may be from the usual one for the table to be even."""

OUTER = 0.2
"""Of a cell: how near to the picture's side, or beyond it, the next line would be where that cuts it off."""

OUTSIDE = 0.25
"""Of the writing in a table's cells: with more of it beside them, not all of the table was found."""

RIM = 0.14
"""Of a cell: what lies so near its sides and is slim is left of a line."""


@dataclass(frozen=True)
class Grid:
    """parts: without the table's lines. across: its level lines from top to bottom; down: its upright ones
    from left to right. cells: {(row, column): (n,) bool, which parts are writing in it}; no empty ones."""

    parts: Parts
    across: tuple[Segment, ...]
    down: tuple[Segment, ...]
    cells: dict[tuple[int, int], np.ndarray]

    @property
    def rows(self) -> int:
        return len(self.across) - 1

    @property
    def columns(self) -> int:
        return len(self.down) - 1


def grid_of(parts: Parts) -> Grid | None:
    boxes = parts.boxes
    w, h = boxes[:, 2:].T
    height = usual_height(boxes, parts.seen)
    large = (np.maximum(w, h) >= max(5, 0.05 * max(parts.above.shape))) & (np.arange(len(boxes)) > 0)
    main = int(np.argmax(np.where(large, np.minimum(w, h), 0)))
    if not large[main] or not height or min(boxes[main, 2:]) < 2 * LARGE * height:
        return None
    x, y, width, tall = (int(value) for value in boxes[main])
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    inside = (middle[:, 0] > x) & (middle[:, 0] < x + width) & (middle[:, 1] > y) & (middle[:, 1] < y + tall)
    large &= inside & (np.maximum(w, h) >= LARGE * height)
    mask = large[parts.labels].view(np.uint8)
    found = drawn_lines.segments(mask, LEAST * width, LEAST * tall)
    across = _lines([s for s in found if not s.upright], x, x + width, (y, y + tall))
    down = _lines([s for s in found if s.upright], y, y + tall, (x, x + width))
    if len(across) < 3 or len(down) < 3:
        return None
    able = parts.seen & ~large
    across, down = _with_outer(across, down, middle[able], parts.above.shape)
    whole = parts.seen[parts.labels].view(np.uint8)
    gone = drawn_lines.without(whole, [*across, *down]) | (mask > 0) & drawn_lines.without(mask, found)
    rest = erased(parts, gone)
    cells = _cells(rest, across, down)
    inside = np.logical_or.reduce(list(cells.values()), axis=0) if cells else np.zeros(len(rest.boxes), bool)
    tall = rest.seen & (rest.boxes[:, 3] > 0.6 * height) & (rest.boxes[:, 3] < LARGE * height)
    if (tall & ~inside).sum() > OUTSIDE * (tall & inside).sum():
        return None
    return Grid(rest, tuple(across), tuple(down), cells)


def _lines(found: list[Segment], start: float, stop: float, sides: tuple[float, float]) -> list[Segment]:
    """The table's lines one way, from segments that are pieces of them, in order."""
    middle = (start + stop) / 2
    if len(found) < 3:
        return []
    found = sorted(found, key=lambda segment: segment.at(middle))
    places = np.array([segment.at(middle) for segment in found])
    near = SAME * _usual_gap(places, sides)
    groups = np.split(np.arange(len(found)), np.flatnonzero(np.diff(places) > near) + 1)
    lines = []
    for group in groups:
        pieces = [found[i] for i in group]
        along = [(p.start[1], p.end[1]) if p.upright else (p.start[0], p.end[0]) for p in pieces]
        covered = np.zeros(101, bool)
        for first, last in along:
            marks = np.linspace(start, stop, 101)
            covered |= (marks >= first) & (marks <= last)
        if covered.mean() >= COVERED:
            longest = max(pieces, key=lambda piece: piece.length)
            lines.append(_extended(longest, start, stop))
    return _evened(lines, middle)


def _usual_gap(places: np.ndarray, sides: tuple[float, float]) -> float:
    gaps = np.diff(places)
    large = gaps[gaps > 0.03 * (sides[1] - sides[0])]
    return float(np.median(large)) if len(large) else sides[1] - sides[0]


def _extended(line: Segment, start: float, stop: float) -> Segment:
    ends = (start, line.at(start)), (stop, line.at(stop))
    if line.upright:
        ends = tuple(end[::-1] for end in ends)
    return Segment(*ends, line.thickness, line.upright)


def _evened(lines: list[Segment], middle: float) -> list[Segment]:
    """With the lines that were not found, where most are as far apart as each other."""
    if len(lines) < 3:
        return lines
    gaps = np.diff([line.at(middle) for line in lines])
    usual = float(np.median(gaps))
    share = gaps / usual
    if (np.abs(share - np.rint(share)) > EVEN * np.maximum(1, np.rint(share))).mean() > 0.34:
        return lines
    evened = [lines[0]]
    for before, after, times in zip(lines, lines[1:], np.rint(share).astype(int), strict=False):
        for part in range(1, times):
            evened.append(_between(before, after, part / times))
        evened.append(after)
    return evened


def _between(one: Segment, other: Segment, share: float) -> Segment:
    ends = (
        tuple(a + share * (b - a) for a, b in zip(p, q, strict=True))
        for p, q in ((one.start, other.start), (one.end, other.end))
    )
    return Segment(*ends, min(one.thickness, other.thickness), one.upright)


def _with_outer(
    across: list[Segment], down: list[Segment], middles: np.ndarray, shape: tuple[int, int]
) -> list[list[Segment]]:
    """With the outermost lines where the picture's sides cut them off: beyond the last line that was found
    lies no whole cell, but writing. middles: (n, 2) of x, y, of the writing."""
    size = shape[::-1]
    found = []
    for lines, others, axis in ((across, down, 1), (down, across, 0)):
        lines, centre = list(lines), size[1 - axis] / 2
        along, place = middles[:, 1 - axis], middles[:, axis]
        first, last = (np.array([line.at(p) for p in place]) for line in (others[0], others[-1]))
        for end, towards in ((0, 1), (-1, -2)):
            beyond = _between(lines[end], lines[towards], -1.0)
            gap = abs(beyond.at(centre) - lines[end].at(centre))
            if OUTER * gap < beyond.at(centre) < size[axis] - OUTER * gap:
                continue
            ends = np.sort([[line.at(a) for a in along] for line in (beyond, lines[end])], 0)
            if (
                (place > ends[0]) & (place < ends[1] - RIM * gap) & (along > first) & (along < last)
            ).sum() >= 2:
                lines.insert(0 if end == 0 else len(lines), beyond)
        found.append(lines)
    return found


def _cells(parts: Parts, across: list[Segment], down: list[Segment]) -> dict[tuple[int, int], np.ndarray]:
    cells: dict[tuple[int, int], np.ndarray] = {}
    for part in np.flatnonzero(parts.seen):
        x, y, w, h = parts.boxes[part]
        middle_x, middle_y = x + w / 2, y + h / 2
        tops, lefts = [line.at(middle_x) for line in across], [line.at(middle_y) for line in down]
        row, column = np.searchsorted(tops, middle_y) - 1, np.searchsorted(lefts, middle_x) - 1
        if not (0 <= row < len(tops) - 1 and 0 <= column < len(lefts) - 1):
            continue
        tall, wide = tops[row + 1] - tops[row], lefts[column + 1] - lefts[column]
        near_x = min(middle_x - lefts[column], lefts[column + 1] - middle_x) < RIM * wide
        near_y = min(middle_y - tops[row], tops[row + 1] - middle_y) < RIM * tall
        slim = min(w, h) < 0.12 * min(tall, wide)
        if max(w, h) < 0.12 * min(tall, wide) or ((near_x or near_y) and (slim or max(w, h) < 0.35 * tall)):
            continue
        cells.setdefault((int(row), int(column)), np.zeros(len(parts.boxes), bool))[part] = True
    return cells
