"""What state a run is in, judged by the files in its folder and its lock alone: `of`, and the queue's
questions.

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

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has not
# done so after this many seconds, even on a busy classroom's host, never will.
START_GRACE_SECONDS = 60.0

# How often the queue replaces trainers that die without having completed another epoch.
MOST_RELAUNCHES = 3

# The last state that a trainer reports when it leaves a run that was paused for too long.
RELEASED = "released"


@dataclass(frozen=True)
class State:
    """The state of a run: its name, one sentence for people, and whether there is a model to use."""

    name: str
    text: str
    has_model: bool = False
    released: bool = False  # paused for so long that its trainer has left

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
    """The state of the run, judged by its files and its lock alone."""
    while True:
        launched = modified(run.file(paths.STARTED))
        state = _now(run)
        # A trainer launched between two of these looks would be missed, and the run called a failure.
        if state.name != "failed" or launched == modified(run.file(paths.STARTED)):
            return state


def waits_for_trainer(run: Run) -> bool:
    """Whether the queue is to launch a trainer: on a run that was never started, one that is to learn for
    more epochs, and one whose trainer died (even if it was asked to stop: the next one keeps its best epoch),
    unless that happened `MOST_RELAUNCHES` times without a new checkpoint."""
    if _is_complete(run):
        return False
    if not run.file(paths.STARTED).exists():
        asked_for = run.file(paths.SETTINGS).exists()
        return asked_for and not run.stop_requested() and not run.file(paths.EVENTS).exists()
    try:
        return not run.alive() and not _launching(run) and _is_resumable(run)
    except OSError:  # a folder that cannot be read must not hold up everybody's queue
        return False


def is_over(run: Run) -> bool:
    """Whether there is nothing left for a trainer to do: complete, or stopped before anything was learnt."""
    unlearnt = not any(run.file(name).exists() for name in (paths.CHECKPOINT, paths.UNFINISHED))
    return _is_complete(run) or (unlearnt and run.last_state() == "stopped")


def mark_started(run: Run) -> None:
    """Record that a trainer was launched; one that replaces a trainer that died is counted."""
    again = run.file(paths.STARTED).exists() and (_died_silently(run) or _launching(run))
    files.write_json(run.file(paths.STARTED), {"time": time.time()})  # first: see `of`
    if again:
        files.write_json(run.file(paths.RELAUNCHES), run.relaunches() + 1)


def take_back_start(run: Run) -> bool:
    """Let a run wait again whose trainer ended before taking it up; False if it had taken it up."""
    if not _launching(run):
        return False
    os.utime(run.file(paths.STARTED), (0, 0))  # the file stays, so the next launch counts as another one
    return True


def _is_resumable(run: Run) -> bool:
    """Whether the queue is to continue a started run whose trainer is gone."""
    if run.last_state() == RELEASED:
        return not run.paused() or run.stop_requested()
    if _died_silently(run):
        return run.relaunches() < MOST_RELAUNCHES
    return run.last_state() != "failed" and run.more_epochs() is not None


def _died_silently(run: Run) -> bool:
    """Whether the trainer, which is gone, ended without saying so."""
    last = run.last_state()
    return last is None or last in _ALIVE


def _is_complete(run: Run) -> bool:
    """Whether nothing is left to do; cheap, because the queue asks this of every run twice a second."""
    replaced = run.file(paths.UNFINISHED, paths.CARD).exists()
    return run.file(paths.CARD).exists() and not replaced and run.more_epochs() is None


def _launching(run: Run) -> bool:
    """Whether a trainer was launched a moment ago and has not written anything yet."""
    launched, written = modified(run.file(paths.STARTED)), modified(run.file(paths.EVENTS))
    # The clock may have been set back, hence abs.
    return launched >= written and abs(time.time() - launched / 1e9) < START_GRACE_SECONDS


def _now(run: Run) -> State:
    if _is_complete(run):
        return _complete(run)
    alive = run.alive()
    last = run.last_state()
    has_model = run.file(paths.CARD).exists()  # from before the epochs that are being added
    if _is_complete(run):  # it may have become so between the two looks
        return _complete(run)
    launching = _launching(run)
    if alive or launching:
        name = last if last in _ALIVE and not launching else "starting"
        return replace(_ALIVE[name], has_model=has_model)
    if waits_for_trainer(run):
        return State("queued", "Waiting for its turn.", has_model)
    if last == RELEASED:
        text = "Paused for a long time, so others have its place; resumed, it continues from its last epoch."
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
    again = ", and so did those of the trainers that replaced it" if run.relaunches() else ""
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
