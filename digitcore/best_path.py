"""A line's characters -> its digits: the network scores the pieces, the cheapest way through them is taken.

A character that the network is sure of stays as it is. The others are cut wherever a path crosses little ink
(`cutting`), and every run of neighbouring pieces, within what a digit may measure, is shown to the network:
broken digits come together, touching ones apart. The price of a way is that of all its answers being right,
-log(probability x digitness), and a little for what is unlike a digit: wide, low, gaping, cut through ink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from digitcore import cutting
from digitcore.classifier import Answers
from digitcore.page import Ink, Line
from digitcore.piece import Piece, made_ready, too_wide, whole_character

SURE = 0.9
"""Probability x digitness from which a character of ordinary width is not taken apart."""

WIDEST = 1.6
"""Of the line's height: no digit is wider."""

CLOSE = 0.3
"""Of the line's height: gap between characters that may be pieces of one digit."""

FLOOR = 1e-3
"""The least that probability x digitness counts: one bad piece must not decide alone."""

UNLIKELY = 2.0
"""Standard deviations too wide from which a character is taken apart, however sure the network is."""

FARTHEST = 9.0


@dataclass(frozen=True)
class Prices:
    """What a way costs besides -log(probability x digitness) of each answer.

    wide: for each squared standard deviation that a piece is too wide or narrow for its digit, at most
    FARTHEST. low: for each line height that it is lower than 0.8 of one. gap: for each line height of bare
    columns within it. cut: for each cut; below 0, because a way of more pieces is not less likely for having
    more answers to multiply. crossed: for each line height of ink that cuts cross.
    """

    wide: float = 0.02
    low: float = 2.0
    gap: float = 6.0
    cut: float = -0.1
    crossed: float = 0.6


PRICES = Prices()

Asks = Callable[[np.ndarray], Answers]


def read_lines(ink: Ink, lines: list[Line], ask: Asks) -> list[list[Piece]]:
    """The pieces of each line from left to right. ask: what a network says of pictures (n, 28, 28)."""
    whole = [[whole_character(ink, character) for character in line.characters] for line in lines]
    asked = [(found, made) for line in whole for found, made in line]
    if not asked:
        return []
    answers = ask(np.stack([made[1] for _, made in asked]))
    pieces = iter(
        Piece(made[0], made[1], probabilities, float(digitness))
        for (_, made), probabilities, digitness in zip(
            asked, answers.probabilities, answers.digitness, strict=True
        )
    )
    found = [[next(pieces) for _ in line] for line in whole]
    knots = []
    for number, line in enumerate(lines):
        inks = [inked for inked, _ in whole[number]]
        for start, stop in _doubtful(found[number], line):
            knots.append((number, start, stop, _Knot(inks[start:stop], line.height)))
    solved = _solve([knot for *_, knot in knots], ask)
    for (number, start, stop, _), chosen in reversed(list(zip(knots, solved, strict=True))):
        found[number][start:stop] = chosen
    return found


def _doubtful(pieces: list[Piece], line: Line) -> list[tuple[int, int]]:
    """(start, stop) of the runs of characters to take apart and put together anew."""
    doubt = [
        piece.score < SURE
        or piece.box[3] < 0.5 * line.height
        or too_wide(piece.probabilities.argmax(), piece.box[2], piece.box[3]) > UNLIKELY
        for piece in pieces
    ]
    close = [
        after.box[0] - (before.box[0] + before.box[2]) < CLOSE * line.height
        for before, after in pairwise(pieces)
    ]
    runs, i = [], 0
    while i < len(pieces):
        if not doubt[i]:
            i += 1
            continue
        start, stop = i, i + 1
        if start and close[start - 1] and (not runs or runs[-1][1] < start):
            start -= 1
        while stop < len(pieces) and close[stop - 1] and (doubt[stop - 1] or doubt[stop]):
            stop += 1
        if runs and runs[-1][1] > start:
            start = runs.pop()[0]
        runs.append((start, stop))
        i = stop
    return runs


class _Knot:
    """Characters beside one another, cut into segments; every run of them that may be a digit."""

    def __init__(self, inks: list[tuple[np.ndarray, int, int]], height: float) -> None:
        self.left = min(left for _, left, _ in inks)
        self.top = min(top for *_, top in inks)
        right = max(left + inked.shape[1] for inked, left, _ in inks)
        bottom = max(top + inked.shape[0] for inked, _, top in inks)
        self.scale = max(1.0, height / cutting.HEIGHT)
        self.height = height / self.scale
        size = (
            max(1, round((right - self.left) / self.scale)),
            max(1, round((bottom - self.top) / self.scale)),
        )
        self.segments: list[np.ndarray] = []
        self.crossed: list[float | None] = []
        for inked, left, top in inks:
            canvas = np.zeros((bottom - self.top, right - self.left), np.float32)
            canvas[top - self.top :, left - self.left :][: inked.shape[0], : inked.shape[1]] = inked
            if self.scale > 1:
                canvas = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
            self._cut(canvas)
        self.crossed.pop()
        self.runs: list[tuple[int, int]] = []
        self.made: list[tuple] = []
        self.costs: list[tuple[float, ...]] = []
        spans = [np.flatnonzero(segment.any(0))[[0, -1]] for segment in self.segments]
        for start in range(len(self.segments)):
            total = self.segments[start]
            for stop in range(start + 1, len(self.segments) + 1):
                if stop > start + 1:
                    total = np.maximum(total, self.segments[stop - 1])
                    reach = max(s[1] for s in spans[start:stop]) - min(s[0] for s in spans[start:stop]) + 1
                    if reach > WIDEST * self.height:
                        break
                self._add(start, stop, total)

    def _cut(self, canvas):
        """Add the segments of one character."""
        columns = np.flatnonzero(canvas.any(0))
        first, last = columns[0], columns[-1] + 1
        part = canvas[:, first:last]
        paths = cutting.cuts(part, self.height)
        order = cutting.segments(part.shape, [path for path, _ in paths])
        crossed = [price for _, price in paths]
        for number in range(len(paths) + 1):
            own = np.where(order == number, part, 0)
            if not own.any():  # two paths with nothing between them
                if number == len(paths):
                    self.crossed[-1] = None
                elif self.segments and number:
                    self.crossed[-1] = min(self.crossed[-1], crossed[number])
                continue
            segment = np.zeros_like(canvas)
            segment[:, first:last] = own
            self.segments.append(segment)
            self.crossed.append(crossed[number] if number < len(paths) else None)
        self.crossed[-1] = None

    def _add(self, start, stop, total):
        bare = ~total.any(0)
        columns = np.flatnonzero(~bare)
        gap = int(bare[columns[0] : columns[-1]].sum())
        box, picture = made_ready(total, self.left, self.top, self.scale)
        cut = [
            self.crossed[edge]
            for edge in (start - 1, stop - 1)
            if 0 <= edge < len(self.crossed) and self.crossed[edge] is not None
        ]
        low = max(0, 0.8 - box[3] / self.scale / self.height)
        self.runs.append((start, stop))
        self.made.append((box, picture))
        # Both sides of a cut pay one half of it.
        self.costs.append((low, gap / self.height, len(cut) / 2, sum(cut) / 2))

    def cheapest(self, answers: Answers) -> list[Piece]:
        """The pieces of the cheapest way from the first segment to the last."""
        n = len(self.segments)
        best, back = [0.0] + [np.inf] * n, [0] * (n + 1)
        scores = np.maximum(answers.probabilities.max(1) * answers.digitness, FLOOR)
        labels = answers.probabilities.argmax(1)
        boxes = [box for box, _ in self.made]
        wide = [
            min(FARTHEST, too_wide(label, *box[2:]) ** 2) for label, box in zip(labels, boxes, strict=True)
        ]
        shape = np.array(self.costs) @ (PRICES.low, PRICES.gap, PRICES.cut, PRICES.crossed)
        prices = shape + PRICES.wide * np.array(wide) - np.log(scores)
        for number, (start, stop) in enumerate(self.runs):
            price = best[start] + prices[number]
            if price < best[stop]:
                best[stop], back[stop] = price, number
        chosen, at = [], n
        while at:
            number = back[at]
            box, picture = self.made[number]
            is_cut = self.costs[number][2] > 0
            chosen.append(
                Piece(box, picture, answers.probabilities[number], float(answers.digitness[number]), is_cut)
            )
            at = self.runs[number][0]
        return chosen[::-1]


def _solve(knots: list[_Knot], ask: Asks) -> list[list[Piece]]:
    """The pieces of each knot; one batch for all."""
    if not knots:
        return []
    answers = ask(np.stack([picture for knot in knots for _, picture in knot.made]))
    solved, start = [], 0
    for knot in knots:
        stop = start + len(knot.made)
        solved.append(
            knot.cheapest(Answers(answers.probabilities[start:stop], answers.digitness[start:stop]))
        )
        start = stop
    return solved
