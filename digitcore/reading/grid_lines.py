"""The lines of a table, put together from the pieces of them that were found, and those that were not found.

    lines        segments in one direction -> the table's lines
    with_outer   lines across and down -> the same with the outermost lines

The numbers were chosen by hand; `python -m benchmarks.as_read FOLDER` shows what a change is worth, on the
tables of the development sets.
"""

from __future__ import annotations

import numpy as np

from digitcore.preprocessing.drawn_lines import Segment

COVERED = 0.5
"""Share of the table's width or height that the pieces of a line must cover together."""

SAME = 0.3
"""Share of the usual distance between lines: lines closer to each other than this are one."""

EVEN = 0.2
"""How far the size of a cell may be from a whole multiple of the usual one, as a share of that multiple."""

OUTER = 0.2
"""Share of a cell: where the next line would be this near to the picture's side, or beyond it, the side has
cut it off."""

MOST_OUTER = 4
"""How many lines are added on each side of evenly spaced ones."""

RIM = 0.14
"""Share of a cell: slim ink this close to its sides is what is left of a line."""


def lines(found: list[Segment], start: float, stop: float, sides: tuple[float, float]) -> list[Segment]:
    """The table's lines in one direction, in order, put together from segments that are pieces of them."""
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
    """The median distance between neighbouring lines; of the whole table where no two are apart. places:
    (n,), sorted."""
    gaps = np.diff(places)
    large = gaps[gaps > 0.03 * (sides[1] - sides[0])]
    return float(np.median(large)) if len(large) else sides[1] - sides[0]


def _extended(line: Segment, start: float, stop: float) -> Segment:
    """The line from `start` to `stop`, along the direction in which it runs."""
    ends = (start, line.at(start)), (stop, line.at(stop))
    if line.upright:
        ends = tuple(end[::-1] for end in ends)
    return Segment(*ends, line.thickness, line.upright)


def _evened(lines: list[Segment], middle: float) -> list[Segment]:
    """The lines, and those that were not found in between, where most lines are evenly spaced."""
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
    """The line at some share of the way from one line to another; beyond them for shares outside 0 to 1."""
    ends = (
        tuple(a + share * (b - a) for a, b in zip(p, q, strict=True))
        for p, q in ((one.start, other.start), (one.end, other.end))
    )
    return Segment(*ends, min(one.thickness, other.thickness), one.upright)


def with_outer(
    across: list[Segment],
    down: list[Segment],
    middles: np.ndarray,
    shape: tuple[int, int],
    sides: tuple[int, int, int, int],
) -> list[list[Segment]]:
    """The lines across and down, and the outermost lines that were not found, because they are bent or the
    picture's sides have cut them off: beyond the last line that was found there is writing, and the ink of
    the table's lines or the picture ends no farther than a cell away.

    middles: (n, 2) of x, y, of the writing. shape: (h, w) of the picture. sides: left, top, right and bottom
    of the ink of the table's lines.
    """
    size = shape[::-1]
    found = []
    for lines, others, axis in ((across, down, 1), (down, across, 0)):
        lines, centre = list(lines), size[1 - axis] / 2
        along, place = middles[:, 1 - axis], middles[:, axis]
        first, last = (np.array([line.at(p) for p in place]) for line in (others[0], others[-1]))
        gaps = np.diff([line.at(centre) for line in lines])
        even = np.ptp(gaps) <= 2 * EVEN * np.median(gaps)
        for end, towards in ((0, 1), (-1, -2)):
            for _ in range(MOST_OUTER if even else 1):
                beyond = _between(lines[end], lines[towards], -1.0)
                if even:
                    beyond = _moved(lines[end], float(np.median(gaps)) * (1 if end else -1))
                gap = abs(beyond.at(centre) - lines[end].at(centre))
                is_in_picture = OUTER * gap < beyond.at(centre) < size[axis] - OUTER * gap
                reach = sides[axis] - OUTER * gap, sides[2 + axis] + OUTER * gap
                if is_in_picture and not (even and reach[0] < beyond.at(centre) < reach[1]):
                    break
                ends = np.sort([[line.at(a) for a in along] for line in (beyond, lines[end])], 0)
                if (
                    (place > ends[0]) & (place < ends[1] - RIM * gap) & (along > first) & (along < last)
                ).sum() < 2:
                    break
                lines.insert(0 if end == 0 else len(lines), beyond)
                if not is_in_picture:
                    break
        found.append(lines)
    return found


def _moved(line: Segment, by: float) -> Segment:
    """The same line beside itself: to the right where it is upright, else below."""
    x, y = (by, 0.0) if line.upright else (0.0, by)
    (x0, y0), (x1, y1) = line.start, line.end
    return Segment((x0 + x, y0 + y), (x1 + x, y1 + y), line.thickness, line.upright)
