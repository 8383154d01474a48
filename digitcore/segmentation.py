"""All digits of a picture in reading order: one, a number, or a sheet of rows.

    find            grey picture -> Found: every piece of ink that may be a digit, as 28x28 pictures
    Found.digits    what a network says of them -> Digits

A picture of one digit gives exactly the box and the picture that `preprocessing.read` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitcore import preprocessing
from digitcore.classifier import Answers, Classifier, Verdict
from digitcore.preprocessing import Reading


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
    """The pieces of a picture that may be digits, before a network has been asked.

    pictures: (n, 28, 28) float32. reading: how the one digit was made ready, None where there are several.
    """

    pictures: np.ndarray
    reading: Reading | None

    def digits(self, answers: Answers, classifier: Classifier) -> tuple[Digit, ...]:
        """The digits in reading order; answers: what `classifier` says of `pictures`."""
        box = self.reading.located.box_in_picture()
        probabilities, digitness = answers.probabilities[0], float(answers.digitness[0])
        verdict = classifier.verdict(probabilities, digitness)
        return (Digit(box, 0, self.pictures[0], probabilities, digitness, verdict),)


def find(grey: np.ndarray, polarity: str = "auto") -> Found:
    """Where the digits may be. grey, polarity: as for `preprocessing.locate`. Raises BlankError."""
    reading = preprocessing.read(grey, polarity)
    return Found(reading.picture[np.newaxis], reading)


def read(grey: np.ndarray, classifier: Classifier, polarity: str = "auto") -> tuple[Digit, ...]:
    """All digits of a grey picture in reading order. Raises BlankError where there is none."""
    found = find(grey, polarity)
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
