"""Neighbouring characters, cut into segments; every run of segments that may be a digit; ways through them.

    Knot       the segments, the runs of them made ready for the network, and the ink as a whole
    Priced     its runs with what the network says of each: the cheapest way through them, for any digits or
               for given ones

The price of a way is -log(probability x digitness), summed over its runs, and a little more for what makes a
run unlike a digit: too wide or too low, with a gap in it, or cut through much ink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.networks.classifier import Answers
from digitcore.reading import cut_paths
from digitcore.reading.budget import Budget
from digitcore.reading.candidates import Box, Inked, made_ready, too_wide

WIDEST = 1.6
"""In heights of the line: no digit is wider. Chosen by hand, as FLOOR."""

FLOOR = 1e-3
"""The least that probability x digitness counts, so that one bad piece does not decide alone. Chosen by hand,
on numbers of `python -m benchmarks.strings`."""

FARTHEST = 9.0
"""In squared standard deviations: the most that a width costs. Chosen by hand, as FLOOR."""


@dataclass(frozen=True)
class Weights:
    """What a text and the way that reads as it count where both are weighed together (see
    `Priced.cheapest_as` and `fusion.options`): the line reader's log-probability; the doubt about pieces that
    are whole characters, and about pieces that were cut; what is unlike a digit; and each squared line height
    between a piece's middle and the place at which its digit was read."""

    reader: float = 0.77
    whole: float = 0.58
    cut: float = 0.23
    shape: float = 0.7
    away: float = 10.5


WEIGHTS = Weights()
"""Fitted by maximum likelihood of the true texts of 558 knots in numbers composed of validation digits; the
program of that fit was not kept. `python -m benchmarks.fusion_fit` fits such weights anew, on training
digits."""


@dataclass(frozen=True)
class Prices:
    """What a way costs besides -log(probability x digitness) of each answer.

    wide: for each squared standard deviation that a piece is too wide or too narrow for its digit, up to
    FARTHEST. low: for each line height by which a piece is lower than 0.8 of one. gap: for each line height
    of empty columns within a piece. cut: for each cut; negative, because a way with more pieces has more
    answers to multiply but is not less likely for it. crossed: for each line height of ink that cuts cross.
    All were chosen by hand on numbers of `python -m benchmarks.strings`.
    """

    wide: float = 0.02
    low: float = 2.0
    gap: float = 6.0
    cut: float = -0.1
    crossed: float = 0.6


PRICES = Prices()


@dataclass(frozen=True)
class Segment:
    """A piece of ink between two cuts. ink: (h, w) float32, all rows of the knot, from the column `first` on;
    its first and last columns hold ink."""

    ink: np.ndarray
    first: int

    @property
    def stop(self) -> int:
        return self.first + self.ink.shape[1]


class Knot:
    """Characters that the network doubts, side by side: cut into segments, whose runs may be digits.

    inks: of each character, (its ink (h, w) float32, left, top), from left to right. height: of the line.
    """

    def __init__(self, inks: list[Inked], height: float, budget: Budget) -> None:
        self.left = min(left for _, left, _ in inks)
        self.top = min(top for *_, top in inks)
        right = max(left + inked.shape[1] for inked, left, _ in inks)
        bottom = max(top + inked.shape[0] for inked, _, top in inks)
        self.scale = scale_of(height)
        self.height = height / self.scale
        size = (
            max(1, round((right - self.left) / self.scale)),
            max(1, round((bottom - self.top) / self.scale)),
        )
        self.segments: list[Segment] = []
        self.crossed: list[float | None] = []
        self.ink = np.zeros(size[::-1], np.float32)
        for inked, left, top in inks:
            canvas = np.zeros((bottom - self.top, right - self.left), np.float32)
            canvas[top - self.top :, left - self.left :][: inked.shape[0], : inked.shape[1]] = inked
            if self.scale > 1:
                canvas = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
            np.maximum(self.ink, canvas, out=self.ink)
            budget.take("rows", len(self.ink))
            self._cut(canvas)
        self.crossed.pop()
        self.made: list[tuple[Box, np.ndarray]] = []
        self.costs: list[tuple[float, ...]] = []
        self.middles: list[float] = []
        self.runs = []
        for run in self._runs():  # counted before any is made ready
            budget.take("pieces", 1)
            self.runs.append(run)
        for start, stop in self.runs:
            budget.look()
            self._add(start, stop)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """(start, stop) of every run of segments that is no wider than a digit."""
        for start in range(len(self.segments)):
            first, end = self.segments[start].first, self.segments[start].stop
            yield start, start + 1
            for stop in range(start + 2, len(self.segments) + 1):
                first = min(first, self.segments[stop - 1].first)
                end = max(end, self.segments[stop - 1].stop)
                if end - first > WIDEST * self.height:
                    break
                yield start, stop

    def _cut(self, canvas: np.ndarray) -> None:
        """Add the segments of one character, drawn alone on the canvas (h, w) float32 of the knot."""
        columns = np.flatnonzero(canvas.any(0))
        first, last = columns[0], columns[-1] + 1
        part = canvas[:, first:last]
        paths = cut_paths.cuts(part, self.height)
        order = cut_paths.segments(part.shape, [path for path, _ in paths])
        crossed = [price for _, price in paths]
        for number in range(len(paths) + 1):
            start = int(paths[number - 1][0].min()) if number else 0
            stop = int(paths[number][0].max()) + 1 if number < len(paths) else part.shape[1]
            own = np.where(order[:, start:stop] == number, part[:, start:stop], 0)
            inked = np.flatnonzero(own.any(0))
            if not len(inked):  # no ink between two paths
                if number == len(paths):
                    self.crossed[-1] = None
                elif self.segments and number:
                    self.crossed[-1] = min(self.crossed[-1], crossed[number])
                continue
            own = own[:, inked[0] : inked[-1] + 1]
            self.segments.append(Segment(own, int(first + start + inked[0])))
            self.crossed.append(crossed[number] if number < len(paths) else None)
        self.crossed[-1] = None

    def _add(self, start: int, stop: int) -> None:
        """Make a run ready for the network, and note what it costs."""
        run = self.segments[start:stop]
        first, end = min(each.first for each in run), max(each.stop for each in run)
        total = np.zeros((len(self.ink), end - first), np.float32)
        for each in run:
            part = total[:, each.first - first : each.stop - first]
            np.maximum(part, each.ink, out=part)
        gap = total.shape[1] - np.count_nonzero(total.any(0))
        box, picture = made_ready(total, self.left + first * self.scale, self.top, self.scale)
        cut = [
            self.crossed[edge]
            for edge in (start - 1, stop - 1)
            if 0 <= edge < len(self.crossed) and self.crossed[edge] is not None
        ]
        low = max(0, 0.8 - box[3] / self.scale / self.height)
        self.made.append((box, picture))
        self.middles.append((first + end) / 2)
        # Both sides of a cut pay one half of it.
        self.costs.append((low, gap / self.height, len(cut) / 2, sum(cut) / 2))

    @property
    def pictures(self) -> np.ndarray:
        """(runs, 28, 28) float32: what the network is to be asked about."""
        return np.stack([picture for _, picture in self.made])

    def is_cut(self, number: int) -> bool:
        """Whether a run begins or ends inside a character."""
        return self.costs[number][2] > 0


def scale_of(height: float) -> float:
    """How many pixels, at the size of the parts, one pixel of a knot stands for in a line of this height."""
    return max(1.0, height / cut_paths.HEIGHT)


class Priced:
    """A knot with the answers of the network to its runs. A way is a list of numbers of runs."""

    def __init__(self, knot: Knot, answers: Answers) -> None:
        self.knot = knot
        self.answers = answers
        wide = np.array([[too_wide(label, *box[2:]) for label in range(10)] for box, _ in knot.made])
        shape = np.array(knot.costs) @ (PRICES.low, PRICES.gap, PRICES.cut, PRICES.crossed)
        self.shape = shape[:, None] + PRICES.wide * np.minimum(FARTHEST, wide**2)
        scores = answers.probabilities * answers.digitness[:, None]
        self.doubt = -np.log(np.maximum(scores, FLOOR))
        self.is_cut = np.array([knot.is_cut(number) for number in range(len(knot.runs))])
        self.middles = np.array(knot.middles)

    def cheapest(self) -> list[int]:
        """The cheapest way from the first segment to the last, where each run is the digit that the network
        says."""
        labels = self.answers.probabilities.argmax(1)
        prices = np.take_along_axis(self.shape + self.doubt, labels[:, None], 1)[:, 0]
        n = len(self.knot.segments)
        best, back = [0.0] + [np.inf] * n, [0] * (n + 1)
        for number, (start, stop) in enumerate(self.knot.runs):
            price = best[start] + prices[number]
            if price < best[stop]:
                best[stop], back[stop] = price, number
        way, at = [], n
        while at:
            way.append(back[at])
            at = self.knot.runs[back[at]][0]
        return way[::-1]

    def own_text(self) -> tuple[int, ...]:
        """The text of the cheapest way."""
        return tuple(int(label) for label in self.answers.probabilities[self.cheapest()].argmax(1))

    def cheapest_as(
        self, text: tuple[int, ...], columns: np.ndarray, weights: Weights = WEIGHTS
    ) -> tuple[np.ndarray, list[int]]:
        """(what a way costs by whole, cut, shape and away of Weights (4,), the way): of the way whose runs
        are the digits of a text that is cheapest by the weights. The way is [] where there is none, for
        instance because there are fewer segments than digits.

        columns: (n,), the columns of the knot's ink at which the line reader read the digits. What the
        network says of a piece counts less where the piece was cut, because it may hold some of its
        neighbour's ink. What is unlike a digit counts less too, because the line reader has already said
        where the digits are.
        """
        segments, n = len(self.knot.segments), len(text)
        if not 0 < n <= segments:
            return np.zeros(4), []
        is_cut, doubt = self.is_cut[:, None], self.doubt[:, text]
        away = (self.middles[:, None] - columns) / self.knot.height
        each = np.stack([doubt * ~is_cut, doubt * is_cut, self.shape[:, text], away**2], -1)
        prices = each @ (weights.whole, weights.cut, weights.shape, weights.away)
        best = np.full((segments + 1, n + 1), np.inf)
        back = np.zeros((segments + 1, n + 1), int)
        best[0, 0] = 0
        for number, (start, stop) in enumerate(self.knot.runs):
            total = best[start, :-1] + prices[number]
            better = total < best[stop, 1:]
            best[stop, 1:][better], back[stop, 1:][better] = total[better], number
        if not np.isfinite(best[segments, n]):
            return np.zeros(4), []
        way, at = [], segments
        for i in range(n, 0, -1):
            way.append(int(back[at, i]))
            at = self.knot.runs[way[-1]][0]
        way = way[::-1]
        return each[way, range(n)].sum(0), way
