"""A process that loads LiteRT in place of TensorFlow and completes the results of trainings, one by one.

For a trainer's second run, its Python modules and the changed validation digits of `calibration` are ready.
The process ends with whoever started it.

    python -m digitcore.training.measurer   reads folders, one per line as JSON, completes each by
                                            `completion.complete`, and answers with a line: null, or the error
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

from digitcore import paths
from digitcore import process as own_process
from digitcore.errors import DigitcoreError, RunError


class Measurer:
    """Such a process, started when it is needed, and again if it has died. Not safe between threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def complete(self, folder: Path) -> None:
        """Have the result in a folder completed; RunError if that fails."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
        process = self._process
        try:
            process.stdin.write(json.dumps(str(folder.resolve())) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            raise RunError(f"The process that measures the model ended with code {process.wait()}.")
        problem = json.loads(line)
        if problem is not None:
            raise RunError(f"The model could not be measured: {problem}")

    def close(self) -> None:
        """End the process and give its memory back."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "digitcore.training.measurer"],
            cwd=paths.REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # LiteRT's own messages; errors come as an answer
            text=True,
            encoding="utf-8",
            # Ctrl-C asks the trainer to stop, and must not end the process that measures its model.
            start_new_session=True,
        )


def main() -> None:
    """Complete folders until standard input ends."""
    from digitcore.runs import completion

    own_process.lower_priority()  # needed again here, because this is a session of its own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what C code prints must not be taken for an answer
    for line in sys.stdin:
        problem = None
        try:
            completion.complete(Path(json.loads(line)))
        except DigitcoreError as error:
            problem = str(error)
        except Exception:  # a bug: the trainer marks the run as failed, and the run's log shows where
            problem = traceback.format_exc().strip()[-2000:]
        print(json.dumps(problem), file=answers, flush=True)


if __name__ == "__main__":
    main()
