"""What a run has reported so far: its batches, its epochs, and how long it will still take.

Each look reads on from where the last one ended, so watching a long run costs no more than a short one.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from digitcore.runs import events
from digitcore.runs.run_folder import Run

SHOWN_POINTS = 600  # per curve: more than a screen can show, few enough to send twice a second


@dataclass
class Batch:
    """The newest report from within an epoch; `step` counts optimizer steps over the whole run, from 1."""

    time: float
    epoch: int
    batch: int
    batches: int
    step: int


@dataclass
class History:
    """The curves of one run. Points are (x, loss, accuracy, learning rate), with x in epochs: 1.5 is halfway
    through the second. `interventions` are what people did to it, as in `Run.interventions`."""

    epochs_asked: int
    points: list[tuple[float, float, float, float]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    interventions: list[dict[str, Any]] = field(default_factory=list)
    newest: Batch | None = None
    since: float | None = None  # the time of the last change of state
    validating: bool = False
    _first: Batch | None = None  # the first batch since the last pause, from which the pace is taken
    _rate: float | None = None
    _offset: int = 0
    _columns: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))

    def read(self, run: Run) -> "History":
        """Add what the run has written since the last call."""
        new, self._offset = run.events_after(self._offset)
        for event in new:
            self._take(event)
        return self

    def columns(self) -> np.ndarray:
        """The points as (n, 4) float64; only new ones are converted, because it is called so often."""
        new = self.points[len(self._columns) :]
        if new:
            self._columns = np.concatenate([self._columns, np.array(new, dtype=float)])
        return self._columns

    def until(self, epoch: int) -> "History":
        """What was known at the end of an epoch; for epoch 0, only what was planned."""
        points = [point for point in self.points if point[0] <= epoch]
        return History(self.epochs_asked, points, [e for e in self.epochs if e["epoch"] <= epoch])

    def _take(self, event: dict[str, Any]) -> None:
        match event.get("event"):
            case "batch":
                x = event["epoch"] - 1 + event["batch"] / event["batches"]
                self.points.append((x, event["loss"], event["accuracy"], event["learning_rate"]))
                self._rate = event["learning_rate"]
                self.newest = Batch(*(event[name] for name in ("time", "epoch", "batch", "batches", "step")))
                self._first = self._first or self.newest
                self.validating = False
            case "validation":
                self.validating = True
            case "epoch":
                self.epochs.append(event)
                self.validating = False
            case "message":
                self.messages.append(event["text"])
            case "resumed":  # from a checkpoint: what came after it will be learnt again
                self.points = [point for point in self.points if point[0] <= event["epoch"]]
                self.epochs = [each for each in self.epochs if events.survives(each, event)]
                self.newest = self._first = None
                self._columns = self._columns[:0]
            case "intervention":
                self.interventions += events.interventions([event])
                self._first = None
                if event["what"] == "learning rate":
                    self._rate = event["value"]
                if event["what"] == "more epochs":
                    self.epochs_asked = event["epochs"] + event["epoch"]
            case "state":
                self._first = None
                self.since = event["time"]

    @property
    def share(self) -> float:
        """The share of the fit that is done, 0 to 1."""
        if self.newest is None:
            return min(1.0, len(self.epochs) / self.epochs_asked)
        return min(1.0, self.newest.step / (self.epochs_asked * self.newest.batches))

    @property
    def seconds_left(self) -> float | None:
        """How much longer the fit will take at the pace so far; None while the pace is unknown."""
        if self.newest is None or self._first is None or self.newest.step == self._first.step:
            return None
        pace = (self.newest.time - self._first.time) / (self.newest.step - self._first.step)
        return max(0.0, pace * (self.epochs_asked * self.newest.batches - self.newest.step))

    @property
    def learning_rate(self) -> float | None:
        """The rate of the newest batch, or the rate that was set for the next one."""
        return self._rate

    def progress_text(self) -> str:
        """One line: "Epoch 2 of 5, batch 120 of 860, about 40 s left"."""
        if self.newest is None:
            return "Waiting for the first batch" if not self.epochs else f"After epoch {len(self.epochs)}"
        now = self.newest
        where = "validating" if self.validating else f"batch {now.batch:,} of {now.batches:,}"
        text = f"Epoch {now.epoch} of {self.epochs_asked}, {where}"
        left = self.seconds_left
        return text if left is None else f"{text}, about {duration(left)} left"


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 99.5:
        return f"{max(0.0, seconds):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def thin(x: np.ndarray, y: np.ndarray, limit: int = SHOWN_POINTS) -> np.ndarray:
    """Indices of at most `limit` of (n,) points that draw the same curve: lowest and highest of each bucket.

    A bucket holds a power of two of points, so a growing curve keeps the points that were shown, and only
    doubles its step from time to time.
    """
    n = len(x)
    if n <= limit:
        return np.arange(n)
    size = 2 ** math.ceil(math.log2(2 * n / (limit - 3)))
    whole = n // size * size
    buckets = np.asarray(y[:whole]).reshape(-1, size)
    starts = np.arange(0, whole, size)
    low, high = starts + buckets.argmin(1), starts + buckets.argmax(1)
    tail = np.arange(whole, n)
    if len(tail) > 2:
        last = np.asarray(y[whole:])
        tail = whole + np.array([last.argmin(), last.argmax()])
    return np.unique(np.concatenate([[0], low, high, tail, [n - 1]]))
