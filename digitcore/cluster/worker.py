"""What a Dask worker does for Digit Lab's queue: hold a copy of a run's folder and a trainer in it.

A training is a Dask task (`train`), so the scheduler knows about it and the dashboard shows it. The task
takes its thread out of the worker's pool and waits: for the run's files, then for the end of the trainer.
Files and requests travel by `exchange`, which the app's side (relay.py) calls beside the tasks; `survey`
tells a newly started app what is here. Everything is in the memory of this process and in the worker's own
folder, which Dask removes with the worker.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digitcore import files, paths
from digitcore.cluster import mirror
from digitcore.runs import memory
from digitcore.runs.run_folder import Run

if TYPE_CHECKING:
    from distributed import Worker

# If the files of a training do not come within this time, its app is gone.
FILES_SECONDS = 600.0
# A trainer obeys a stop within a second; one that has not begun to finish after this long hangs, and is
# ended.
STOP_SECONDS = 30.0
TICK_SECONDS = 0.1

LEASH = [sys.executable, "-m", "digitcore.cluster.die_with_owner"]

WAITING, TRAINING, ENDED = "waiting for files", "training", "ended"


@dataclass
class Training:
    """One run on this worker.

    trainer: what Python is given to train it; the folder follows. phase: WAITING, TRAINING or ENDED. code:
    the trainer's exit code, once it has ended.
    """

    task: str
    folder: Path
    trainer: Sequence[str]
    phase: str = WAITING
    code: int | None = None
    complete: threading.Event = field(default_factory=threading.Event)  # its files are here
    leash: subprocess.Popen | None = None
    unwanted: bool = False

    def run_to_the_end(self) -> int:
        try:
            if not self.complete.wait(FILES_SECONDS) or self.unwanted:
                return self._ended(1)
            with open(self.folder / paths.LOG, "ab", opener=files.private) as log:
                self.leash = subprocess.Popen(
                    [*LEASH, sys.executable, *self.trainer, str(self.folder)],
                    cwd=paths.REPOSITORY,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self.phase = TRAINING
            return self._ended(self._watch())
        except BaseException:
            self._ended(1)
            raise

    def _watch(self) -> int:
        asked = None
        while (code := self.leash.poll()) is None:
            if self.unwanted:
                self.let_go()
            elif asked is None and (self.folder / paths.STOP).exists():
                asked = time.monotonic()
            elif asked is not None and time.monotonic() - asked > STOP_SECONDS:
                if Run(self.folder).last_state() not in ("finishing", "stopped", "finished"):
                    self.let_go()
                asked = time.monotonic()
            time.sleep(TICK_SECONDS)
        return code

    def _ended(self, code: int) -> int:
        self.code, self.phase = code, ENDED
        if self.unwanted:
            self.remove()
        return code

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        TRAININGS.pop(self.task, None)

    def let_go(self) -> None:
        """End the trainer: it is asked first and killed soon afterwards."""
        if self.leash is not None and self.leash.stdin is not None:
            self.leash.stdin.close()


TRAININGS: dict[str, Training] = {}
"""The trainings on this worker, by the names of their tasks."""


def train(task: str, trainer: Sequence[str]) -> int:
    """The task: runs a trainer to its end and returns its exit code. trainer: see `Training`."""
    from distributed import get_worker, secede

    folder = Path(get_worker().local_directory) / "digitlab" / task.replace("/", "-")
    training = Training(task, folder, trainer)
    files.private_folder(training.folder)
    TRAININGS[task] = training
    # A thread of its own from here on, so that short tasks (pictures to be read) run beside the training.
    secede()
    return training.run_to_the_end()


@dataclass
class Survey:
    """What a worker has: places for trainers, free memory in bytes, and its trainings' phases by task."""

    places: int
    available: int
    trainings: dict[str, str]


def survey(dask_worker: Worker) -> Survey:
    phases = {task: training.phase for task, training in TRAININGS.items()}
    return Survey(dask_worker.state.nthreads, memory.available_memory(), phases)


@dataclass
class Reply:
    """Where a training stands, and what is in its folder."""

    phase: str
    code: int | None
    answer: mirror.Answer


def exchange(task: str, question: mirror.Question, begin: bool = False) -> Reply | None:
    """Answer the app's side; None if this worker does not know the training. begin: all files are here."""
    training = TRAININGS.get(task)
    if training is None:
        return None
    phase, code = training.phase, training.code  # before the look, which then finds all that a trainer left
    answer = mirror.answer(training.folder, question)
    if begin:
        training.complete.set()
    return Reply(phase, code, answer)


def forget(task: str) -> None:
    """End a training that is no longer wanted, and remove its folder."""
    training = TRAININGS.get(task)
    if training is not None:
        training.unwanted = True
        training.complete.set()
        if training.phase == ENDED:
            training.remove()


# Dask's worker logs a line for each call from outside; two per second would hide everything else.
logging.getLogger("distributed.worker").addFilter(
    lambda record: not record.getMessage().startswith("Run out-of-band function")
)
