"""A sweep: one run for each point of a grid over a few settings, queued like everybody else's runs.

    >>> [each.learning_rate for each in plan("mlp-128", {"learning_rate": (0.001, 0.003)})]
    [0.001, 0.003]

The runs of a sweep share its id in their settings.json and nothing else: each is stopped, resumed and looked
at like any other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from digitcore import files, limits, paths
from digitcore.errors import DigitcoreError, RunError, SettingsError
from digitcore.files import modified
from digitcore.networks.ranges import RANGES, Choice
from digitcore.networks.settings import Settings
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.queue import Queue
from digitcore.runs.run_folder import Run
from digitcore.runs.state import State

Values = Mapping[str, Sequence[Any]]
"""What a grid varies: the name of a setting -> its values."""


def most() -> int:
    """The size of the largest sweep on this host: all its runs may wait, and are kept when they end."""
    allowed = limits.current()
    return min(allowed.waiting_in_sweeps, allowed.kept_runs)


def parse(texts: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """["learning_rate=0.001,0.003", "epochs=1,2"] -> {"learning_rate": (0.001, 0.003), "epochs": (1, 2)}."""
    values: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise SettingsError(f"Expected a setting and its values, like epochs=1,2; got {text!r}.")
        if name not in RANGES:
            raise SettingsError(f"Settings are {', '.join(sorted(RANGES))}; got {name!r}.")
        if name in values:
            raise SettingsError(f"{name} is given twice; put all of its values in one list.")
        values[name] = tuple(_value(name, each.strip()) for each in listed.split(","))
    return values


def _value(name: str, text: str) -> Any:
    allowed = RANGES[name]
    if isinstance(allowed, Choice):
        return text
    try:
        return int(text) if isinstance(allowed.step, int) else float(text)
    except ValueError:
        raise SettingsError(allowed.problem(name, text) or "") from None


def plan(architecture: str, varied: Values, **fixed: Any) -> list[Settings]:
    """The settings of every run: the network's own recipe with `fixed` and one point of the grid; the last
    name varies fastest. SettingsError if the grid is empty or too large, and for the first value that is not
    allowed."""
    points = math.prod(len(set(values)) for values in varied.values())
    if not varied or not points:
        raise SettingsError("A sweep varies at least one setting; got none.")
    if points > most():
        by = " × ".join(str(len(set(values))) for values in varied.values())
        raise SettingsError(f"A sweep has at most {most()} runs here; these values make {by} = {points}.")
    lists = [list(dict.fromkeys(values)) for values in varied.values()]  # each value once
    grid = [dict(zip(varied, point, strict=True)) for point in itertools.product(*lists)]
    return [Settings.for_architecture(**{"architecture": architecture, **fixed, **point}) for point in grid]


def submit(
    queue: Queue, planned: Sequence[Settings], key: str, sweep: str, address: str | None = None
) -> list[Run]:
    """Queue a run for each of the settings, all or none. RunError if they cannot all be accepted.

    address: the network whose share of places they take, as in `Queue.submit`.
    """
    mine = run_store.list_runs(key)
    waiting = sum(bool(run.sweep) and run_state.waits_for_trainer(run) for run in mine)
    room = limits.current().waiting_in_sweeps - waiting
    if len(planned) > room:
        raise RunError(
            f"{len(planned)} runs do not fit: {max(0, room)} more of your sweeps may wait in the queue now; "
            "let some finish or cancel them."
        )
    names = varied([*(run.settings for run in mine if run.sweep == sweep), *planned])
    taken: list[Run] = []
    try:
        for settings in planned:
            taken.append(queue.submit(settings, key, point(settings, names), sweep, address=address))
    except DigitcoreError:
        for run in taken:
            queue.stop(run)
        raise
    return taken


def found(key: str) -> dict[str, list[Run]]:
    """A visitor's sweeps by their ids, newest first; the runs of each in the order of the grid."""
    sweeps: dict[str, list[Run]] = {}
    for run in run_store.list_runs(key):
        if run.sweep:
            sweeps.setdefault(run.sweep, []).insert(0, run)
    return sweeps


def varied(settings: Sequence[Settings]) -> list[str]:
    """The names of the settings in which these differ."""
    dictionaries = [each.to_dict() for each in settings]
    return [name for name in RANGES if len({str(each[name]) for each in dictionaries}) > 1]


def point(settings: Settings, names: Sequence[str]) -> str:
    """A run's place in the grid, for people: "learning rate 0.003, epochs 2"."""
    return ", ".join(f"{name.replace('_', ' ')} {shown(getattr(settings, name))}" for name in names)


def shown(value: Any) -> str:
    """A setting's value as people write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Row:
    """The present state of a sweep's run. values: those of the settings that the sweep varies.

    epochs: completed so far. accuracy and loss: those of the epoch that is kept, the one with the best
    validation accuracy; None before the end of the first epoch. test: accuracy on the test pictures, once the
    run is complete. seconds: of training, so far.
    """

    run: Run
    values: dict[str, Any]
    state: State
    epochs: int
    accuracy: float | None
    loss: float | None
    test: float | None
    seconds: float


def table(sweep: Sequence[Run]) -> list[Row]:
    """The runs of a sweep in the order of its grid; those made by another version are left out."""
    readable = [(run, settings) for run in sweep if (settings := _settings(run))]
    names = varied([settings for _, settings in readable])
    return [_row(run, {name: getattr(settings, name) for name in names}) for run, settings in readable]


def best(rows: Sequence[Row]) -> Row | None:
    """The row with the highest validation accuracy; of equal ones, the lowest loss."""
    measured = [row for row in rows if row.accuracy is not None]
    return max(measured, key=lambda row: (row.accuracy, -(row.loss or 0.0)), default=None)


def _settings(run: Run) -> Settings | None:
    try:
        return run.settings
    except SettingsError:
        return None


@lru_cache(maxsize=256)
def _epochs(folder: Path, modified: int) -> list[dict[str, Any]]:
    """A run's epochs; cached, because a page that shows twenty runs asks every second."""
    return [event for event in Run(folder).learning_events() if event.get("event") == "epoch"]


def _row(run: Run, values: dict[str, Any]) -> Row:
    state = run_state.of(run)
    epochs = _epochs(run.folder, modified(run.file(paths.EVENTS)))
    kept = next((event for event in reversed(epochs) if event["best"]), None)
    return Row(
        run,
        values,
        state,
        len(epochs),
        kept and kept["val_accuracy"],
        kept and kept["val_loss"],
        _test_accuracy(run) if state.has_model else None,
        sum(event.get("seconds", 0.0) for event in epochs),
    )


def _test_accuracy(run: Run) -> float | None:
    """The test accuracy on the card; None if the card is damaged or, for a moment, missing."""
    try:
        test = (run.card() or {}).get("test")
    except RunError:
        return None
    accuracy = test.get("accuracy") if isinstance(test, dict) else None
    return accuracy if files.is_number(accuracy) else None
