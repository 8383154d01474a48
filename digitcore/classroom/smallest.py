"""The challenge of the smallest network: who reads our class with the fewest parameters?

Measured on the class's own drawings, which no network that competes has learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digitcore.classroom.board import Row
from digitcore.classroom.scores import ClassFigure, Share

GOAL = 0.95
"""The share of the class's drawings that a network has to read."""

LEAST_DRAWINGS = 20
"""Of fewer, a single miss would be more than the goal allows."""


@dataclass(frozen=True)
class Entry:
    """A run of the board in the challenge. place: from 1 among those that reach the goal; None for the
    others."""

    place: int | None
    row: Row
    share: Share


def ranked(rows: Sequence[Row], figures: Sequence[ClassFigure | None]) -> list[Entry]:
    """Each student's best run: those that reach GOAL first, the smallest network at the top, then the others
    by how much they read.

    figures: for each row how it reads the class's drawings; None where that is not known (yet). Runs that
    have learnt from the class's drawings do not take part.
    """
    found = [
        (row, figure.whole)
        for row, figure in zip(rows, figures, strict=True)
        if figure is not None and not row.class_digits
    ]

    def reached(share: Share) -> bool:
        return share.accuracy >= GOAL

    found.sort(
        key=lambda one: (
            (0, one[0].parameters, one[1].misses)
            if reached(one[1])
            else (1, one[1].misses, one[0].parameters)
        )
    )
    best: dict[str, tuple[Row, Share]] = {}
    for row, share in found:
        best.setdefault(row.nickname, (row, share))
    return [
        Entry(number if reached(share) else None, row, share)
        for number, (row, share) in enumerate(best.values(), 1)
    ]
