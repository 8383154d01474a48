"""What was found in a picture: one digit made ready for a network, or several that it has already read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from digitcore.networks.classifier import Answers, Classifier
from digitcore.preprocessing.ink import Ink
from digitcore.preprocessing.normalisation import Box, Reading
from digitcore.reading.candidates import Piece
from digitcore.reading.digit import Digit, judged
from digitcore.reading.left_out import NOTHING, LeftOut


@dataclass(frozen=True)
class Found:
    """What a picture holds: one digit made ready for a network, or several that have already been read.

    box, picture: of the one digit, in pixels of the picture that came in, and (28, 28) float32. reading: how
    the digit was made ready; `light` leaves it out. turns: by how many quarters anticlockwise the picture was
    turned to read several digits. asked: what the network says of the one digit, where finding it needed the
    answer. left_out: what else there is in the picture. perhaps_pair: the picture's ink, where the one digit
    may be two and the network has not been asked yet (`reader.find`).
    """

    several: tuple[Digit, ...] = ()
    box: Box | None = None
    picture: np.ndarray | None = None
    reading: Reading | None = None
    turns: int = 0
    asked: Answers | None = None
    left_out: LeftOut = NOTHING
    perhaps_pair: Ink | None = None

    @property
    def pictures(self) -> np.ndarray:
        """(n, 28, 28) float32, n = 1 or 0: what the network has not been asked about yet."""
        if self.picture is None or self.asked:
            return np.empty((0, 28, 28), np.float32)
        return self.picture[np.newaxis]

    def moved(self, right: int, down: int) -> Found:
        """The same, in a picture with `right` more pixels on the left and `down` more at the top."""
        if not right and not down:
            return self
        several = tuple(replace(digit, box=_moved(digit.box, right, down)) for digit in self.several)
        return replace(self, several=several, box=self.box and _moved(self.box, right, down), reading=None)

    def clipped(self, width: int, height: int) -> Found:
        """The same with the boxes of several cut to a picture of this size; each keeps a pixel."""
        several = tuple(replace(digit, box=_clipped(digit.box, width, height)) for digit in self.several)
        return replace(self, several=several)

    @property
    def light(self) -> Found:
        """The same without what only the strip of steps shows: megabytes of a large picture."""
        return replace(self, reading=None)

    def digits(self, answers: Answers, classifier: Classifier) -> tuple[Digit, ...]:
        """The digits in reading order. answers: what `classifier` says of `pictures`."""
        if self.several:
            return self.several
        answers = self.asked or answers
        probabilities, digitness = answers.probabilities[0], answers.digitness[0]
        return (judged(self.box, 0, self.picture, probabilities, digitness, classifier),)


def _clipped(box: Box, width: int, height: int) -> Box:
    x, y, w, h = box
    left, top = min(max(0, x), width - 1), min(max(0, y), height - 1)
    return left, top, max(1, min(x + w, width) - left), max(1, min(y + h, height) - top)


def _moved(box: Box, right: int, down: int) -> Box:
    x, y, w, h = box
    return x + right, y + down, w, h


def one_digit(reading: Reading) -> Found:
    """The one digit of a picture, made ready from all of its ink."""
    return Found((), reading.located.box_in_picture(), reading.picture, reading)


def one_piece(piece: Piece, scale: float) -> Found:
    """The one digit of a picture, from one piece of its ink; scale: as for `lines.digits_of`."""
    return Found((), tuple(round(value / scale) for value in piece.box), piece.picture)
