"""How long runs took and will take, read from their folders; `turns` calculates with it."""

from __future__ import annotations

import time

from digitcore import files, paths
from digitcore.errors import DigitcoreError
from digitcore.files import modified
from digitcore.networks import architectures
from digitcore.networks.settings import Settings
from digitcore.runs.run_folder import Run
from digitcore.runs.turns import Pace, Took, Waiting

# If a run takes longer than estimated, the time left is unknown.
LEAST_LEFT_SECONDS = 5.0


def took(run: Run) -> Took | None:
    """How long a run took, if it was trained without interruption; else None."""
    try:
        card = run.card()
        started, ended = modified(run.file(paths.STARTED)) / 1e9, modified(run.file(paths.CARD)) / 1e9
        cut_short = ("stopped", "ended", "interventions")
        if not card or any(card.get(name) for name in cut_short) or not started < ended:
            return None
        fitting = card.get("seconds")
        if not files.is_number(fitting):
            return None
        settings = run.settings
        return Took(settings.architecture, _work(settings), ended - started, float(fitting))
    except DigitcoreError:  # from another version, or damaged
        return None


def waiting(run: Run) -> Waiting:
    """A run in the queue. One whose settings are from another version counts too: its trainer will say so."""
    more = run.more_epochs()
    asked = more["asked"] if more else run.created
    try:
        settings = run.settings
    except DigitcoreError:
        return Waiting(run.folder, asked, "", 0.0)
    work = _work(settings, more["epochs"] if more else None)
    return Waiting(run.folder, asked, settings.architecture, work)


def left(run: Run, pace: Pace) -> float:
    """About how many more seconds a run in training will take."""
    try:
        settings = run.settings
    except DigitcoreError:
        return LEAST_LEFT_SECONDS
    whole = pace.seconds(settings.architecture, _work(settings)) or 0.0
    return max(LEAST_LEFT_SECONDS, whole - (time.time() - modified(run.file(paths.STARTED)) / 1e9))


def _work(settings: Settings, epochs: int | None = None) -> float:
    """Pictures to learn from, times the network's multiplications per picture."""
    pictures = settings.n_train * (settings.epochs if epochs is None else epochs)
    return float(pictures * architectures.multiplications(settings))
