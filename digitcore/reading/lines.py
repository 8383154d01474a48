"""The lines of writing on a page as the pieces that were read in them, and those pieces as digits.

best_lines   the pieces of each line, without shapes far larger than the writing where that reads better
read_lines   the pieces of each line of some parts
count_sure   how many pieces are surely digits
weakest      how sure the least sure of them is
are_neighbours   whether one that is sure vouches for the others
digits_of    pieces -> Digits
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from digitcore.networks.classifier import Classifier
from digitcore.reading import characters, layout, line_reader
from digitcore.reading.candidates import Box, Piece, too_wide, within
from digitcore.reading.digit import Digit, judged
from digitcore.reading.parts import Parts, without_largest

SECOND = 0.45
"""Share of a line's usual height: lower pieces are left out unless the network is sure of them. Chosen by
hand, on the pages of the development sets (`python -m benchmarks.strings FOLDER`)."""

POOR = 0.3
"""Probability x digitness that half of a line's pieces must reach. Chosen by hand, as SECOND: print that
shows through and the edges of shadows stay below it."""

SURE = 0.8
"""Probability x digitness from which a piece is surely a digit; a picture of several has at least two of
them. Chosen by hand, on single digits of the development sets, which must stay one digit, and on the touching
numbers of `python -m benchmarks.strings`."""

SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.5
"""Probability x digitness from which a digit of a number is not shown as "?": for a whole piece, and for one
that was cut from a neighbour. The threshold of a network for a single digit is higher: there the second guess
can be shown, and no neighbours suggest that the ink is a digit. With that threshold every twentieth number of
five digits would get a "?". Chosen by hand, on numbers composed of validation digits (`python -m
benchmarks.strings`); a piece that was cut counts as sure where it is right more often than wrong."""

AS_HIGH = 0.8
"""The lowest piece of a line against its highest: alike, they are the digits of a number. Chosen by hand, on
drawings that are not digits (`python -m benchmarks.pages --kinds none`)."""

FAR_TOO_WIDE, LOW, HIGH = 3.0, 0.35, 0.75
"""When the two pieces that all ink was cut into are no digits: one is wider than usual by so many standard
deviations, or lower than a share of the whole, or none is as high as a share of it. Chosen by hand, on arrows
and crosses against pairs of digits that touch (`python -m benchmarks.pages`)."""


def best_lines(
    parts: Parts, able: np.ndarray, classifier: Classifier
) -> tuple[list[list[Piece]], np.ndarray]:
    """(the pieces of each line, the parts (n,) bool that they come from).

    able: (n,) bool, the parts that may be digits. Those far larger than the rest are left out where fewer
    than two digits are sure with them."""
    lines = read_lines(parts, able, classifier)
    if count_sure(lines) < 2:
        smaller = without_largest(parts, able)
        if smaller is not able:
            able, lines = smaller, read_lines(parts, smaller, classifier)
    return lines, able


def read_lines(parts: Parts, able: np.ndarray, classifier: Classifier) -> list[list[Piece]]:
    """The pieces of each line of the parts (n,) bool, left to right.

    Left out are pieces that are not digits, such as dots, dashes and what the side of the picture cuts off,
    and whole lines that are not digits, such as print that shows through or the edge of a shadow."""
    height, width = parts.above.shape
    lines = []
    for pieces in characters.read_lines(
        parts, layout.lines(parts, able), classifier.answer, line_reader.shipped()
    ):
        tall = np.median([piece.box[3] for piece in pieces])
        kept = []
        for piece in pieces:
            x, y, w, h = piece.box
            cut_off = x <= 1 or y <= 1 or x + w >= width - 1 or y + h >= height - 1
            if piece.score >= SURE or not (h < SECOND * tall or cut_off):
                kept.append(piece)
        if kept and np.median([piece.score for piece in kept]) >= POOR:
            lines.append(kept)
    return lines


def count_sure(lines: list[list[Piece]]) -> int:
    """How many pieces are surely digits."""
    return sum(piece.score >= SURE for pieces in lines for piece in pieces)


def weakest(pieces: list[Piece]) -> float:
    """How sure the least sure of some pieces is, as `Piece.score`; 0 where there is none."""
    return min((0.0 if piece.is_doubted else piece.score for piece in pieces), default=0.0)


def are_neighbours(lines: list[list[Piece]]) -> bool:
    """Whether the only line is of whole pieces alike in height, of which one at least is surely a digit: the
    others are digits, too, and are shown as "?" rather than all ink as one doubtful digit."""
    if len(lines) != 1 or len(lines[0]) < 2 or any(piece.is_cut for piece in lines[0]):
        return False
    heights = [piece.box[3] for piece in lines[0]]
    return count_sure(lines) > 0 and min(heights) >= AS_HIGH * max(heights)


def digits_of(
    lines: list[list[Piece]], scale: float, classifier: Classifier, doubted: Sequence[Box] = ()
) -> tuple[Digit, ...]:
    """The pieces of each line as digits, their boxes in pixels of the picture.

    scale: size at which the pieces' boxes are measured / size of the picture. doubted: boxes at that size, of
    what may be a mark or a letter: pieces in them are not sure."""
    found = []
    is_figure = _is_figure([piece for pieces in lines for piece in pieces])
    for row, pieces in enumerate(lines):
        for piece in pieces:
            box = tuple(round(value / scale) for value in piece.box)
            digit = judged(box, row, piece.picture, piece.probabilities, piece.digitness, classifier)
            sure = piece.score >= (SURE_OF_CUT if piece.is_cut else SURE_OF_WHOLE)
            sure = sure and not within(np.array([piece.box]), doubted)[0]
            sure = sure and not (is_figure or piece.is_doubted)
            verdict = replace(digit.verdict, accepted=sure, is_digit=sure or digit.verdict.is_digit)
            found.append(replace(digit, verdict=verdict))
    return tuple(found)


def _is_figure(pieces: list[Piece]) -> bool:
    """Whether a picture's only pieces were cut from a figure that is no two digits, such as an arrow or a
    cross: one of them is far too wide or too low for the digit it looks like, or none is as high as the
    whole."""
    if len(pieces) != 2 or not all(piece.is_cut for piece in pieces):
        return False
    tops, heights = np.array([piece.box[1] for piece in pieces]), np.array([piece.box[3] for piece in pieces])
    whole = (tops + heights).max() - tops.min()
    widest = max(too_wide(int(piece.probabilities.argmax()), *piece.box[2:]) for piece in pieces)
    return bool(widest > FAR_TOO_WIDE or heights.min() < LOW * whole or heights.max() < HIGH * whole)
