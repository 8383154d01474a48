"""Everybody's runs at one moment: those that wait, in turn, and those that have a trainer."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from digitcore import paths
from digitcore.files import modified
from digitcore.runs import estimates
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.backend import Backend
from digitcore.runs.run_folder import Run
from digitcore.runs.turns import Pace, Took, Waiting, in_turn, waits

# A look at everybody's runs serves pages for this long: thirty of them ask twice a second.
FRESH_SECONDS = 1.0
# How many recent runs the estimates for the next ones are based on.
RECENT = 30


@dataclass(frozen=True)
class Wait:
    """Where a waiting run stands: place 1 starts next. seconds: about how long until then; None if no run has
    ended yet by which that could be estimated."""

    place: int
    seconds: float | None


@dataclass(frozen=True)
class Look:
    """What was seen at the moment `at` of the monotonic clock. waiting: in turn, the next run first."""

    at: float = -1e9
    waiting: list[Run] = field(default_factory=list)
    training: list[Run] = field(default_factory=list)
    waits: dict[Path, Wait] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ended:
    """A run for which nothing remains to be done while its folder does not change."""

    seen: tuple[int, int]
    owner: str
    at: float
    took: Took | None


class Line:
    """Looks at everybody's runs; those that have ended are not read again until their folders change.

    A folder that cannot be understood is skipped and reported once, so that it holds up nobody. Safe to share
    between threads.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._last = Look()
        self._settled: dict[Path, _Ended] = {}
        self._said: set[tuple[Path, str]] = set()
        self._mutex = threading.Lock()

    def look(self, at_once: bool = True) -> Look:
        """Everybody's runs as they are now or, unless `at_once`, as they were a moment ago."""
        with self._mutex:
            if at_once or time.monotonic() - self._last.at > FRESH_SECONDS:
                self._last = self._now()
            return self._last

    def _now(self) -> Look:
        waiting: list[tuple[Run, Waiting]] = []
        training: list[Run] = []
        ended = {folder: known for folder, known in self._settled.items() if _seen(folder) == known.seen}
        for run in run_store.all_runs(but=ended.__contains__):
            seen = _seen(run.folder)
            try:
                if self._is_training(run):
                    training.append(run)
                elif run_state.waits_for_trainer(run):
                    waiting.append((run, estimates.waiting(run)))
                else:
                    ended[run.folder] = _Ended(
                        seen, run.folder.parent.name, seen[1] / 1e9, estimates.took(run)
                    )
            except Exception as error:
                self._say(run, error)
        self._settled = ended
        return self._in_turn(waiting, training)

    def _in_turn(self, waiting: list[tuple[Run, Waiting]], training: list[Run]) -> Look:
        latest: dict[str, float] = {}
        for known in self._settled.values():
            latest[known.owner] = max(known.at, latest.get(known.owner, 0.0))
        by_folder = {run.folder: run for run, _ in waiting}
        owners = [run.folder.parent.name for run in training]
        order = in_turn([each for _, each in waiting], owners, latest)
        took = sorted((known for known in self._settled.values() if known.took), key=lambda known: known.at)
        pace = Pace([known.took for known in took[-RECENT:]])
        times = [pace.seconds(each.architecture, each.work) for each in order]
        starts: list[float] | list[None] = [None] * len(order)
        places = self._backend.places()
        if places and None not in times:
            starts = waits(places, [estimates.left(run, pace) for run in training], times)
        found = {each.folder: Wait(i + 1, starts[i]) for i, each in enumerate(order)}
        return Look(time.monotonic(), [by_folder[each.folder] for each in order], training, found)

    def _is_training(self, run: Run) -> bool:
        """Whether the run takes a place."""
        alive = self._backend.alive(run) if run.file(paths.STARTED).exists() else False
        return run_state.of(run).training if alive is None else alive

    def _say(self, run: Run, error: Exception) -> None:
        """Report each kind of error once per run: the queue is looked at twice a second."""
        if (run.folder, repr(error)) not in self._said:
            self._said.add((run.folder, repr(error)))
            print(f"The training queue skips run {run.id}: {error!r}", file=sys.stderr)
            if not isinstance(error, OSError):
                traceback.print_exception(error)


def _seen(folder: Path) -> tuple[int, int]:
    """Values that change whenever the run does: control files and replaced files change the folder, and
    whatever a trainer does is an event."""
    return modified(folder), modified(folder / paths.EVENTS)
