"""Two digits that touch, or stand one above the other, in what was taken for one digit and is none; or one
digit and what is beside it (`freed`).

may_be_pair    by its shape
pair_in        by what the network says of it
with_left_out  what else there is in the picture
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from digitcore.errors import BlankError
from digitcore.networks.classifier import Answers, Classifier
from digitcore.reading import character_kinds, freed
from digitcore.reading.as_one import TOGETHER, score
from digitcore.reading.candidates import Piece
from digitcore.reading.found import Found, one_piece
from digitcore.reading.left_out import left_out_of
from digitcore.reading.lines import are_neighbours, digits_of, read_lines
from digitcore.reading.other_writing import others_in
from digitcore.reading.parts import Parts
from digitcore.reading.quick_look import WIDE
from digitcore.reading.taken_apart import TakenApart

SLIM_PAIR = 0.5
"""Width over height from which ink that is not a digit may be two slim digits that touch."""


def may_be_pair(found: Found, apart: TakenApart) -> bool:
    """Whether one digit has the shape of two."""
    w, h = found.box[2:]
    if not found.reading:
        return False
    return w >= SLIM_PAIR * h or np.count_nonzero(apart.quick.seen) >= 2


def pair_in(found: Found, answers: Answers, apart: TakenApart, classifier: Classifier) -> Found:
    """The digits, mostly a pair, in what was taken for one digit and is not one, or the clear digit in one
    that is none so clearly; else `found`, which keeps `answers`, what the network says of it. (Of a 7 and the
    line under it the network says "1", which has a foot.)"""
    found = replace(found, asked=answers, perhaps_pair=None)
    sure = score(answers)
    if sure >= freed.CLEAR:
        return found
    try:
        parts = apart.full_without_lines
    except BlankError:
        return found
    if sure >= TOGETHER:
        return _freed(parts, apart, classifier) or found
    lines = read_lines(parts, parts.writing, classifier)
    digits = Found(digits_of(lines, parts.scale, classifier))
    if are_neighbours(lines) and _are_all_digits(parts, classifier):
        return with_left_out(digits, apart)
    pieces = [piece for line in lines for piece in line]
    below = len(lines) == 2 and not any(piece.is_cut for piece in pieces)
    if len(pieces) == 2 and (len(lines) == 1 or below) and all(map(_is_clear, pieces)):
        return with_left_out(digits, apart)
    return _freed(parts, apart, classifier) or found


def _freed(parts: Parts, apart: TakenApart, classifier: Classifier) -> Found | None:
    """The one digit without what is beside it; None where that is not clear."""
    piece = freed.digit_in(parts, classifier)
    if piece is None:
        return None
    alone = replace(one_piece(piece, parts.scale), asked=classifier.answer(piece.picture[np.newaxis]))
    return with_left_out(alone, apart)


def with_left_out(found: Found, apart: TakenApart) -> Found:
    """The same, with what of the picture's ink is in none of its boxes."""
    try:
        parts = apart.full_without_lines
    except BlankError:
        return found
    boxes = [found.box] if found.box else [digit.box for digit in found.several]
    scaled = [tuple(value * parts.scale for value in box) for box in boxes]
    return replace(found, left_out=left_out_of(parts, scaled))


def _is_clear(piece: Piece) -> bool:
    return piece.score >= freed.CLEAR and piece.box[2] < WIDE * piece.box[3]


def _are_all_digits(parts: Parts, classifier: Classifier) -> bool:
    """Whether there are no marks and letters among the writing."""
    return others_in(parts, parts.writing, character_kinds.shipped(), classifier).are_none
