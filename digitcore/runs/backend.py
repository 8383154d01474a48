"""What the queue asks of whoever runs its trainers: this machine (local_trainers.py) or a cluster."""

from __future__ import annotations

from typing import Protocol

from digitcore.networks.settings import Settings
from digitcore.runs.run_folder import Run


class Backend(Protocol):
    """Where trainers run. Runs are stopped, paused and resumed by the control files in their folders alone;
    a back end whose trainers do not see this folder relays those files to them, and their files back."""

    def places(self) -> int:
        """How many trainers may run at once."""

    def check(self, settings: Settings) -> None:
        """RunError, a sentence for people, where not even one trainer of these settings could be taken."""

    def launch(self, run: Run) -> None:
        """Write `started` and start a trainer on the run. NoRoom where it must wait although a place is
        free (too little memory); OSError or RunError where this run cannot be started now."""

    def ended(self) -> list[tuple[Run, int]]:
        """Trainers that ended since this was last asked, each with its exit code."""

    def alive(self, run: Run) -> bool | None:
        """Whether a trainer is at work on the run; None where the lock in its folder tells."""
