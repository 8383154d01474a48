"""The learning rate at every step of a run: from its schedule, its further epochs, and what people asked for.

Three rules, so that a run can be repeated step by step:

* Within the epochs of the settings, their schedule applies (`scheduled`), even if a run was stopped early and
  is continued later.
* In further epochs a constant rate stays as it was. If the schedule had fallen to 0, they begin at a
  twentieth of the settings' peak and fall to 0 again along half a cosine: enough to make progress, too little
  to undo what was learnt (as a restart at the peak would: Loshchilov & Hutter 2017).
* A rate that somebody asked for applies from its step on. A schedule keeps its shape from there, scaled by
  the rate asked for divided by the one it replaces, to the end of the current stretch.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from digitcore.networks.ranges import RANGES
from digitcore.networks.settings import Settings

RESTART_SHARE = 0.05
WARM_UP = 0.25


def scheduled(settings: Settings, step: int) -> float:
    """The learning rate of optimizer step `step`, counted from 0, by the settings' schedule.

    "cosine" falls from the peak to 0 (Loshchilov & Hutter 2017); "one-cycle" climbs over the first quarter
    before that.
    """
    if settings.schedule == "constant":
        return settings.learning_rate
    done = min(step / max(1, settings.epochs * settings.steps_per_epoch - 1), 1.0)
    return settings.learning_rate * one_cycle(done, WARM_UP if settings.schedule == "one-cycle" else 0.0)


def one_cycle(done: float, warm_up: float) -> float:
    """The rate as a share of its peak when the share `done` of all steps, 0 to 1, is done: it climbs from a
    twentieth to 1 during the first `warm_up`, then falls to 0 along half a cosine (Smith & Topin 2018)."""
    if done < warm_up:
        return 0.05 + 0.95 * done / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (done - warm_up) / (1.0 - warm_up)))


class LearningRate:
    """Answers `at(step)`, steps counted from 0 over the whole run.

    more_epochs: the requests to continue the run, oldest first, each with "from" and "until" in epochs.
    """

    def __init__(self, settings: Settings, more_epochs: Sequence[dict[str, Any]] = ()) -> None:
        self._stretches: list[tuple[int, Callable[[int], float]]] = [
            (0, functools.partial(scheduled, settings))
        ]
        self._asked: list[tuple[int, float]] = []
        if settings.schedule != "constant":
            for more in more_epochs:
                first = max(settings.epochs, more["from"]) * settings.steps_per_epoch
                last = more["until"] * settings.steps_per_epoch - 1
                if last >= first:
                    peak = RESTART_SHARE * settings.learning_rate
                    self._stretches.append((first, _half_cosine(first, last, peak)))

    def ask(self, step: int, value: float) -> None:
        """Let `value` apply from `step` on; it overrides what was asked for at later steps."""
        self._asked = [asked for asked in self._asked if asked[0] < step] + [(step, value)]

    def at(self, step: int) -> float:
        begun, scheduled = [stretch for stretch in self._stretches if stretch[0] <= step][-1]
        asked = [asked for asked in self._asked if begun <= asked[0] <= step]
        if not asked:
            return scheduled(step)
        since, value = asked[-1]
        if scheduled(since) <= 0.0:  # at its very end a schedule has no shape to keep
            return value
        return min(value * (scheduled(step) / scheduled(since)), RANGES["learning_rate"].high)


def _half_cosine(first: int, last: int, peak: float) -> Callable[[int], float]:
    def rate(step: int) -> float:
        return peak * one_cycle(min((step - first) / max(1, last - first), 1.0), warm_up=0.0)

    return rate
