"""Neighbouring characters, cut into segments, and every run of segments that may be a digit.

Knot       the segments, the runs of them made ready for the network, and the ink as a whole
scale_of   how much smaller a knot is than its line
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.reading import cut_paths
from digitcore.reading.budget import Budget
from digitcore.reading.candidates import Box, Inked, around, laid_out, made_ready

WIDEST = 1.6
"""In heights of the line: no digit is wider. Chosen by hand, on
numbers of `python -m benchmarks.strings`."""


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
        box = around(inks)
        self.left, self.top, width, tall = box
        self.scale = scale_of(height)
        self.height = height / self.scale
        size = max(1, round(width / self.scale)), max(1, round(tall / self.scale))
        self.segments: list[Segment] = []
        self.crossed: list[float | None] = []
        self.ink = np.zeros(size[::-1], np.float32)
        for inked in inks:
            canvas = laid_out([inked], box)
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
