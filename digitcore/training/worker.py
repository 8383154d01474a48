"""A trainer that takes the next run when one is done: it has loaded Python and TensorFlow already.

    python -m digitcore.training.worker --runs 10 --idle 20 --megabytes 1000 --paused 300 FOLDER

trains the run in FOLDER as `python -m digitcore train --run FOLDER` would, with the same output into the
folder's log.txt, and then those whose folders come, one a line, on its standard input. On its standard output
it says "done" after each. Whoever starts it (local_trainers.py) may die: it ends its run, and then itself,
because its standard input ends. It also ends after a run that did not go through, after the given number of
runs, where it has grown beyond the given memory, and when no further run came for the given seconds: memory
is given back for certain only by a process that ends. So it does, too, where its run is paused for longer
than the given seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import os
import queue
import sys
import threading
from pathlib import Path

import psutil

from digitcore import files, paths
from digitcore.errors import DigitcoreError
from digitcore.runs.run_folder import Run
from digitcore.training import control, narration

DONE = "done"


def main(arguments: list[str] | None = None) -> int:
    """Train the first run and those that follow; returns the exit code of the last."""
    parser = argparse.ArgumentParser(
        prog="python -m digitcore.training.worker", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--idle", type=float, default=0.0)
    parser.add_argument("--megabytes", type=float, default=0.0)
    parser.add_argument("--paused", type=float, default=math.inf)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    control.patience_seconds = options.paused
    reports = os.dup(1)
    orders = _Orders()
    folder: Path | None = options.folder
    for number in range(1, options.runs + 1):
        code = _train(folder)
        # A run that was stopped or failed may leave a thread or a half-built graph behind.
        if code or Run(folder).last_state() != "finished" or number == options.runs:
            return code
        _forget()
        if psutil.Process().memory_info().rss > options.megabytes * 2**20:
            return code
        _say(reports, DONE)
        folder = orders.next(options.idle)
        if folder is None:
            return code
    return 0


def _train(folder: Path) -> int:
    with open(Path(folder, paths.LOG), "ab", opener=files.private) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        narration.train(Run(folder))
        return 0
    except (DigitcoreError, OSError) as error:
        print(f"digitcore train: {error}", file=sys.stderr)
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _forget() -> None:
    """Leave nothing of a fit to the next one: see `fit.forget`."""
    fit = sys.modules.get("digitcore.training.fit")  # loaded by the first run that got so far
    if fit:
        fit.forget()
    gc.collect()


def _say(reports: int, text: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more; standard input ends too
        os.write(reports, f"{text}\n".encode())


class _Orders:
    """The lines of standard input, which a thread reads: a wait for them must be able to end."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, seconds: float) -> Path | None:
        """The next folder; None when none came in time, or none will come any more."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        return Path(line) if line else None

    def _read(self) -> None:
        # os.read, not sys.stdin: a thread that waits inside a buffered file would hold its lock at our exit.
        rest = b""
        while data := os.read(0, 4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._lines.put(os.fsdecode(line))
        self._lines.put(None)


if __name__ == "__main__":
    sys.exit(main())
