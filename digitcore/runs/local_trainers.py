"""Trainers as processes on this machine: the queue's usual back end.

A trainer that has finished a run takes the next one (training/worker.py), so that a class does not wait for
TensorFlow thirty times. One that dies loses only the run it was training: a run that it had been given but
had not begun waits again, for a fresh trainer.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Sequence

import psutil

from digitcore import files, paths
from digitcore.errors import NoRoom, NoSpace, RunError
from digitcore.limits import Limits
from digitcore.networks.settings import Settings
from digitcore.runs import disk, memory
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run


class LocalTrainers:
    """At most `places` trainings at a time, in processes that outlive this one. Thread-safe."""

    def __init__(self, limits: Limits, command: Sequence[str], places: int | None = None) -> None:
        """command: starts a trainer; its options and the folder of its first run are appended.
        places: overrides the limits' `trainers`."""
        self._limits = limits
        self._command = command
        self._places = limits.trainers if places is None else places
        self._trainers: list[_Trainer] = []
        self._mutex = threading.Lock()

    def places(self) -> int:
        return self._places

    def check(self, settings: Settings) -> None:
        """RunError if not even a single trainer would fit beside the app."""
        needed = memory.trainer_bytes(settings)
        with self._mutex:  # the memory that our trainers use now will be free once they have ended
            available = memory.available_memory() + sum(trainer.bytes() for trainer in self._trainers)
        if available < needed:
            raise RunError(
                f"This training needs about {needed / 2**30:.1f} GB of free memory, and this machine has "
                f"{available / 2**30:.1f} GB; take a smaller batch or network, or train on another machine."
            )

    def launch(self, run: Run) -> None:
        if disk.free_bytes() < disk.needed_bytes(run.settings):
            raise NoSpace("The disk has no room for the files of a training.")
        with self._mutex:
            for trainer in self._trainers:
                if trainer.take(run):
                    return
            needed = memory.trainer_bytes(run.settings)
            if memory.available_memory() < needed:
                raise NoRoom("Not enough memory is free for a trainer.")
            run_state.mark_started(run)
            self._trainers.append(_Trainer(run, self._command, self._limits))

    def ended(self) -> list[tuple[Run, int]]:
        with self._mutex:
            ended = [over for trainer in self._trainers for over in trainer.ended()]
            self._trainers = [trainer for trainer in self._trainers if trainer.process.returncode is None]
            return ended

    def alive(self, run: Run) -> bool | None:
        with self._mutex:
            # A trainer keeps its place a moment longer than its run: until it is ready for another.
            if any(
                trainer.run is not None and trainer.run.folder == run.folder for trainer in self._trainers
            ):
                return True
        return None  # from another or an earlier process of the app: the lock in its folder can tell


class _Trainer:
    """One process and the run that it trains; the run is None while the process waits for another."""

    def __init__(self, run: Run, command: Sequence[str], limits: Limits) -> None:
        self.run: Run | None = run
        self._begun = 0  # runs that it has been given
        self._done = 0  # runs that it says it has done; written by the thread that listens
        options = ["--runs", str(limits.runs_a_trainer), "--idle", str(limits.idle_seconds)]
        options += ["--megabytes", str(limits.warm_megabytes), "--paused", str(limits.paused_seconds)]
        with open(run.file(paths.LOG), "ab", opener=files.private) as log:
            self.process = subprocess.Popen(
                [*command, *options, str(run.folder.resolve())],
                cwd=paths.REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # so that neither Ctrl-C in the app's terminal nor the app's end reaches the trainer
                start_new_session=True,
            )
        self._begun = 1
        threading.Thread(target=self._listen, daemon=True).start()

    def take(self, run: Run) -> bool:
        """Give it a run; False if it is busy or gone."""
        if self.run is not None or self.process.poll() is not None:
            return False
        run_state.mark_started(run)
        try:
            os.write(self.process.stdin.fileno(), os.fsencode(run.folder.resolve()) + b"\n")
        except OSError:  # it has just gone
            run_state.take_back_start(run)
            return False
        self.run = run
        self._begun += 1
        return True

    def ended(self) -> list[tuple[Run, int]]:
        """Its run, if it has ended since the last call."""
        code = self.process.poll()
        if self.run is None or (code is None and self._done < self._begun):
            return []
        run, self.run = self.run, None
        if self._done >= self._begun:
            return [(run, 0)]
        if self._begun > 1 and run_state.take_back_start(run):  # it left just as it was to take the run
            return []
        return [(run, code)]

    def bytes(self) -> int:
        """Its memory."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.process.pid).memory_info().rss
        return 0

    def _listen(self) -> None:
        with self.process.stdout as reports:
            for _ in reports:
                self._done += 1
