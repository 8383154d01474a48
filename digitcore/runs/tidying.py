"""Bound the use of the disk by deleting ended runs and visitors' data sets, oldest first."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from digitcore import limits
from digitcore.datasets import own
from digitcore.runs import disk, own_data
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run

# With less, a training of the largest network that Train makes (0.34 GB, `disk.needed_bytes`) might not fit.
SPARE_BYTES = 512 * 2**20
KEPT_SECONDS = 24 * 3600.0


def tidy(key: str) -> None:
    """Delete a visitor's ended runs beyond `kept_runs`, then anybody's and data sets that no run needs
    now, while all together take more than `kept_megabytes` (limits.py) or the disk is almost full."""
    allowed = limits.current()
    mine = [run for run in run_store.list_runs(key) if not _is_active(run)]
    for run in mine[max(0, allowed.kept_runs - 1) :]:
        shutil.rmtree(run.folder, ignore_errors=True)
    kept = [(run.created, run.folder) for run in run_store.all_runs() if not _is_active(run)]
    kept += [(at, place) for at, place in own_data.everybodys() if not own_data.is_used(place)]
    total = sum(_bytes(folder) for _, folder in kept)
    for _, folder in sorted(kept):
        if total <= allowed.kept_megabytes * 2**20:
            break
        total -= _bytes(folder)
        _delete(folder)
    make_space()


def make_space() -> None:
    """If the disk is almost full, delete anybody's ended runs, oldest first, until it no longer is; but none
    from the last day, because something else may have filled it."""
    for run in run_store.all_runs():
        if disk.free_bytes() >= SPARE_BYTES:
            return
        if time.time() - run.created > KEPT_SECONDS and not _is_active(run):
            _delete(run.folder)
    for at, place in sorted(own_data.everybodys()):
        if disk.free_bytes() >= SPARE_BYTES:
            return
        if time.time() - at > KEPT_SECONDS and not own_data.is_used(place):
            _delete(place)


def _delete(folder: Path) -> None:
    """A run, or a data set with its pictures beside runs."""
    if own.is_private(folder.name):
        own_data.forget(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _is_active(run: Run) -> bool:
    """Whether a run is queued or in training; one whose folder cannot be read is neither."""
    try:
        return run_state.of(run).active
    except OSError:
        return False
