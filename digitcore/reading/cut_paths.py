"""Where touching digits may be cut: paths from top to bottom that cross little ink.

Touching characters are cut into more pieces than there are digits, and the network decides which neighbours
belong together (over-segmentation; Casey & Lecolinet, "A survey of methods and strategies in character
segmentation", 1996). A path may lean and bend, so that it also separates digits that slant over each other.

The numbers were chosen by hand on the touching numbers of `python -m benchmarks.strings`. Of 100 numbers
(`python -m benchmarks.constants`) two fewer are exact with NEAR doubled or LEAN halved, and one fewer with
LEAN doubled; BAND and DEEPEST may be halved or doubled.
"""

from __future__ import annotations

import numpy as np

HEIGHT = 48
"""Pixels of a digit's height at which paths are looked for; larger ink is reduced to it."""

BAND = 0.12
"""Share of a digit's height: how far a path may stray from a straight line."""

SLANTS = (-0.25, 0.0, 0.25, 0.5)
"""Columns to the right for each row upwards: the straight lines that paths follow, slanted as handwriting
is."""

NEAR = 0.12
"""Share of a digit's height: two cuts closer to each other than this are one."""

LEAN = 0.02
"""What each row of a path costs for each pixel that it strays; a pixel of full ink costs 1."""

DEEPEST = 0.9
"""Share of a digit's height: the most ink that a path may cross."""


def cuts(ink: np.ndarray, height: float) -> list[tuple[np.ndarray, float]]:
    """Paths that may separate digits `height` pixels high, from left to right.

    ink: (h, w) float32, 0 to 1. A path is the column (h,) at which each row is cut, and how much ink it
    crosses, in heights of a digit.
    """
    rows, columns = ink.shape
    middle = (rows - 1) / 2
    band = max(2, round(BAND * height))
    near = max(1, round(NEAR * height))
    offsets = np.rint(np.outer(SLANTS, middle - np.arange(rows))).astype(int)
    prices, totals, steps = _prices(ink, offsets, band)
    best = prices.argmin(0)
    price = prices.min(0)
    free = np.ones(columns, bool)
    free[:near] = free[columns - near :] = False
    paths = []
    for place in np.argsort(price, kind="stable"):
        if not free[place]:
            continue
        line = best[place]
        end = int(totals[line, place].argmin())
        path = np.clip(_path(steps[line], int(place), end, band) + offsets[line], 0, columns - 1)
        crossed = float(ink[np.arange(rows), path].sum()) / height
        if crossed > DEEPEST:
            continue
        free[max(0, place - near) : place + near + 1] = False
        paths.append((int(place), path, crossed))
    return [(path, crossed) for _, path, crossed in sorted(paths, key=lambda cut: cut[0])]


def _prices(ink: np.ndarray, offsets: np.ndarray, band: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cheapest path near each of the parallel lines that `offsets` (lines, h) shift from a column: its
    price (lines, w), and what `_path` needs to follow it back."""
    rows, columns = ink.shape
    lines, reach = len(offsets), 2 * band + 1
    wide = band + int(np.abs(offsets).max())
    padded = np.pad(ink, ((0, 0), (wide, wide)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=1)
    starts = wide - band + offsets
    stray = LEAN * np.abs(np.arange(-band, band + 1)).astype(np.float32)
    total = np.zeros((lines, columns, reach), np.float32)
    # A path comes from one column to the left, straight or one to the right, and never from outside the band.
    sides = np.full((lines, columns, reach + 2), np.inf, np.float32)
    steps = np.zeros((lines, rows, columns, reach), np.int8)
    for row in range(rows):  # all lines at once: the calls take most of the time
        sides[..., 1:-1] = total + np.float32(LEAN)
        for step, other in ((-1, sides[..., :-2]), (1, sides[..., 2:])):
            better = other < total
            np.copyto(total, other, where=better)
            np.copyto(steps[:, row], np.int8(step), where=better)
        for line, start in enumerate(starts[:, row]):
            total[line] += windows[row, start : start + columns]
        total += stray
    return total.min(2), total, steps


def _path(steps: np.ndarray, place: int, end: int, band: int) -> np.ndarray:
    """The column of each row (h,), found from the lowest row upwards, without the slant of the path's line.
    steps: (h, w, band) int8, as `_prices` gives them for one line."""
    path = np.empty(len(steps), int)
    at = end
    for row in range(len(steps) - 1, -1, -1):
        path[row] = place + at - band
        at += int(steps[row, place, at])
    return path


def segments(shape: tuple[int, int], paths: list[np.ndarray]) -> np.ndarray:
    """(h, w) int32: how many paths lie to the left of each pixel."""
    rows, columns = shape
    begins = np.zeros((rows, columns + 1), np.int32)
    for path in paths:
        begins[np.arange(rows), path + 1] += 1
    return begins.cumsum(1, dtype=np.int32)[:, :columns]
