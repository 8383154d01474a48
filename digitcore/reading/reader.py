"""All digits of a picture in reading order: one, a number, or a sheet of rows.

    find            grey picture -> Found: one digit made ready, or several that the network has read
    Found.digits    the same as Digits

A picture of one digit gives exactly the box and the picture that `normalisation.read` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from digitcore.errors import BlankError
from digitcore.networks.classifier import Answers, Classifier, Verdict
from digitcore.preprocessing import ink as inks
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.normalisation import Reading
from digitcore.reading import characters, layout, line_reader
from digitcore.reading.candidates import Piece

SMALL = 32
"""Pictures of at most so many pixels a side hold one digit, unless they are VERY_WIDE."""

VERY_WIDE = 2
QUICK_SIDE = 160
"""The copy on which several digits are looked for first has this long side, or a quarter of the picture's."""

QUICK_SECOND = 0.25
SECOND = 0.45
"""Of the largest writing's size: what is smaller is no digit beside it."""

WIDE = 1.15
"""Width over height from which one connected piece may be several digits."""

WIDEST = 2.0
"""Width over height of a digit with a long foot or hat; 99 % of each kind of MNIST's are below 1.7."""

POOR = 0.3
"""Probability x digitness that half of a line's pieces must reach."""

TOGETHER = 0.5
"""Probability x digitness from which ink that could be cut, or lies above one another, is one digit."""

SURE = 0.8
"""Probability x digitness of at least two pieces for a picture to hold several digits."""

SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.5
"""Probability x digitness from which a digit of a number is not "?". One alone is unsure, or none, earlier:
where a second guess can be told, and where no neighbours say that it is one of a number's digits; in a number
of five that would put a "?" into every twentieth. What was cut from a neighbour is sure where it is rather
right than wrong."""


@dataclass(frozen=True)
class Digit:
    """One digit of a picture and what the network says of it.

    box: (x, y, w, h) in pixels of the upright picture. row: which line of digits, from 0.
    picture: (28, 28) float32, what the network saw. probabilities: (classes,) float32.
    digitness: 0 to 1, how much it looks like any class.
    """

    box: tuple[int, int, int, int]
    row: int
    picture: np.ndarray
    probabilities: np.ndarray
    digitness: float
    verdict: Verdict

    @property
    def accepted(self) -> bool:
        """Whether the network is sure: otherwise it is "?" in the text."""
        return self.verdict.accepted


@dataclass(frozen=True)
class Found:
    """What a picture holds: one digit made ready for a network, or several, which have been read already."""

    reading: Reading | None = None
    several: tuple[Digit, ...] = ()

    @property
    def pictures(self) -> np.ndarray:
        """(n, 28, 28) float32: what a network has yet to be asked, n = 1 or 0."""
        return self.reading.picture[np.newaxis] if self.reading else np.empty((0, 28, 28), np.float32)

    def digits(self, answers: Answers, classifier: Classifier) -> tuple[Digit, ...]:
        """The digits in reading order; answers: what `classifier` says of `pictures`."""
        if self.several:
            return self.several
        box = self.reading.located.box_in_picture()
        return (
            _digit(box, 0, self.reading.picture, answers.probabilities[0], answers.digitness[0], classifier),
        )


def find(grey: np.ndarray, classifier: Classifier, polarity: str = "auto") -> Found:
    """The one digit in a picture, or several.

    grey, polarity: as for `normalisation.locate`. Raises BlankError. The network is asked only where there
    may be several, and only one that knows nothing but digits reads several.
    """
    if polarity == "auto":  # told once for all that look at the picture
        polarity = inks.polarity_of(grey)
    if classifier.reads_digits and may_be_several(grey, polarity):
        several = _several(grey, classifier, polarity)
        if several:
            return Found(several=several)
    return Found(normalisation.read(grey, polarity))


def may_be_several(grey: np.ndarray, polarity: str = "auto") -> bool:
    """A quick look at a small copy: whether there is more writing than one digit."""
    height, width = grey.shape
    if max(height, width) <= SMALL and max(height, width) < VERY_WIDE * min(height, width):
        return False
    try:
        ink = layout.ink_of(grey, polarity, max(QUICK_SIDE, max(height, width) // 4))
    except BlankError:
        return False
    able = layout.is_writing(ink)
    if not able.any():
        return True
    w, h = ink.boxes[able, 2:].T
    if (w > WIDE * h).any():
        return True
    main = int(np.argmax(ink.mass[able]))
    large = np.maximum(w, h) > QUICK_SECOND * max(w[main], h[main])
    large[main] = False
    return bool(large.any())


def _several(grey: np.ndarray, classifier: Classifier, polarity: str) -> tuple[Digit, ...]:
    """The digits in reading order where there are at least two that the network is sure of; else none."""
    try:
        ink = layout.ink_of(grey, polarity)
    except BlankError:
        return ()
    able = layout.is_writing(ink)
    lines = _read_lines(ink, able, classifier)
    if _sure(lines) < 2:
        smaller = layout.without_largest(ink, able)
        if smaller is not able:
            lines = _read_lines(ink, smaller, classifier)
    if _sure(lines) < 2 or _is_one(grey, lines, ink, classifier, polarity):
        return ()
    found = []
    for row, pieces in enumerate(lines):
        for piece in pieces:
            box = tuple(round(value / ink.scale) for value in piece.box)
            digit = _digit(box, row, piece.picture, piece.probabilities, piece.digitness, classifier)
            enough = SURE_OF_CUT if piece.is_cut else SURE_OF_WHOLE
            sure = piece.score >= enough
            verdict = replace(digit.verdict, accepted=sure, is_digit=sure or digit.verdict.is_digit)
            digit = replace(digit, verdict=verdict)
            found.append(digit)
    return tuple(found)


def _read_lines(ink: layout.Ink, able: np.ndarray, classifier: Classifier) -> list[list[Piece]]:
    """The pieces of each line without what is no digit: dots and dashes, what the picture's side cuts, and
    lines that are no digits: print that shows through, the edge of a shadow."""
    height, width = ink.above.shape
    lines = []
    for pieces in characters.read_lines(
        ink, layout.lines(ink, able), classifier.answer, line_reader.shipped()
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


def _sure(lines: list[list[Piece]]) -> int:
    return sum(piece.score >= SURE for pieces in lines for piece in pieces)


def _has_neighbours(pieces: list[Piece]) -> bool:
    """Whether a line has two whole digits beside each other, both sure and of like height."""
    whole = [piece.box for piece in pieces if piece.score >= SURE and not piece.is_cut]
    return any(
        before[0] + before[2] <= after[0] and min(before[3], after[3]) > SECOND * max(before[3], after[3])
        for before, after in pairwise(whole)
    )


def _far_apart(lines: list[list[Piece]]) -> bool:
    """Whether two whole digits, both sure, stand farther from each other than they are high."""
    whole = [piece.box for line in lines for piece in line if piece.score >= SURE and not piece.is_cut]
    return any(
        max(x2 - (x + w), x - (x2 + w2), y2 - (y + h), y - (y2 + h2)) > max(h, h2)
        for (x, y, w, h), (x2, y2, w2, h2) in combinations(whole, 2)
    )


def _is_one(grey, lines, ink, classifier, polarity) -> bool:
    """Whether what came out as several is rather one digit cut through, broken or with a hat: no two whole
    characters stand clear beside each other or far apart, and all of the ink is a digit together too."""
    if any(_has_neighbours(pieces) for pieces in lines) or _far_apart(lines):
        return False
    pieces = [piece for line in lines for piece in line]
    try:
        reading = normalisation.read(grey, polarity)
    except BlankError:
        return False
    w, h = reading.located.box_in_picture()[2:]
    left, top, right, bottom = (
        edge(side) / ink.scale
        for edge, side in (
            (min, [p.box[0] for p in pieces]),
            (min, [p.box[1] for p in pieces]),
            (max, [p.box[0] + p.box[2] for p in pieces]),
            (max, [p.box[1] + p.box[3] for p in pieces]),
        )
    )
    if max(w, h) < 0.9 * max(right - left, bottom - top) or w > WIDEST * h:
        return False
    if w < WIDE * h:
        return True
    answers = classifier.answer(reading.picture[np.newaxis])
    return float(answers.probabilities.max() * answers.digitness[0]) >= TOGETHER


def _digit(box, row, picture, probabilities, digitness, classifier) -> Digit:
    digitness = float(digitness)
    verdict = classifier.verdict(probabilities, digitness)
    return Digit(box, row, picture, probabilities, digitness, verdict)


def read(grey: np.ndarray, classifier: Classifier, polarity: str = "auto") -> tuple[Digit, ...]:
    """All digits of a grey picture in reading order. Raises BlankError where there is none."""
    found = find(grey, classifier, polarity)
    return found.digits(classifier.answer(found.pictures), classifier)


def answered_again(digits: tuple[Digit, ...], classifier: Classifier) -> tuple[Digit, ...]:
    """The same digits with the answers of another network, which sees the same pictures."""
    answers = classifier.answer(np.stack([digit.picture for digit in digits]).astype(np.float32))
    return tuple(
        replace(
            digit,
            probabilities=probabilities,
            digitness=float(digitness),
            verdict=classifier.verdict(probabilities, float(digitness)),
        )
        for digit, probabilities, digitness in zip(
            digits, answers.probabilities, answers.digitness, strict=True
        )
    )


def text(digits: Sequence[Digit], class_names: Sequence[str], unsure: str | None = "?") -> str:
    """The digits as text, rows separated by a line break: "2026", "012\\n345".

    unsure: what stands for a digit of which the network is not sure; None: its best guess all the same.
    """
    rows: dict[int, str] = {}
    for digit in digits:
        known = unsure is None or digit.accepted
        name = class_names[digit.verdict.label] if known else unsure
        rows[digit.row] = rows.get(digit.row, "") + name
    return "\n".join(rows.values())
