"""A data set is made in a process of its own: a page goes on meanwhile, and what bytes from outside can do to
memory ends with the process.

python -m digitcore.datasets.collecting.making FOLDER    that process; in the folder are:

    uploaded/       what was brought; removed at the end
    asked.json      {"title", "seed", "names", "created"}, and "class" where one has drawn it
    lock            held by the process while it lives
    progress.json   {"done", "total"}
    problem.txt     why it came to nothing
    data.npz, dataset.json      what it came to (`datasets.own`)
"""

from __future__ import annotations

import shutil
import sys
import time
import traceback
from pathlib import Path

from filelock import FileLock, Timeout

from digitcore import files, paths, process
from digitcore.datasets.collecting import building
from digitcore.errors import DatasetError, DigitcoreError

SAY_SECONDS = 0.3

ALIVE_SECONDS = 600.0
"""So long a process waits for another one, of anybody, to end: they work one at a time."""


def main(folder: Path) -> int:
    """Make what is asked for in a folder; returns the exit code."""
    process.lower_priority()
    try:
        with FileLock(folder / paths.LOCK, timeout=5, mode=0o600):
            with FileLock(folder.parents[2] / paths.MAKING_LOCK, timeout=ALIVE_SECONDS, mode=0o600):
                _make(folder)
            return 0
    except DigitcoreError as error:
        problem = str(error)
    except Timeout:
        problem = "Too many data sets are being made at once; try again in some minutes."
    except MemoryError:
        problem = "This machine has too little memory for these pictures: bring fewer or smaller ones."
    except OSError as error:
        problem = f"The data set could not be kept: {error.strerror or error}."
    except Exception:
        traceback.print_exc()
        problem = "These pictures could not be looked through, by a fault of ours."
    shutil.rmtree(folder / paths.UPLOADED, ignore_errors=True)
    files.write_bytes(folder / paths.PROBLEM, problem.encode())
    return 1


def _make(folder: Path) -> None:
    asked = files.read_json(folder / paths.ASKED)
    brought = sorted((folder / paths.UPLOADED).iterdir())
    if not brought:
        raise DatasetError("Nothing was brought: expected a zip, a CSV or idx files.")
    built = building.build(brought, asked["seed"], asked["names"], _Teller(folder))
    shutil.rmtree(folder / paths.UPLOADED, ignore_errors=True)
    source = ", ".join(path.name for path in brought)
    drawn_by = {name: asked[name] for name in ("class",) if name in asked}
    building.keep(built, folder, asked["title"], source, asked["created"], **drawn_by)


class _Teller:
    """Says how far it is, some times a second."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._next = folder, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SAY_SECONDS
            files.write_json(self._folder / paths.PROGRESS, {"done": done, "total": total})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
