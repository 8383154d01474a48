"""Where touching digits may be cut: paths from top to bottom that cross little ink.

Touching characters are cut into more pieces than there are digits, and the network decides which neighbours
belong together (over-segmentation; Casey & Lecolinet, "A survey of methods and strategies in character
segmentation", 1996). A path may lean and bend, so that it also parts digits that slant over each other.
"""

from __future__ import annotations

import cv2
import numpy as np

HEIGHT = 48
"""Pixels of a digit's height at which paths are looked for; larger ink is reduced to it."""

BAND = 0.15
"""Of a digit's height: how far a path may stray from its place."""

NEAR = 0.06
"""Of a digit's height: nearer to one another, or to an end, two cuts are one."""

LEAN = 0.02
"""What a row of a path costs for each pixel that it strays, against 1 for a pixel of full ink."""

DEEPEST = 0.6
"""Of a digit's height: the most ink a path may cross."""


def cuts(ink: np.ndarray, height: float, most: int) -> list[tuple[np.ndarray, float]]:
    """Paths through ink (h, w) float32, 0 to 1, of digits so high, from left to right, at most `most`.

    Each is the column (h,) where each row is cut, and how much ink it crosses, in digits' heights.
    """
    rows, columns = ink.shape
    band = max(2, round(BAND * height))
    near = max(1, round(NEAR * height))
    if columns < 2 * near + 1:
        return []
    reach = np.arange(-band, band + 1)
    padded = np.pad(ink, ((0, 0), (band, band)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * band + 1, axis=1)  # (h, w, 2 band + 1)
    stray = LEAN * np.abs(reach).astype(np.float32)
    total = windows[0] + stray
    steps = np.zeros((rows, columns, 2 * band + 1), np.int8)
    for row in range(1, rows):
        sides = np.pad(total, ((0, 0), (1, 1)), constant_values=np.inf)
        choices = np.stack((sides[:, 1:-1], sides[:, :-2] + LEAN, sides[:, 2:] + LEAN))
        best = choices.argmin(0)
        steps[row] = np.array((0, -1, 1), np.int8)[best]
        total = np.take_along_axis(choices, best[None], 0)[0] + windows[row] + stray
    price = total.min(1)
    lowest = cv2.erode(price[None], np.ones((1, 2 * near + 1), np.uint8))[0]
    places = np.flatnonzero(price <= lowest + 1e-6)
    level = np.split(places, np.flatnonzero(np.diff(places) > near) + 1)  # the middle of a bare passage
    found = []
    for place in (run[len(run) // 2] for run in level if len(run)):
        if not near <= place < columns - near:
            continue
        path = _path(steps, int(place), int(total[place].argmin()), band)
        crossed = float(ink[np.arange(rows), path].sum()) / height
        if crossed <= DEEPEST:
            found.append((path, crossed))
    found = sorted(found, key=lambda cut: cut[1])[:most]
    return sorted(found, key=lambda cut: cut[0].mean())


def _path(steps, place, end, band):
    """Back from the lowest row: the column of each row."""
    rows, columns = steps.shape[:2]
    path = np.empty(rows, int)
    at = end
    for row in range(rows - 1, -1, -1):
        path[row] = place + at - band
        at += int(steps[row, place, at])
    return np.clip(path, 0, columns - 1)


def segments(shape: tuple[int, int], paths: list[np.ndarray]) -> np.ndarray:
    """(h, w) uint8: for each pixel how many paths lie to its left."""
    columns = np.arange(shape[1])[None]
    found = np.zeros(shape, np.uint8)
    for path in paths:
        found += columns > path[:, None]
    return found
