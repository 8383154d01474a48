"""Whose run is next, and about when: the order of the waiting runs, and an estimate from recent ones.

Everybody is in the queue once, and goes back to its end after each of their runs: a run's place counts from
the time when it was requested, or when its owner's previous run ended, whichever is later. While a run of the
same owner is being trained, it comes after the first runs of all others.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Waiting:
    """A waiting run. asked: Unix time at which it was requested. work: see `Pace`."""

    folder: Path
    asked: float
    architecture: str
    work: float

    @property
    def owner(self) -> str:
        return self.folder.parent.name


def in_turn(waiting: Sequence[Waiting], training: Sequence[str], ended: Mapping[str, float]) -> list[Waiting]:
    """The runs in the order in which they are to start.

    training: the owners of the runs that are being trained, once per run. ended: the Unix time at which an
    owner's latest run ended, if there is one.
    """
    ahead = Counter(training)
    order = []
    for run in sorted(waiting, key=lambda run: (run.asked, run.folder.name)):
        since = max(run.asked, ended.get(run.owner, 0.0))
        order.append(((ahead[run.owner], since, run.asked, run.folder.name), run))
        ahead[run.owner] += 1
    return [run for _, run in sorted(order, key=lambda pair: pair[0])]


@dataclass(frozen=True)
class Took:
    """A complete run. seconds: from its trainer's start to its card; fitting: the fit's part of that."""

    architecture: str
    work: float
    seconds: float
    fitting: float


class Pace:
    """How long runs take here, judged by recent ones.

    The time of a fit is taken to be proportional to its `work` (pictures learnt from, times the network's
    multiplications for each), at the median pace of recent runs of the same network, or of any network if
    there are none; for what comes before and after the fit, the median of recent runs is taken.
    """

    def __init__(self, recent: Sequence[Took]) -> None:
        self._recent = [run for run in recent if run.work > 0]

    def seconds(self, architecture: str, work: float) -> float | None:
        """About how long a run will take; None if nothing is known yet."""
        alike = [run for run in self._recent if run.architecture == architecture] or self._recent
        if not alike:
            return None
        pace = _median([run.fitting / run.work for run in alike])
        return pace * work + _median([max(0.0, run.seconds - run.fitting) for run in alike])


def waits(places: int, busy: Sequence[float], line: Sequence[float]) -> list[float]:
    """Seconds until each waiting run starts.

    places: trainers at once, at least 1. busy: seconds that each run in training will still take. line:
    seconds that each waiting run will take, in turn.
    """
    free = [*sorted(busy)[-places:], *[0.0] * max(0, places - len(busy))]
    heapq.heapify(free)
    starts = []
    for seconds in line:
        start = heapq.heappop(free)
        starts.append(start)
        heapq.heappush(free, start + seconds)
    return starts


def in_words(seconds: float) -> str:
    """ "less than a minute", "about 3 minutes", "about an hour": no more exact than an estimate can be."""
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 1.5:
        return "about a minute"
    if minutes < 10:
        return f"about {round(minutes)} minutes"
    if minutes < 52:
        return f"about {5 * round(minutes / 5)} minutes"
    if minutes < 90:
        return "about an hour"
    return f"about {round(minutes / 60)} hours"


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
