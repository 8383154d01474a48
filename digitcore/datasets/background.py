"""A fetch in a process of its own, so that its starter can carry on and check on it from time to time.

python -m digitcore.datasets.background fashion-mnist    that process; if it fails, it says why
"""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence

from digitcore import paths
from digitcore.datasets import catalogue, download
from digitcore.errors import DatasetError


class BackgroundFetch:
    """A fetch of one data set, at most one at a time; safe to share between users.

    `command` is for tests.
    """

    def __init__(self, name: str, command: Sequence[str] | None = None):
        catalogue.describe(name)
        self.name = name
        self._command = command or (sys.executable, "-m", "digitcore.datasets.background", name)
        self._process: subprocess.Popen | None = None
        self._output = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the fetch, unless it is running already."""
        with self._lock:
            if self.running:
                return
            self._output = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe that nobody empties would block)
            self._process = subprocess.Popen(
                self._command,
                cwd=paths.REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )

    @property
    def running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def progress(self) -> float:
        """The share that is on disk, 0 to 1."""
        return download.fetched_bytes(self.name) / max(1, download.total_bytes(self.name))

    @property
    def error(self) -> str | None:
        """The last line that a failed process wrote, else None."""
        if self._process is None or self.running or self._process.returncode == 0:
            return None
        with self._lock:
            self._output.seek(0)
            text = self._output.read().decode(errors="replace")
        lines = [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]
        return lines[-1] if lines else f"The fetch ended with code {self._process.returncode}."


def main(name: str) -> int:
    """Fetch a data set; returns the exit code."""
    try:
        download.fetch(name)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
