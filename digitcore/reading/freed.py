"""The one digit in ink that is none as a whole: without the underline close to it, or its ring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from digitcore.networks.classifier import Classifier
from digitcore.reading import marks, outlines
from digitcore.reading.candidates import Piece
from digitcore.reading.lines import read_lines
from digitcore.reading.parts import Parts

CLEAR = 0.93
"""Probability x digitness from which a digit is one beyond doubt: what this one and both digits of a pair
must reach (`pairs`). On pairs drawn by a pen (`python -m benchmarks.pages`) 232 of 240 reach it, of drawings
that are not digits 4 of 280, and of the single digits of the development sets that the network takes for no
digit, none."""


def digit_in(parts: Parts, classifier: Classifier) -> Piece | None:
    """The digit, whole and clear; None where there is none. Raises as the parts' Budget does."""
    for ink, able in _without_what_is_beside(parts):
        pieces = [piece for line in read_lines(ink, able, classifier) for piece in line]
        if len(pieces) == 1 and not pieces[0].is_cut and pieces[0].score >= CLEAR:
            return pieces[0]
    return None


def _without_what_is_beside(parts: Parts) -> Iterator[tuple[Parts, np.ndarray]]:
    """The parts, and which of them (n,) bool may be the digit."""
    flat, _ = marks.bars_and_dots(parts.labels, parts.boxes, parts.writing)
    bare = parts.writing & ~flat
    if flat.any() and bare.any():
        yield parts, bare
    apart = outlines.set_apart(parts, parts.seen)
    if apart is not parts:
        yield apart, apart.writing
