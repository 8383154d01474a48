"""The pieces of a line written anew, as the digits of another text that the line reader says.

as_text     other digits: the ink is divided where a text has more or fewer of them
as_whole    the same digits: what was cut far too low is divided anew from a neighbour
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from digitcore.reading.candidates import Inked, Piece, around, laid_out, made_ready
from digitcore.reading.ctc import Text
from digitcore.reading.line_reader import CLASSES

LOW = 0.45
"""Share of a line's height: what was cut and is lower holds only part of its digit. Chosen by hand, as
`lines.SECOND`."""

HIGH = 0.7
"""Share of a line's height from which a character that stands by itself is a digit, not a piece of one.
Chosen by hand, as LOW."""

INKED = 0.5
"""Ink that a digit must have somewhere. Not fitted: a half is what "inked" means."""


def text_of(pieces: Sequence[Piece]) -> Text:
    """The likeliest digit of each piece."""
    return tuple(int(piece.probabilities.argmax()) for piece in pieces)


def as_text(
    pieces: list[Piece], inks: list[Inked], height: float, text: Text, middles: np.ndarray, share: float
) -> list[Piece] | None:
    """Pieces whose digits are a text. Those that are the same stay, others get their new digit, and where
    there are more or fewer of them, the ink is divided half-way between two. None where a whole character
    would be lost, or a digit would have no ink.

    inks: of the line's characters before they were cut. height: of a digit. middles: (n,) columns of the page
    at which the digits of the text stand. share: how likely the text is among all that are.
    """
    made: list[Piece] = []
    for start, stop, first, last in _stretches(text_of(pieces), text):
        mine, digits = pieces[start:stop], text[first:last]
        if len(mine) == len(digits):
            made += [
                piece
                if piece.probabilities.argmax() == digit
                else replace(piece, probabilities=_surely(digit, share), digitness=1.0, is_cut=True)
                for piece, digit in zip(mine, digits, strict=True)
            ]
            continue
        fewer = len(digits) < len(mine)
        if fewer and (not all(piece.is_cut for piece in mine) or len(digits) < _least(mine, inks, height)):
            return None
        divided = _divided(mine, inks, digits, middles[first:last], share)
        if not divided:
            return None
        made += divided
    return made


def as_whole(
    pieces: list[Piece], inks: list[Inked], height: float, middles: np.ndarray, share: float
) -> list[Piece]:
    """The same digits; each piece that was cut and is far lower than the line's height is divided anew from
    the neighbour that is nearest. middles: (n,) columns, inks and share as for `as_text`."""
    text = text_of(pieces)
    for i, piece in enumerate(pieces):
        if not piece.is_cut or piece.box[3] >= LOW * height or len(pieces) < 2:
            continue
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(pieces)]
        other = min(beside, key=lambda j: _apart(piece, pieces[j]))
        start, stop = min(i, other), max(i, other) + 1
        divided = _divided(pieces[start:stop], inks, text[start:stop], middles[start:stop], share)
        if divided:
            pieces = [*pieces[:start], *divided, *pieces[stop:]]
    return pieces


def _least(pieces: list[Piece], inks: list[Inked], height: float) -> int:
    """How many digits there are at least in the ink of some pieces: each character that is as high as a digit
    and has columns of its own is one."""
    first = min(piece.box[0] for piece in pieces)
    end = max(piece.box[0] + piece.box[2] for piece in pieces)
    spans = []
    for ink, left, _ in inks:
        inked = ink > INKED
        rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
        if len(rows) and rows[-1] + 1 - rows[0] >= HIGH * height:
            spans.append((left + int(columns[0]), left + int(columns[-1])))
    count, reached = 0, -1
    for start, stop in sorted(spans):
        if first <= (start + stop) / 2 < end and start > reached:
            count, reached = count + 1, stop
    return count


def _apart(one: Piece, other: Piece) -> int:
    """Columns between two pieces; negative where they overlap."""
    return max(other.box[0] - one.box[0] - one.box[2], one.box[0] - other.box[0] - other.box[2])


def _stretches(before: Text, after: Text) -> list[tuple[int, int, int, int]]:
    """(start, stop, first, last): `before[start:stop]` becomes `after[first:last]`. Neither is empty: where a
    digit is added or lost, a neighbour is part of the stretch."""
    steps: list[tuple[int, int, int, int]] = []
    for _, start, stop, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if stop - start == last - first:  # one by one, so that an addition takes one neighbour
            steps += [(start + i, start + i + 1, first + i, first + i + 1) for i in range(stop - start)]
        else:
            steps.append((start, stop, first, last))
    at = 0
    while at < len(steps) and len(steps) > 1:
        start, stop, first, last = steps[at]
        if start < stop and first < last:
            at += 1
            continue
        at = max(0, at - 1)
        (start, _, first, _), (_, stop, _, last) = steps[at : at + 2]
        steps[at : at + 2] = [(start, stop, first, last)]
    return steps


def _divided(
    mine: list[Piece], inks: list[Inked], digits: Text, middles: np.ndarray, share: float
) -> list[Piece]:
    """Pieces for these digits, in the ink of `mine`; [] where one of them would have none. middles: (n,)
    columns of the page at which the digits stand."""
    left, top, *_ = box = around(inks)
    ink = laid_out(inks, box)
    first = min(piece.box[0] for piece in mine)
    end = max(piece.box[0] + piece.box[2] for piece in mine)
    edges = [first, *np.rint((middles[:-1] + middles[1:]) / 2).astype(int).tolist(), end]
    made = []
    for (start, stop), digit in zip(pairwise(edges), digits, strict=True):
        own = ink[:, max(0, start - left) : max(0, stop - left)]
        if not (own > INKED).any():
            return []
        made.append(Piece(*made_ready(own, max(left, start), top), _surely(digit, share), 1.0, True))
    return made


def _surely(digit: int, share: float) -> np.ndarray:
    """(10,) float32: the probabilities of a digit that is this likely."""
    found = np.full(CLASSES, (1 - share) / (CLASSES - 1), np.float32)
    found[digit] = share
    return found
