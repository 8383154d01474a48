"""Where a run stands, told from the files in its folder and its lock alone: `of`, and what the queue asks.

queued -> starting -> running <-> paused -> finishing -> finished, stopped or failed
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace

from digitcore import files, paths
from digitcore.errors import RunError
from digitcore.files import modified
from digitcore.runs.run_folder import Run

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has
# not done so after this many seconds (a busy classroom host included) never will.
START_GRACE_SECONDS = 60.0

# So often the queue replaces a trainer that died without having come an epoch further.
MOST_RELAUNCHES = 3

# What a trainer says last that leaves a run which was paused for too long.
RELEASED = "released"


@dataclass(frozen=True)
class State:
    """Where a run stands: its name, one sentence for people, and whether a model can be used."""

    name: str
    text: str
    has_model: bool = False
    released: bool = False  # paused for so long that its trainer has gone

    @property
    def active(self) -> bool:
        """Whether it is on its way to a result."""
        return self.name == "queued" or self.name in _ALIVE

    @property
    def training(self) -> bool:
        """Whether it has a trainer, which takes a place and memory."""
        return self.name in _ALIVE and not self.released


_ALIVE = {
    "starting": State("starting", "Starting: loading TensorFlow and the pictures."),
    "running": State("running", "Learning."),
    "paused": State("paused", "Paused."),
    "finishing": State("finishing", "Finishing: exporting the model and reading the test pictures."),
}


def of(run: Run) -> State:
    """Where the run stands, truthfully, from its files and its lock alone."""
    while True:
        launched = modified(run.file(paths.STARTED))
        state = _now(run)
        # A trainer launched between two of these looks is in none of them, and would be a failure.
        if state.name != "failed" or launched == modified(run.file(paths.STARTED)):
            return state


def waits_for_trainer(run: Run) -> bool:
    """Whether the queue shall launch a trainer: on a run that was never started, one that shall learn
    more epochs, and one whose trainer died (asked to stop or not: the next one keeps its best epoch),
    unless that happened `MOST_RELAUNCHES` times without a new checkpoint."""
    if _is_complete(run):
        return False
    if not run.file(paths.STARTED).exists():
        asked_for = run.file(paths.SETTINGS).exists()
        return asked_for and not run.stop_requested() and not run.file(paths.EVENTS).exists()
    try:
        return not run.alive() and not _launching(run) and _is_resumable(run)
    except OSError:  # a folder that cannot be looked into must not hold up everybody's queue
        return False


def is_over(run: Run) -> bool:
    """Whether no trainer could do anything: complete, or stopped before it had learnt anything."""
    unlearnt = not any(run.file(name).exists() for name in (paths.CHECKPOINT, paths.UNFINISHED))
    return _is_complete(run) or (unlearnt and run.last_state() == "stopped")


def mark_started(run: Run) -> None:
    """Say that a trainer was launched; one that replaces a trainer that died is counted."""
    again = run.file(paths.STARTED).exists() and (_died_silently(run) or _launching(run))
    files.write_json(run.file(paths.STARTED), {"time": time.time()})  # first: see `of`
    if again:
        files.write_json(run.file(paths.RELAUNCHES), run.relaunches() + 1)


def take_back_start(run: Run) -> bool:
    """Have a run wait again whose trainer ended before it had taken it up; False where it had."""
    if not _launching(run):
        return False
    os.utime(run.file(paths.STARTED), (0, 0))  # the file stays: the next launch is counted as another one
    return True


def _is_resumable(run: Run) -> bool:
    """Whether a started run, whose trainer is gone, is the queue's to go on with."""
    if run.last_state() == RELEASED:
        return not run.paused() or run.stop_requested()
    if _died_silently(run):
        return run.relaunches() < MOST_RELAUNCHES
    return run.last_state() != "failed" and run.more_epochs() is not None


def _died_silently(run: Run) -> bool:
    """Whether the trainer, which is gone, did not say that this was the end."""
    last = run.last_state()
    return last is None or last in _ALIVE


def _is_complete(run: Run) -> bool:
    """Whether nothing is left to do; cheap, because the queue asks it of every run twice a second."""
    replaced = run.file(paths.UNFINISHED, paths.CARD).exists()
    return run.file(paths.CARD).exists() and not replaced and run.more_epochs() is None


def _launching(run: Run) -> bool:
    """Whether a trainer was launched a moment ago and has not written anything yet."""
    launched, written = modified(run.file(paths.STARTED)), modified(run.file(paths.EVENTS))
    # A clock may have been set back, therefore abs.
    return launched >= written and abs(time.time() - launched / 1e9) < START_GRACE_SECONDS


def _now(run: Run) -> State:
    if _is_complete(run):
        return _complete(run)
    alive = run.alive()
    last = run.last_state()
    has_model = run.file(paths.CARD).exists()  # of before the epochs that are being added
    if _is_complete(run):  # it may have become so between the two looks
        return _complete(run)
    launching = _launching(run)
    if alive or launching:
        name = last if last in _ALIVE and not launching else "starting"
        return replace(_ALIVE[name], has_model=has_model)
    if waits_for_trainer(run):
        return State("queued", "Waiting for its turn.", has_model)
    if last == RELEASED:
        text = "Paused for long, so others have its place; resumed, it goes on after its last epoch."
        return State("paused", text, has_model, released=True)
    if has_model:
        return _complete(run)
    if last == "stopped":
        return State("stopped", "Stopped before it had learnt anything.")
    if last == "failed":
        return State("failed", "Failed; the log says why.")
    if not run.folder.exists():
        return State("failed", "This run was deleted.")
    if not run.file(paths.STARTED).exists():
        return State("queued", "Waiting for its turn.")
    again = ", and so did those that went on with it" if run.relaunches() else ""
    return State("failed", f"Failed: its process ended before the run was complete{again}.")


def _complete(run: Run) -> State:
    try:
        card = run.card() or {}
    except RunError:  # one damaged file must not hold up everybody's queue
        return State("failed", "Failed: its card.json, the result, is damaged.")
    name, text = "finished", "Finished"
    if card.get("stopped"):
        best = card.get("best_epoch")
        kept = f"its best epoch, epoch {best}, was kept" if best else "what it had learnt by then was kept"
        name, text = "stopped", f"Stopped; {kept}"
    if run.more_epochs() is not None:
        text += "; learning further epochs failed, the log says why"
    return State(name, f"{text}.", True)
