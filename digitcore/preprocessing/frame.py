"""Pieces of a printed frame at a picture's sides: borders of a cell that was cut out of a form or a table.

    pieces     labelled ink -> which parts are such pieces
    corners    labelled ink -> which parts are a sheet's edge around a corner of the picture

`ruled_lines` takes out lines that cross the whole picture; these may also end at a corner, as in the frame of
a cell that was cut out a little askew, or with more than the cell. Ink counts as a frame only where there is
other ink beside it: a picture's only part is what the picture shows.
"""

from __future__ import annotations

import cv2
import numpy as np

RIM = 0.18
"""Share of the picture's sides: how far in a frame of any shape may lie."""

INNER = 0.05
"""Share of a part's ink that may lie farther in."""

LONG, THICK = 0.5, 0.1
"""Shares of the picture's side: the least length of a piece of a frame, and the greatest thickness of its
lines."""

STRAIGHT, RUN = 0.85, 0.25
"""Share of a part's ink that must belong to level or upright runs of ink, and the least length of such a run
as a share of the picture's side. Only a part that two of the picture's sides cut is taken for a frame farther
in.

All numbers were chosen by hand, on cells cut out of made tables (`tests/preprocessing/test_frame.py`) and on
the cells and forms of the development sets (`python -m benchmarks.as_read FOLDER`).
"""

EDGE_LONG, EDGE_WIDE, EDGE_INNER = 0.3, 0.12, 0.03
"""Of a sheet's edge around a corner of the picture: the share of one of the picture's sides along which it
runs at least, how far from the sides it lies at most, and how much of its ink may lie farther. Chosen by
hand, on kind "small, table edge" of `python -m benchmarks.pages`."""


def pieces(
    labels: np.ndarray, boxes: np.ndarray, shape: tuple[int, int], corner: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """(n,) bool: which parts of the ink are pieces of a frame.

    labels: (h, w) int32, 0 paper, of a picture of that shape, or of the piece of it at the corner (x, y).
    boxes: (n, 4+) of x, y, w, h in pixels of the picture; row 0 stands for the paper.
    """
    height, width = shape
    x, y, w, h = boxes[:, :4].T
    left, top, right, bottom = x <= 1, y <= 1, x + w >= width - 1, y + h >= height - 1
    if not (left | top | right | bottom)[1:].any():  # nothing touches the picture's sides
        return np.zeros(len(boxes), bool)
    long = (w > LONG * width) | (h > LONG * height)
    across = (left & right) | (top & bottom)
    bent = (w > LONG * width) & (h > LONG * height) & (left | right) & (top | bottom)
    found = np.zeros(len(boxes), bool)
    for part in np.flatnonzero(long & (across | bent)):
        if part:
            first, start = y[part] - corner[1], x[part] - corner[0]
            own = labels[first : first + h[part], start : start + w[part]] == part
            ink = own.view(np.uint8)
            thin = np.count_nonzero(own) <= THICK * min(shape) * (w[part] + h[part])
            found[part] = thin and (_is_at_the_rim(ink, x[part], y[part], shape) or _is_straight(ink, shape))
    return found


def corners(labels: np.ndarray, boxes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(n,) bool: which parts reach two sides of the picture that meet, and lie along these. As `pieces`."""
    height, width = shape
    x, y, w, h = boxes[:, :4].T
    meets = ((x == 0) | (x + w == width)) & ((y == 0) | (y + h == height))
    found = meets & ((w > EDGE_LONG * width) | (h > EDGE_LONG * height))
    found[0] = False
    for part in np.flatnonzero(found):
        left, top = x[part], y[part]
        own = labels[top : top + h[part], left : left + w[part]] == part
        down, right = round(EDGE_WIDE * height), round(EDGE_WIDE * width)
        farther = own[down:] if top == 0 else own[: max(0, h[part] - down)]
        farther = farther[:, right:] if left == 0 else farther[:, : max(0, w[part] - right)]
        found[part] = np.count_nonzero(farther) <= EDGE_INNER * np.count_nonzero(own)
    return found


def _is_at_the_rim(ink: np.ndarray, left: int, top: int, shape: tuple[int, int]) -> bool:
    """Whether nearly all ink (h, w) uint8, whose corner is at (left, top), lies near the picture's sides."""
    (height, width), down, right = shape, round(RIM * shape[0]), round(RIM * shape[1])
    inner = ink[
        max(0, down - top) : max(0, height - down - top), max(0, right - left) : max(0, width - right - left)
    ]
    return np.count_nonzero(inner) <= INNER * np.count_nonzero(ink)


def _is_straight(ink: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether nearly all ink (h, w) uint8 belongs to thin level or upright lines."""
    height, width = shape
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(3, round(RUN * width))), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(3, round(RUN * height)), 1), np.uint8))
    return np.count_nonzero(level | upright) >= STRAIGHT * np.count_nonzero(ink)
