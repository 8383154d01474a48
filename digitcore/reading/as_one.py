"""Whether ink that may be several digits is one digit after all.

wide_digit    a picture's only piece of ink, before any way to cut it is tried
as_one        ink that was read as several pieces
framed        the only digit beside ink that is not writing
is_one_digit  all ink of a picture
score         how surely a picture shows a digit
"""

from __future__ import annotations

from itertools import combinations, pairwise

import cv2
import numpy as np

from digitcore.errors import BlankError
from digitcore.networks.classifier import Answers, Classifier
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.ink import Ink
from digitcore.preprocessing.normalisation import Reading
from digitcore.reading.candidates import Piece
from digitcore.reading.found import Found, one_digit, one_piece
from digitcore.reading.lines import SECOND, SURE
from digitcore.reading.parts import Parts
from digitcore.reading.quick_look import BESIDE, WIDE, is_cut_tight
from digitcore.reading.taken_apart import TakenApart

WIDEST = 2.0
"""Width over height that a digit with a long foot or hat may have; 99 % of each class of MNIST's training
digits are below 1.7."""

TOGETHER = 0.5
"""Probability x digitness from which ink that could be cut, or whose pieces stand one above the other, is one
digit. Chosen by hand, as `quick_look.WIDE`."""

WHOLE = 0.9
"""Share of the size of all ink that what is one digit has: less is one digit of several. Chosen by hand, as
TOGETHER."""

ROUND = 0.68, 0.86
"""Share of its box that the inside of a ring fills: a circle's fills 0.79, a box's more, a diamond's 0.5.
Chosen, not fitted; `tests/reading/test_shapes.py` holds both sides."""

NARROW = 0.85
"""Width over height of a nought, up to which a stroke in it may be its slash; people draw circles wider.
Chosen, as ROUND."""

OVAL, ROUNDER = 0.75, 1.25
"""Width over height up to which a nought is narrow, and how many times as wide for its height the ring around
it is. Chosen, as ROUND."""

LEANS, BARE = (18.0, 65.0), 0.7
"""Degrees from upright by which a nought's slash leans, and the share of its turned box that it
fills. Chosen, as ROUND."""


def wide_digit(apart: TakenApart, classifier: Classifier) -> Reading | None:
    """The digit where a picture's only piece of ink is one, however wide: what `as_one` would say after every
    way to cut it had been tried. Else None."""
    ink, parts = apart.ink, apart.quick
    if np.count_nonzero(parts.writing) != 1 or np.count_nonzero(parts.seen) != 1:
        return None
    if is_cut_tight(ink, parts):
        return None
    try:
        reading = normalisation.reading_of(ink)
    except BlankError:
        return None
    only = parts.boxes[parts.seen][0, 2:].max() / parts.scale
    if max(reading.located.box_in_picture()[2:]) < WHOLE * only:
        return None  # at its full size the picture shows that a ruled line joined several digits
    return reading if _is_together(reading, classifier) else None


def _is_together(reading: Reading, classifier: Classifier) -> bool:
    """Whether all of the ink is one digit."""
    w, h = reading.located.box_in_picture()[2:]
    if w < WIDE * h:
        return True
    if w > WIDEST * h:
        return False
    answers = classifier.answer(reading.picture[np.newaxis])
    return score(answers) >= TOGETHER


def score(answers: Answers) -> float:
    """Probability x digitness of the one picture that the network was asked about."""
    return float(answers.probabilities.max() * answers.digitness[0])


def is_one_digit(ink: Ink, classifier: Classifier) -> bool:
    """Whether the network takes all of a picture's ink for one digit."""
    try:
        picture = normalisation.reading_of(ink).picture
    except BlankError:
        return False
    answers = classifier.answer(picture[np.newaxis])
    return score(answers) >= TOGETHER


def as_one(ink: Ink, lines: list[list[Piece]], scale: float, classifier: Classifier) -> Reading | None:
    """The one digit that was read as several pieces because it is cut through, broken or has a hat apart.

    lines: the pieces of each line. scale: as for `lines.digits_of`. None where two whole
    digits stand side by side or far apart, and where all of the ink together is not a digit."""
    if any(_has_neighbours(pieces) for pieces in lines) or _far_apart(lines):
        return None
    boxes = np.array([piece.box for line in lines for piece in line]) / scale
    try:
        reading = normalisation.reading_of(ink)
    except BlankError:
        return None
    around = (boxes[:, :2] + boxes[:, 2:]).max(0) - boxes[:, :2].min(0)
    if max(reading.located.box_in_picture()[2:]) < WHOLE * around.max():
        return None
    return reading if _is_together(reading, classifier) else None


def _has_neighbours(pieces: list[Piece]) -> bool:
    """Whether a line has two whole digits side by side, the network sure of both and their heights alike."""
    whole = [piece.box for piece in pieces if piece.score >= SURE and not piece.is_cut]
    return any(
        before[0] + before[2] <= after[0] and min(before[3], after[3]) > SECOND * max(before[3], after[3])
        for before, after in pairwise(whole)
    )


def _far_apart(lines: list[list[Piece]]) -> bool:
    """Whether two whole digits, the network sure of both, are farther apart than they are high."""
    whole = [piece.box for line in lines for piece in line if piece.score >= SURE and not piece.is_cut]
    return any(
        max(x2 - (x + w), x - (x2 + w2), y2 - (y + h), y - (y2 + h2)) > max(h, h2)
        for (x, y, w, h), (x2, y2, w2, h2) in combinations(whole, 2)
    )


def framed(
    lines: list[list[Piece]], parts: Parts, able: np.ndarray, ink: Ink, classifier: Classifier
) -> Found | None:
    """The only digit, where the rest of the ink is a circle or a box around it, an underline or other
    writing; else None.

    lines: the pieces of each line. able: (n,) bool, the parts that they come from."""
    pieces = [piece for line in lines for piece in line]
    if len(pieces) != 1 or pieces[0].is_cut:
        return None
    (piece,) = pieces
    others = np.maximum(*parts.boxes[parts.seen & ~able, 2:].T)
    if not parts.lines and not (others >= BESIDE * max(piece.box[2:])).any():
        return None
    likeliest = piece.probabilities.argmax()
    if likeliest == 0 and not _is_oval_in_a_ring(piece, parts) and _is_within_a_ring(piece, parts):
        return None
    if likeliest == 1 and _leans(piece.picture) and _is_within_a_ring(piece, parts, NARROW):
        reading = normalisation.reading_of(ink)
        answers = classifier.answer(reading.picture[np.newaxis])
        if answers.probabilities.argmax() == 0 and score(answers) >= TOGETHER:
            return one_digit(reading).light  # a nought with a slash in it
    return one_piece(piece, parts.scale)


def _leans(picture: np.ndarray) -> bool:
    """Whether the digit in a picture (28, 28) float32 is one straight stroke that leans to a side."""
    inside = cv2.findNonZero((picture > 0.5).view(np.uint8))
    if inside is None:
        return False
    _, (a, b), angle = cv2.minAreaRect(inside)
    upright = abs((angle if b >= a else angle - 90) % 180)
    lean = min(upright, 180 - upright)
    return LEANS[0] <= lean <= LEANS[1] and len(inside) >= BARE * (a + 1) * (b + 1)


def _is_oval_in_a_ring(piece: Piece, parts: Parts) -> bool:
    """Whether a nought is narrow, and every shape around it clearly rounder: a nought that is circled."""
    x, y, w, h = piece.box
    left, top, wide, tall = parts.boxes.T
    around = parts.seen & (left < x) & (top < y) & (left + wide > x + w) & (top + tall > y + h)
    return w <= OVAL * h and bool((wide >= ROUNDER * w / h * tall)[around].all())


def _is_within_a_ring(piece: Piece, parts: Parts, narrowest: float = np.inf) -> bool:
    """Whether a round or oval line runs around a piece: a nought in it cannot be told from two rings.

    narrowest: how wide the ring may be, in heights of its own."""
    x, y, w, h = piece.box
    left, top, wide, tall = parts.boxes.T
    around = (
        parts.seen
        & (wide <= narrowest * tall)
        & (left < x)
        & (top < y)
        & (left + wide > x + w)
        & (top + tall > y + h)
    )
    for part in np.flatnonzero(around):
        own = parts.labels[top[part] : top[part] + tall[part], left[part] : left[part] + wide[part]] == part
        hull = cv2.convexHull(cv2.findNonZero(own.view(np.uint8)))
        if ROUND[0] <= cv2.contourArea(hull) / (wide[part] * tall[part]) <= ROUND[1]:
            return True
    return False
