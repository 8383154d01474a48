"""A page that lies on its side, or whose file gives the wrong orientation: which quarter turn makes it
readable.

    best           what is found upright, or in that turn where the network is surer of the digits
    likeliest      the turn in which the network is surest of whole characters, before any is cut
    of_characters  the same of the characters of a picture
    turned_back    a box of the turned picture, in the picture that came

Digits on their side are read too, but with little certainty: the mean of probability x digitness of a page's
digits is 0.95 and more where the page is upright, and 0.5 to 0.85 in any other orientation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from digitcore.errors import BlankError, TooMuchError
from digitcore.networks.classifier import Answers
from digitcore.reading.digit import Digit
from digitcore.reading.found import Found
from digitcore.reading.taken_apart import TakenApart

FEWEST = 4
"""Digits on a page: fewer say nothing about its orientation, as a 6 and a 9 do not."""

DOUBTFUL, CLEAR, BETTER = 0.8, 0.88, 0.1
"""The mean probability x digitness below which other turns are tried; the least that another turn must have;
and by how much it must be better. Chosen by hand, on "rows" and "sideways" of `python -m benchmarks.pages`
and on the pages of the development sets in all four orientations."""

SURE_ENOUGH = 0.65
"""The mean probability x digitness below which ink and ground are swapped as well. Chosen by hand, on kinds
"score table" and "sheet on a table" of `python -m benchmarks.pages`."""

ENOUGH = 40
"""Of a page's characters, so many are enough to tell its orientation."""

SEEN = 0.7
"""The same of whole characters, among which there are some that touch. Chosen by hand, as CLEAR."""


def standing(digits: Sequence[Digit], letters: int = 0) -> float:
    """The mean of probability x digitness; letters, which digits on their side look like, count as 0."""
    sure = sum(float(digit.probabilities.max()) * digit.digitness for digit in digits)
    return sure / max(1, len(digits) + letters)


def is_clear(found: Found) -> bool:
    """Whether one digit was found, or several of which the network is sure enough."""
    return found.picture is not None or standing(found.several, found.left_out.letters) >= SURE_ENOUGH


def best(upright: Found, turned: Callable[[], Found]) -> Found:
    """What is found in another turn where that is clearly better than `upright`; else that.

    turned: reads the picture in the other turn.
    """
    surest = standing(upright.several)  # words beside a number say nothing against it
    if len(upright.several) < FEWEST or surest >= DOUBTFUL:
        return upright
    found = turned()
    clear = standing(found.several, found.left_out.letters) > max(CLEAR, surest + BETTER)
    return found if len(found.several) >= FEWEST and clear else upright


def lying_back(found: Found, turns: int, shape: tuple[int, int]) -> Found:
    """What was found in a picture that was turned anticlockwise by some quarters, its boxes in the picture as
    it came, whose shape is (h, w)."""
    several = (replace(digit, box=turned_back(digit.box, turns, shape)) for digit in found.several)
    return replace(found, several=tuple(several), turns=turns)


def likeliest(pictures: np.ndarray, ask: Callable[[np.ndarray], Answers], seen: float = SEEN) -> int:
    """By how many quarters anticlockwise a page is to be turned for its characters to be read surest; 0 where
    no turn is clearly better than none.

    pictures: (n, 28, 28) float32, of its characters as they came. ask: what a network says of such. seen: how
    sure it must be of them.
    """
    if len(pictures) < FEWEST:
        return 0
    pictures = pictures[:: -(-len(pictures) // ENOUGH)]
    sure = []
    for quarters in range(4):
        if sure and sure[0] > 1 - BETTER:
            return 0
        answers = ask(np.ascontiguousarray(np.rot90(pictures, quarters, (1, 2))))
        sure.append(float((answers.probabilities.max(1) * answers.digitness).mean()))
    best = int(np.argmax(sure))
    return best if sure[best] >= max(seen, sure[0] + BETTER) else 0


def of_characters(apart: TakenApart, ask: Callable[[np.ndarray], Answers], quick: bool = False) -> int:
    """By how many quarters anticlockwise a picture is to be turned for its characters, before any is cut, to
    look more like digits; 0 where they look most like digits as they came, or there are too many.

    ask: what a network says of pictures (n, 28, 28). quick: look at the quick map.
    """
    try:
        pictures = apart.quick_characters if quick else apart.characters
    except (BlankError, TooMuchError):
        return 0
    return likeliest(pictures, ask, seen=0.0)


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
