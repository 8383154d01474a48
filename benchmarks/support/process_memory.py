"""Memory of processes as PSS (proportional set size, proc_pid_smaps(5)): what they own, and their share of
what they share with others; and one process's resident set, as if it shared with nobody. Linux only."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil


@contextlib.contextmanager
def sampling(pid: int, pause: float = 0.1) -> Iterator[list[tuple[float, float]]]:
    """(the whole tree of processes, its root alone) in MB, ten times a second until the block ends."""
    samples: list[tuple[float, float]] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(pause):
            samples.append((tree_mb(pid), own_mb(pid)))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def tree_mb(pid: int) -> float:
    """Proportional set size of a process and all its descendants, in MB."""
    tree = [pid]
    with contextlib.suppress(psutil.NoSuchProcess):
        tree += [child.pid for child in psutil.Process(pid).children(recursive=True)]
    return sum(map(own_mb, tree))


def own_mb(pid: int) -> float:
    """Proportional set size of one process, in MB; 0 if it has just ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def resident_mb(pid: int) -> float:
    """Resident set size of one process, in MB (proc_pid_status(5)); 0 if it has just ended.

    To follow one process for long: of its libraries, 100 MB for a server, `own_mb` counts a share, which
    grows when others end that have mapped the same files.
    """
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
