"""A training run is a folder; this module writes and reads one. It knows nothing of TensorFlow.

    runs/<owner>/<run id>/
        settings.json   what was asked for; its existence makes the folder a run
        started         written when a trainer is launched
        relaunches      how many trainers have died since the last checkpoint and were replaced
        lock            held by the trainer for as long as it lives: locked means alive
        events.jsonl    one JSON object a line: progress, epochs, changes of state, interventions
        log.txt         whatever the trainer printed
        checkpoint.npz  where the fit is: as it began, and after each epoch (checkpoint.py)
        unfinished/     the result while it is made and measured, before it takes its place (publication.py)
        model.*, test.npz
        card.json       the result; its existence means complete

Control files, by which anybody changes what the trainer does, which looks for them ten times a second:

        stop            end the fit and keep its best epoch
        pause, step     wait; with `step` beside it, first learn to the end of the epoch
        learning-rate   {"value", "asked"}: learn at this rate from the next batch on
        more-epochs     {"epochs", "from", "until", "asked"}: what a complete run shall still do

Everything is written by temp-and-rename or appended by whole flushed lines, so that a folder whose
trainer was killed at any byte still reads, and another trainer goes on from its checkpoint.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, replace
from typing import Any

from digitcore.errors import RunError, SettingsError
from digitcore.networks.settings import RANGES
from digitcore.runs.run_files import RunFiles, modified, read_request, write_json

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has
# not done so after this many seconds (a busy classroom host included) never will.
START_GRACE_SECONDS = 60.0

# So often the queue replaces a trainer that died without having come an epoch further.
MOST_RELAUNCHES = 3

CHECKPOINT, UNFINISHED, DRAFT = "checkpoint.npz", "unfinished", "draft.json"
# The network's own answers to the first validation pictures, with which the exported files are compared.
EXPECTED = "expected.npz"
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


class Run(RunFiles):
    """One run: asked to do things, and told apart by where it stands. `runs` makes them and looks them up."""

    def request_stop(self) -> None:
        """Ask the trainer to end the fit and keep its best epoch; obeyed within a second."""
        self._refuse_if_recorded()
        self.file("stop").touch()

    def stop_requested(self) -> bool:
        return self.file("stop").exists()

    def request_pause(self) -> None:
        """Ask the trainer to wait, with everything in memory; obeyed within a second.

        RunError where the run is over, or is being finished.
        """
        self._expect_learning("paused")
        self.file("pause").touch()
        self.file("step").unlink(missing_ok=True)

    def request_resume(self) -> None:
        """Ask a paused trainer to go on; obeyed within a second. RunError as for `request_pause`."""
        self._expect_learning("resumed")
        self.file("pause").unlink(missing_ok=True)
        self.file("step").unlink(missing_ok=True)

    def request_step(self) -> None:
        """Ask the trainer to learn to the end of an epoch and to wait there: of the next one if it waits
        between two, of the one it is in otherwise. RunError as for `request_pause`."""
        self._expect_learning("stepped")
        self.file("step").touch()  # first: with `pause` alone the trainer would wait at once
        self.file("pause").touch()

    def paused(self) -> bool:
        """Whether a trainer must wait now."""
        return self.file("pause").exists() and not self.file("step").exists()

    def request_learning_rate(self, value: float) -> None:
        """Ask the trainer to learn at another rate from the next batch on (learning_rate.py says how a
        schedule goes on from there). SettingsError outside the allowed range; RunError as for
        `request_pause`."""
        problem = RANGES["learning_rate"].problem("learning_rate", value)
        if problem:
            raise SettingsError(problem)
        self._expect_learning("given another learning rate")
        write_json(self.file("learning-rate"), {"value": float(value), "asked": time.time()})

    def requested_learning_rate(self) -> dict[str, Any] | None:
        """The newest such request, {"value", "asked"}, obeyed or not; None where there was none."""
        return read_request(self.file("learning-rate"))

    def request_more_epochs(self, epochs: int) -> None:
        """Ask that a complete run learns `epochs` more; it is queued, and keeps its model until the new one
        is measured. RunError where it is not complete, or has no checkpoint to go on from."""
        self._refuse_if_recorded()
        problem = RANGES["epochs"].problem("The number of further epochs", epochs)
        if problem:
            raise SettingsError(problem)
        state = self.state()
        if state.active or not state.has_model:
            raise RunError(
                f"Only a run that has ended with a model can learn further epochs; this one: {state.text}"
            )
        if not self.file(CHECKPOINT).exists():
            raise RunError("This run has no checkpoint to go on from; train it anew with more epochs.")
        done = (self.card() or {})["epochs_run"]
        shutil.rmtree(self.file(UNFINISHED), ignore_errors=True)  # of an earlier attempt that failed
        for name in ("stop", "pause", "step", "learning-rate", "relaunches"):
            self.file(name).unlink(missing_ok=True)
        request = {"epochs": epochs, "from": done, "until": done + epochs, "asked": time.time()}
        write_json(self.file("more-epochs"), request)

    def more_epochs(self) -> dict[str, Any] | None:
        """What a complete run shall still do, {"epochs", "from", "until", "asked"}; None: nothing."""
        request = read_request(self.file("more-epochs"))
        if request is None:
            return None
        with contextlib.suppress(RunError):
            if request in (self.card() or {}).get("more_epochs", []):
                return None
        return request

    def all_more_epochs(self) -> list[dict[str, Any]]:
        """Everything that the run was asked to go on with, oldest first, done or still to do."""
        more = self.more_epochs()
        return [*(self.card() or {}).get("more_epochs", []), *([more] if more else [])]

    def _refuse_if_recorded(self) -> None:
        if self.recorded:
            raise RunError("This run is a recording that ships with the app; it cannot be changed.")

    def _expect_learning(self, what: str) -> None:
        self._refuse_if_recorded()
        state = self.state()
        if state.name not in ("queued", "starting", "running", "paused"):
            raise RunError(f"This run cannot be {what} any more: {state.text}")

    def mark_started(self) -> None:
        """Say that a trainer was launched; one that replaces a trainer that died is counted."""
        again = self.file("started").exists() and (self._died_silently() or self._launching())
        write_json(self.file("started"), {"time": time.time()})  # first: see `state`
        if again:
            write_json(self.file("relaunches"), self._relaunches() + 1)

    def take_back_start(self) -> bool:
        """Have a run wait again whose trainer ended before it had taken it up; False where it had."""
        if not self._launching():
            return False
        os.utime(self.file("started"), (0, 0))  # the file stays: the next launch is counted as another one
        return True

    def _relaunches(self) -> int:
        try:
            return int(self.file("relaunches").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0

    def waits_for_trainer(self) -> bool:
        """Whether the queue shall launch a trainer: on a run that was never started, one that shall learn
        more epochs, and one whose trainer died (asked to stop or not: the next one keeps its best epoch),
        unless that happened `MOST_RELAUNCHES` times without a new checkpoint."""
        if self._is_complete():
            return False
        if not self.file("started").exists():
            asked_for = self.file("settings.json").exists()
            return asked_for and not self.stop_requested() and not self.file("events.jsonl").exists()
        try:
            return not self.alive() and not self._launching() and self._is_resumable()
        except OSError:  # a folder that cannot be looked into must not hold up everybody's queue
            return False

    def _is_resumable(self) -> bool:
        """Whether a started run, whose trainer is gone, is the queue's to go on with."""
        if self.last_state() == RELEASED:
            return not self.paused() or self.stop_requested()
        if self._died_silently():
            return self._relaunches() < MOST_RELAUNCHES
        return self.last_state() != "failed" and self.more_epochs() is not None

    def _died_silently(self) -> bool:
        """Whether the trainer, which is gone, did not say that this was the end."""
        last = self.last_state()
        return last is None or last in _ALIVE

    def is_over(self) -> bool:
        """Whether no trainer could do anything: complete, or stopped before it had learnt anything."""
        unlearnt = not any(self.file(name).exists() for name in (CHECKPOINT, UNFINISHED))
        return self._is_complete() or (unlearnt and self.last_state() == "stopped")

    def _is_complete(self) -> bool:
        """Whether nothing is left to do; cheap, because the queue asks it of every run twice a second."""
        replaced = self.file(UNFINISHED, "card.json").exists()
        return self.file("card.json").exists() and not replaced and self.more_epochs() is None

    def _launching(self) -> bool:
        """Whether a trainer was launched a moment ago and has not written anything yet."""
        launched, written = modified(self.file("started")), modified(self.file("events.jsonl"))
        # A clock may have been set back, therefore abs.
        return launched >= written and abs(time.time() - launched / 1e9) < START_GRACE_SECONDS

    def state(self) -> State:
        """Where the run stands, truthfully, from its files and its lock alone."""
        while True:
            launched = modified(self.file("started"))
            state = self._state_now()
            # A trainer launched between two of these looks is in none of them, and would be a failure.
            if state.name != "failed" or launched == modified(self.file("started")):
                return state

    def _state_now(self) -> State:
        if self._is_complete():
            return self._complete_state()
        alive = self.alive()
        last = self.last_state()
        has_model = self.file("card.json").exists()  # of before the epochs that are being added
        if self._is_complete():  # it may have become so between the two looks
            return self._complete_state()
        launching = self._launching()
        if alive or launching:
            name = last if last in _ALIVE and not launching else "starting"
            return replace(_ALIVE[name], has_model=has_model)
        if self.waits_for_trainer():
            return State("queued", "Waiting for its turn.", has_model)
        if last == RELEASED:
            text = "Paused for long, so others have its place; resumed, it goes on after its last epoch."
            return State("paused", text, has_model, released=True)
        if has_model:
            return self._complete_state()
        if last == "stopped":
            return State("stopped", "Stopped before it had learnt anything.")
        if last == "failed":
            return State("failed", "Failed; the log says why.")
        if not self.folder.exists():
            return State("failed", "This run was deleted.")
        if not self.file("started").exists():
            return State("queued", "Waiting for its turn.")
        again = ", and so did those that went on with it" if self._relaunches() else ""
        return State("failed", f"Failed: its process ended before the run was complete{again}.")

    def _complete_state(self) -> State:
        try:
            card = self.card() or {}
        except RunError:  # one damaged file must not hold up everybody's queue
            return State("failed", "Failed: its card.json, the result, is damaged.")
        name, text = "finished", "Finished"
        if card.get("stopped"):
            best = card.get("best_epoch")
            kept = (
                f"its best epoch, epoch {best}, was kept" if best else "what it had learnt by then was kept"
            )
            name, text = "stopped", f"Stopped; {kept}"
        if self.more_epochs() is not None:
            text += "; learning further epochs failed, the log says why"
        return State(name, f"{text}.", True)
