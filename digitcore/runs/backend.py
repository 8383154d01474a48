"""What the queue expects of its back end: trainers on this machine (local_trainers.py) or on a cluster."""

from __future__ import annotations

from typing import Protocol

from digitcore.networks.settings import Settings
from digitcore.runs.run_folder import Run


class Backend(Protocol):
    """Where trainers run. Runs are stopped, paused and resumed only by the control files in their folders; a
    back end whose trainers cannot see the folder relays those files to them, and their files back."""

    def places(self) -> int:
        """How many trainers may run at once."""

    def check(self, settings: Settings) -> None:
        """RunError, a sentence for people, if not even one trainer with these settings could be taken."""

    def launch(self, run: Run) -> None:
        """Write `started` and start a trainer on the run. NoRoom if it must wait although a place is free
        (too little memory); OSError or RunError if this run cannot be started now."""

    def ended(self) -> list[tuple[Run, int]]:
        """The trainers that have ended since the last call, each with its exit code."""

    def alive(self, run: Run) -> bool | None:
        """Whether a trainer is working on the run; None if only the lock in its folder can tell."""
