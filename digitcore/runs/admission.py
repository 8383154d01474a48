"""How many runs may wait in the queue from one client address and in all, under any number of keys.

A key costs nothing, so the limit per visitor (limits.waiting_runs) would not stop anybody from filling the
queue under two hundred keys. Addresses are remembered only in this process and only while a run waits; none
is written to disk. After a restart the limit in all still holds.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path

from digitcore import limits
from digitcore.errors import RunError
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store

_addresses: dict[Path, str] = {}
_mutex = threading.Lock()


def check(line: Collection[Path], address: str | None) -> None:
    """RunError if one more run would be too many. line: the folders of all waiting runs; address: the network
    that the run comes from; None at the command line, whose runs are not counted."""
    allowed = limits.current()
    if len(line) >= allowed.waiting_in_all:
        raise RunError(
            f"{len(line):,} runs wait in the queue, the most that this server takes; try again later."
        )
    if address is None:
        return
    with _mutex:
        for folder in _addresses.keys() - set(line):
            del _addresses[folder]
        count = sum(other == address for other in _addresses.values())
    if count >= allowed.waiting_at_an_address:
        raise RunError(
            f"{count:,} runs from your network wait in line, which is all that one may have there; "
            "cancel one or "
            "let one finish."
        )


def check_own(key: str, in_sweep: bool) -> None:
    """RunError if a visitor already has as many runs in the queue as one may have."""
    allowed = limits.current()
    waiting = [run for run in run_store.list_runs(key) if run_state.waits_for_trainer(run)]
    count = sum(bool(run.sweep) == in_sweep for run in waiting)
    most = allowed.waiting_in_sweeps if in_sweep else allowed.waiting_runs
    if count >= most:
        of = "runs of your sweeps" if in_sweep else "your runs"
        raise RunError(
            f"At most {most} of {of} may wait in the queue, and {count} do; cancel one or let one finish."
        )


def note(folder: Path, address: str | None) -> None:
    """Record that a run has joined the queue."""
    if address is not None:
        with _mutex:
            _addresses[folder] = address
