"""What people ask of a fit while it is running: between two batches the fit asks, and this reads the folder.

Every request that is obeyed is reported as an event {"event": "intervention", "what", "epoch", "step", …}. A
fit that is resumed after a crash reads the learning rates from those events, each from its step on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from digitcore import paths
from digitcore.networks.settings import Settings
from digitcore.runs.run_folder import Run
from digitcore.training import checkpoint
from digitcore.training.checkpoint import Checkpoint
from digitcore.training.learning_rate import LearningRate

LOOK_SECONDS = 0.1
# A paused trainer does nothing but look at a few files this often.
PAUSED_LOOK_SECONDS = 0.2
# A trainer of the queue gives up a run that stays paused for longer than this, because others wait for its
# place and memory (worker.py sets it); a trainer that a person started waits for ever.
patience_seconds = math.inf


class Released(Exception):
    """Raised out of a fit that was paused for too long; when resumed, it continues from its checkpoint."""


class Control:
    """A fit that nobody interferes with: what `fit.fit` asks, answered as for no run at all."""

    def __init__(self, settings: Settings) -> None:
        self.rate = LearningRate(settings)
        self.epochs = settings.epochs  # in all
        self.continued_from = 0  # epochs of a complete run that is continued; early stopping counts from here
        self.stopped = False
        self.paused_seconds = 0.0

    def checkpoint(self) -> Checkpoint | None:
        """Where to continue from; None to begin at the beginning."""
        return None

    def keep(self, reached: Checkpoint) -> None:
        """Called before the first epoch and after each."""

    def obey(self, epoch: int, step: int, at_once: bool = False) -> bool:
        """Do what has been asked for, which may mean waiting, and return whether the fit must stop.

        epoch: the current one, from 1; step: batches learnt from so far. Cheap enough to be called after
        every batch: it looks ten times a second, or at once if `at_once`.
        """
        return False


class RunControl(Control):
    """Reads the control files of a run's folder."""

    def __init__(self, run: Run, report: Callable[..., None]) -> None:
        """report(event, **values) writes a line of events.jsonl."""
        super().__init__(run.settings)
        self._run, self._report = run, report
        self._next_look = 0.0
        self._asked: set[float] = set()  # requests that have been obeyed, by their time
        continued = run.all_more_epochs()
        self.rate = LearningRate(run.settings, continued)
        if continued:
            self.epochs = continued[-1]["until"]
            self.continued_from = continued[-1]["from"]
        self._step = "resume"  # which of pause, step and resume was obeyed last
        for done in run.interventions():
            self._asked.add(done.get("asked", 0.0))
            if done["what"] == "learning rate":
                self.rate.ask(done["step"], done["value"])
            elif done["what"] in ("pause", "step", "resume"):
                self._step = done["what"]
        if self._step != "resume" and run.paused():
            self._step = "pause"
        more = run.more_epochs()
        if more and more["asked"] not in self._asked:
            done = more["from"] * run.settings.steps_per_epoch
            self._intervention("more epochs", more["from"], done, epochs=more["epochs"], asked=more["asked"])

    def checkpoint(self) -> Checkpoint | None:
        return checkpoint.read(self._run.file(paths.CHECKPOINT))

    def keep(self, reached: Checkpoint) -> None:
        reached.write(self._run.file(paths.CHECKPOINT))
        if reached.epoch:
            self._run.file(paths.RELAUNCHES).unlink(missing_ok=True)  # whatever killed trainers, it is past
            if self._run.file(paths.STEP).exists():
                self._run.file(paths.STEP).unlink(missing_ok=True)
                self._step = "pause"

    def obey(self, epoch: int, step: int, at_once: bool = False) -> bool:
        now = time.monotonic()
        if self.stopped or (now < self._next_look and not at_once):
            return self.stopped
        self._next_look = now + LOOK_SECONDS
        self._look(epoch, step)
        if self._run.paused() and not self.stopped:
            self._wait(epoch, step)
        return self.stopped

    def _look(self, epoch: int, step: int) -> None:
        rate = self._run.requested_learning_rate()
        if rate and rate["asked"] not in self._asked:
            self._intervention("learning rate", epoch, step, **rate)
            self.rate.ask(step, rate["value"])
        if self._run.stop_requested():
            self.stopped = True
            self._intervention("stop", epoch, step)
        elif self._step != "step" and self._run.file(paths.STEP).exists():
            self._step = "step"
            self._intervention("step", epoch, step)

    def _wait(self, epoch: int, step: int) -> None:
        begun = time.monotonic()
        if self._step != "pause":
            self._step = "pause"
            self._intervention("pause", epoch, step)
        self._report("state", state="paused")
        while self._run.paused() and not self.stopped:
            if time.monotonic() - begun > patience_seconds:
                raise Released
            time.sleep(PAUSED_LOOK_SECONDS)
            self._look(epoch, step)
        self.paused_seconds += time.monotonic() - begun
        if not self.stopped:
            if self._step == "pause":
                self._step = "resume"
                self._intervention("resume", epoch, step)
            self._report("state", state="running")

    def _intervention(self, what: str, epoch: int, step: int, **values: float) -> None:
        self._report("intervention", what=what, epoch=epoch, step=step, **values)
        self._asked.add(values.get("asked", 0.0))
