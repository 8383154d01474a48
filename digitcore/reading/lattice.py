"""Ways through the runs of a knot's segments, and what they cost.

    Priced     a knot's runs with what the network says of each: the cheapest way through them, for any digits
               or for given ones

The price of a way is -log(probability x digitness), summed over its runs, and a little more for what makes a
run unlike a digit: too wide or too low, with a gap in it, or cut through much ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitcore.networks.classifier import Answers
from digitcore.reading.candidates import too_wide
from digitcore.reading.knot import Knot

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
