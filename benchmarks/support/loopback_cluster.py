"""A Dask cluster of this machine's own, for benchmarks and tests: a scheduler and workers on loopback."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from digitcore.paths import REPOSITORY

START_SECONDS = 60


class Cluster:
    """`address`: of the scheduler. `workers`: by name, each with one thread; their output is kept in `folder`
    as <name>.txt. `preload`: a Python file that workers load first (`dask worker --preload`)."""

    def __init__(self, folder: Path, preload: str | None = None) -> None:
        self.folder, self.preload = Path(folder), preload
        self.workers: dict[str, subprocess.Popen] = {}
        self.scheduler = self._start("scheduler", "--port", "0", name="scheduler")
        self.address = self._address()

    def add(self, name: str) -> None:
        preload = ["--preload", self.preload] if self.preload else []
        options = ["--nthreads", "1", "--no-nanny", "--name", name, *preload]
        local = ["--local-directory", str(self.folder / name)]
        self.workers[name] = self._start("worker", self.address, *options, *local, name=name)

    def kill(self, name: str) -> None:
        """End a worker as a power failure would: without a goodbye."""
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def close(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()

    def _start(self, kind: str, *arguments: str, name: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", kind, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        if kind == "scheduler":
            command += ["--scheduler-file", str(self.folder / "scheduler.json")]
        with (self.folder / f"{name}.txt").open("wb") as log:
            return subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)

    def _address(self) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return json.loads((self.folder / "scheduler.json").read_text())["address"]
            time.sleep(0.05)
        raise RuntimeError((self.folder / "scheduler.txt").read_text())


@contextlib.contextmanager
def cluster(folder: Path, *names: str, preload: str | None = None) -> Iterator[Cluster]:
    """A cluster with workers of these names, stopped at the end of the block."""
    made = Cluster(folder, preload)
    try:
        for name in names:
            made.add(name)
        yield made
    finally:
        made.close()
