"""A table of cells on a page: where its lines are, and which writing lies in which cell.

    grid_of    Parts -> Grid, or None where there is no table of at least two rows and columns
    Grid       the cells, and the parts without the table's lines

Class lists, score tables and sudokus are such tables. A photograph bends and cuts their lines, so that some
are found in pieces and some are not found. Where most lines are evenly spaced, the missing ones are added in
between.

The numbers were chosen by hand; `python -m benchmarks.as_read FOLDER` shows what a change is worth, on the
tables of the development sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitcore.preprocessing import drawn_lines
from digitcore.preprocessing.drawn_lines import Segment
from digitcore.reading.form import erased, usual_height
from digitcore.reading.grid_lines import RIM, lines, with_outer
from digitcore.reading.parts import Parts

LARGE = 1.5
"""In heights of the writing: parts from this size on may be lines of the table."""

LOOKED_AT = 3
"""How many of the largest parts are examined as the lines of a table."""

LEAST = 0.35
"""Share of the table's width or height: the shortest piece of a line."""

OUTSIDE = 0.25
"""Writing beside the cells over writing in them: with more, not all of the table was found."""


@dataclass(frozen=True)
class Grid:
    """A table. parts: without the table's lines. across: its level lines from top to bottom. down: its
    upright lines from left to right. cells: {(row, column): (n,) bool, which parts are writing in it},
    without empty cells."""

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
    """The table of a page, None where there is none. Of several, or of a table beside other things that are
    as large, the one with the most cells that are written in."""
    w, h = parts.boxes[:, 2:].T
    height = usual_height(parts.boxes, parts.seen)
    large = (np.maximum(w, h) >= max(5, 0.05 * max(parts.above.shape))) & (np.arange(len(parts.boxes)) > 0)
    size = np.where(large, np.minimum(w, h), 0)
    best = None
    for main in np.argsort(-size, kind="stable")[:LOOKED_AT]:
        if not large[main] or not height or size[main] < 2 * LARGE * height:
            break
        found = _grid_in(parts, parts.boxes[main], large, height)
        if found and (best is None or len(found.cells) > len(best.cells)):
            best = found
    return best


def _grid_in(parts: Parts, box: np.ndarray, large: np.ndarray, height: float) -> Grid | None:
    """The table in a box (x, y, w, h) around the part that its lines make. large: (n,) bool, the parts that
    may be lines. height: of the writing."""
    boxes = parts.boxes
    w, h = boxes[:, 2:].T
    x, y, width, tall = (int(value) for value in box)
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    inside = (middle[:, 0] > x) & (middle[:, 0] < x + width) & (middle[:, 1] > y) & (middle[:, 1] < y + tall)
    large = large & inside & (np.maximum(w, h) >= LARGE * height)
    mask = large[parts.labels].view(np.uint8)
    found = drawn_lines.segments(mask, LEAST * width, LEAST * tall)
    across = lines([s for s in found if not s.upright], x, x + width, (y, y + tall))
    down = lines([s for s in found if s.upright], y, y + tall, (x, x + width))
    if len(across) < 3 or len(down) < 3:
        return None
    able = parts.seen & ~large & (h > 0.6 * height) & (h < LARGE * height)
    across, down = with_outer(across, down, middle[able], parts.above.shape, (x, y, x + width, y + tall))
    whole = parts.seen[parts.labels].view(np.uint8)
    gone = drawn_lines.without(whole, [*across, *down]) | (mask > 0) & drawn_lines.without(mask, found)
    rest = erased(parts, gone)
    cells = _cells(rest, across, down)
    inside = np.logical_or.reduce(list(cells.values()), axis=0) if cells else np.zeros(len(rest.boxes), bool)
    beside = rest.boxes[:, :2] + rest.boxes[:, 2:] / 2
    near = (beside > (x, y)).all(1) & (beside < (x + width, y + tall)).all(1)
    upright = rest.seen & near & (rest.boxes[:, 3] > 0.6 * height) & (rest.boxes[:, 3] < LARGE * height)
    if (upright & ~inside).sum() > OUTSIDE * (upright & inside).sum():
        return None
    return Grid(rest, tuple(across), tuple(down), cells)


def _cells(parts: Parts, across: list[Segment], down: list[Segment]) -> dict[tuple[int, int], np.ndarray]:
    """The writing in each cell, (n,) bool of the parts, without what is left of the lines."""
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
