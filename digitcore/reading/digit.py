"""A digit of a picture with what a network says of it, and several digits as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitcore.networks.classifier import Classifier, Verdict


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a digit stands in a table: its column, from 0, and how many columns and rows the table has."""

    column: int
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a picture and what the network says of it.

    box: (x, y, w, h) in pixels of the upright picture. row: which line of digits, from 0. picture: (28, 28)
    float32, what the network saw. probabilities: (classes,) float32. digitness: 0 to 1, how much the picture
    looks like any of the classes. cell: where the digit stands on a page that is a table.
    """

    box: tuple[int, int, int, int]
    row: int
    picture: np.ndarray
    probabilities: np.ndarray
    digitness: float
    verdict: Verdict
    cell: Cell | None = None

    @property
    def accepted(self) -> bool:
        """Whether the network is sure; where it is not, the digit is "?" in the text."""
        return self.verdict.accepted


def judged(
    box: tuple[int, int, int, int],
    row: int,
    picture: np.ndarray,
    probabilities: np.ndarray,
    digitness: float,
    classifier: Classifier,
) -> Digit:
    """A digit with the verdict of the network that gave this answer. picture: (28, 28) float32.
    probabilities: (classes,) float32."""
    verdict = classifier.verdict(probabilities, float(digitness))
    return Digit(box, row, picture, probabilities, float(digitness), verdict)


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


def text_of(digits: Sequence[Digit], class_names: Sequence[str], unsure: str | None = "?") -> str:
    """The digits as text, with a line break between rows: "2026", "012\\n345". The cells of a table, empty
    ones too, are separated by commas: "9,2,,7\\n,,1,".

    unsure: what stands for a digit that the network is not sure of; None for its best guess.
    """
    rows: dict[int, dict[int, str]] = {}
    table = next((digit.cell for digit in digits if digit.cell), None)
    if table:
        rows = {row: dict.fromkeys(range(table.columns), "") for row in range(table.rows)}
    for digit in digits:
        known = unsure is None or digit.accepted
        name = class_names[digit.verdict.label] if known else unsure
        row, column = rows.setdefault(digit.row, {}), digit.cell.column if digit.cell else 0
        row[column] = row.get(column, "") + name
    return "\n".join(",".join(row.values()) for row in rows.values())
