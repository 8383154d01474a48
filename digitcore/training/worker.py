"""A trainer that takes another run when one is done, because it has already loaded Python and TensorFlow.

    python -m digitcore.training.worker --runs 10 --idle 20 --megabytes 1000 --paused 300 FOLDER

trains the run in FOLDER as `python -m digitcore train --run FOLDER` would, with the same output into the
folder's log.txt, and then the runs whose folders it reads from standard input, one per line. It writes "done"
to standard output after each. If whoever started it (local_trainers.py) dies, it finishes its run and then
ends, because its standard input ends. It also ends after a run that came to no result, after --runs runs, if
it has grown beyond --megabytes, and if no further run comes within --idle seconds: only the end of a process
is sure to give its memory back. For the same reason it ends if its run is paused for longer than --paused
seconds.
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
        # A run that has failed, or was stopped before it had a result, may leave a thread or a half-built
        # graph behind; one that was stopped later ends as all others do.
        if code or not Run(folder).file(paths.CARD).exists() or number == options.runs:
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
    """Leave no trace of a fit to the next one: see `fit.forget`."""
    fit = sys.modules.get("digitcore.training.fit")  # loaded by the first run that got that far
    if fit:
        fit.forget()
    gc.collect()


def _say(reports: int, text: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more; standard input ends as well
        os.write(reports, f"{text}\n".encode())


class _Orders:
    """The lines of standard input, read by a thread, because waiting for them must be able to end."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, seconds: float) -> Path | None:
        """The next folder; None if none comes in time, or if no more will come."""
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
