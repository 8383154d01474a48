"""A page that lies on its side, or whose file says so wrongly: which quarter turn makes it readable.

    best         the digits of the turn in which they stand surest
    turned_back  a box of the turned picture in the picture that came

Digits on their side are read too, but hardly surely: the mean standing (probability x digitness) of a page's
digits is 0.95 and more where it stands upright, and 0.5 to 0.85 in any other turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from digitcore.errors import BlankError
from digitcore.reading.digit import Digit

FEWEST = 4
"""Digits on a page: fewer say nothing about how it lies, as 6 and 9 do."""

DOUBTFUL, CLEAR, BETTER = 0.8, 0.88, 0.1
"""Mean standing below which other turns are tried, which another one must have, and by how much more. Seen on
`benchmarks.pages` ("rows", "sideways") and on the pages of the development sets in four turns."""


def standing(digits: tuple[Digit, ...]) -> float:
    """The mean of probability x digitness."""
    return float(np.mean([digit.probabilities.max() * digit.digitness for digit in digits]))


def best(
    grey: np.ndarray, upright: tuple[Digit, ...], read: Callable[[np.ndarray], tuple[Digit, ...]]
) -> tuple[tuple[Digit, ...], int]:
    """(the digits, by how many quarters anticlockwise the picture was turned): those of the turn that is
    clearly better than `upright`, or those, and 0.

    grey: (h, w) uint8. read: the digits of a picture that holds several; may raise BlankError.
    """
    if len(upright) < FEWEST or (surest := standing(upright)) >= DOUBTFUL:
        return upright, 0
    chosen, least = (upright, 0), max(CLEAR, surest + BETTER)
    for turns in (1, 3, 2):
        try:
            digits = read(np.ascontiguousarray(np.rot90(grey, turns)))
        except BlankError:
            continue
        if len(digits) >= FEWEST and standing(digits) > least:
            least = standing(digits)
            back = (replace(digit, box=turned_back(digit.box, turns, grey.shape)) for digit in digits)
            chosen = tuple(back), turns
    return chosen


def turned_back(
    box: tuple[int, int, int, int], turns: int, shape: tuple[int, int]
) -> tuple[int, int, int, int]:
    """A box (x, y, w, h) of a picture that was turned anticlockwise by so many quarters, in the picture as it
    came, of this shape (h, w)."""
    x, y, w, h = box
    height, width = shape
    if turns == 1:
        return width - y - h, x, h, w
    if turns == 2:
        return width - x - w, height - y - h, w, h
    return y, height - x - w, h, w
