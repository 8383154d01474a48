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
from digitcore.page import Character, Ink, Line
from digitcore.preprocessing import BOX, normalise

SURE = 0.9
"""Probability x digitness from which a character of ordinary width is not taken apart."""

WIDEST = 1.6
"""Of the line's height: no digit is wider."""

CLOSE = 0.3
"""Of the line's height: gap between characters that may be pieces of one digit."""

FLOOR = 1e-3
"""The least that probability x digitness counts: one bad piece must not decide alone."""

WIDTHS = (
    (-0.11, 0.19),
    (-0.93, 0.45),
    (-0.07, 0.22),
    (-0.23, 0.21),
    (-0.25, 0.21),
    (-0.07, 0.26),
    (-0.33, 0.22),
    (-0.26, 0.21),
    (-0.28, 0.22),
    (-0.39, 0.20),
)
"""Mean and standard deviation of log(width / height) of each digit's box, among MNIST's training digits."""

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

    wide: float = 0.045
    low: float = 2.0
    gap: float = 8.0
    cut: float = -0.06
    crossed: float = 0.3


PRICES = Prices()

Asks = Callable[[np.ndarray], Answers]


@dataclass(frozen=True)
class Piece:
    """Ink that is read as one digit. box: (x, y, w, h) at working size. picture: (28, 28) float32.

    is_cut: whether it was cut from a neighbour.
    """

    box: tuple[int, int, int, int]
    picture: np.ndarray
    probabilities: np.ndarray
    digitness: float
    is_cut: bool = False

    @property
    def score(self) -> float:
        """Probability of the best class x digitness."""
        return float(self.probabilities.max()) * self.digitness


def read_lines(ink: Ink, lines: list[Line], ask: Asks) -> list[list[Piece]]:
    """The pieces of each line from left to right. ask: what a network says of pictures (n, 28, 28)."""
    whole = [[_whole(ink, character) for character in line.characters] for line in lines]
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


def _whole(ink: Ink, character: Character):
    """((its ink (h, w) float32, left, top), (box, picture)) of a character."""
    inked = character_ink(ink, character)
    return inked, _made(*inked)


def character_ink(ink: Ink, character: Character) -> tuple[np.ndarray, int, int]:
    """The ink of a character with its soft edges, (h, w) float32, 0 to 1, and its left and top."""
    x, y, w, h = character.box
    edge = max(1, round(max(w, h) / 40))
    left, top = max(0, x - edge), max(0, y - edge)
    labels = ink.labels[top : y + h + edge, left : x + w + edge]
    above = ink.above[top : y + h + edge, left : x + w + edge]
    own = labels == character.parts[0]
    for part in character.parts[1:]:
        own |= labels == part
    strength = float(np.percentile(above[own], 85))
    grown = cv2.dilate(own.view(np.uint8), np.ones((2 * edge + 1,) * 2, np.uint8)).view(bool)
    levels = ink.levels
    soft = above > levels.paper + max(0.02 * (levels.ink - levels.paper), 3 * levels.noise)
    mask = grown & (own | ((labels == 0) & soft))
    floor = levels.paper + 2 * levels.noise
    return np.clip((above - floor) / max(strength - floor, 1), 0, 1, dtype=np.float32) * mask, left, top


def _made(inked: np.ndarray, left: int, top: int, scale: float = 1.0):
    """(box at working size, picture) of ink whose pixels are `scale` pixels of the working size."""
    box = _tight(inked)
    x, y, w, h = (value * scale for value in box)
    at = round(left + x), round(top + y), max(1, round(w)), max(1, round(h))
    return at, normalise(inked, box).picture


def _tight(inked):
    """The box of the ink; where its strokes have pixels enough, to the middle of their soft edges."""
    for level in (0.5, 0.05) if max(inked.shape) >= 2 * BOX else (0.05,):
        rows, columns = np.flatnonzero(inked.max(1) > level), np.flatnonzero(inked.max(0) > level)
        if len(rows):
            return columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    return 0, 0, inked.shape[1], inked.shape[0]


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


def too_wide(label: int, width: float, height: float) -> float:
    """By how many standard deviations a box is wider than that digit's; below 0: narrower."""
    mean, deviation = WIDTHS[label]
    return (np.log(width / height) - mean) / deviation


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
        box, picture = _made(total, self.left, self.top, self.scale)
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
