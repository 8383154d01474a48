"""Trainers as processes of this machine: the queue's usual back end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from digitcore import memory
from digitcore.errors import NoRoom, RunError
from digitcore.run_folder import Run
from digitcore.runs import REPOSITORY
from digitcore.settings import Settings


class LocalTrainers:
    """At most `places` trainers at a time, each a process of its own that outlives this one."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._trainers: dict[Path, subprocess.Popen] = {}

    def places(self) -> int:
        return self._places

    def check(self, settings: Settings) -> None:
        """RunError where a trainer would not fit beside the app now, even alone."""
        needed, available = memory.trainer_bytes(settings), memory.available_memory()
        if available < needed:
            raise RunError(
                f"This training needs about {needed / 2**30:.1f} GB of free memory, and this machine has "
                f"{available / 2**30:.1f} GB; close something or train on another machine."
            )

    def launch(self, run: Run) -> None:
        if memory.available_memory() < memory.trainer_bytes(run.settings):
            raise NoRoom("Not enough memory is free for a trainer.")
        run.mark_started()
        with run.file("log.txt").open("ab") as log:
            self._trainers[run.folder] = subprocess.Popen(
                [sys.executable, "-m", "digitcore", "train", "--run", str(run.folder.resolve())],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Neither Ctrl-C in the app's terminal nor its end reaches the trainer.
                start_new_session=True,
            )

    def ended(self) -> list[tuple[Run, int]]:
        ended = [folder for folder, trainer in self._trainers.items() if trainer.poll() is not None]
        return [(Run(folder), self._trainers.pop(folder).returncode) for folder in ended]

    def alive(self, run: Run) -> bool | None:
        return None  # the lock in its folder tells
