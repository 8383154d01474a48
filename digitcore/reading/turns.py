"""A page that lies on its side, or whose file gives the wrong orientation: which quarter turn makes it
readable.

    best         the digits of the turn in which the network is surest of them
    turned_back  a box of the turned picture, in the picture that came

Digits on their side are read too, but with little certainty: the mean of probability x digitness of a page's
digits is 0.95 and more where the page is upright, and 0.5 to 0.85 in any other orientation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from digitcore.errors import BlankError
from digitcore.reading.digit import Digit

FEWEST = 4
"""Digits on a page: fewer say nothing about its orientation, as a 6 and a 9 do not."""

DOUBTFUL, CLEAR, BETTER = 0.8, 0.88, 0.1
"""The mean probability x digitness below which other turns are tried; the least that another turn must have;
and by how much it must be better. Chosen by hand, on "rows" and "sideways" of `python -m benchmarks.pages`
and on the pages of the development sets in all four orientations."""


def standing(digits: tuple[Digit, ...]) -> float:
    """The mean of probability x digitness."""
    return float(np.mean([digit.probabilities.max() * digit.digitness for digit in digits]))


def best(
    grey: np.ndarray, upright: tuple[Digit, ...], read: Callable[[np.ndarray], tuple[Digit, ...]]
) -> tuple[tuple[Digit, ...], int]:
    """(the digits, by how many quarters anticlockwise the picture was turned) of the turn that is clearly
    better than `upright`; else `upright` and 0.

    grey: (h, w) uint8. read: gives the digits of a picture that holds several; may raise BlankError.
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
    """A box (x, y, w, h) of a picture that was turned anticlockwise by some quarters, in the picture as it
    came, whose shape is (h, w)."""
    x, y, w, h = box
    height, width = shape
    if turns == 1:
        return width - y - h, x, h, w
    if turns == 2:
        return width - x - w, height - y - h, w, h
    return y, height - x - w, h, w
