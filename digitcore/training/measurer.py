"""Our own commands about models, one after another in one process that holds LiteRT instead of TensorFlow.

A trainer calls four of them about each run; the second run of a warm trainer finds Python's modules loaded
and the changed validation digits of `calibration` made. The process ends with whoever started it.

    python -m digitcore.training.measurer  reads a command a line, ["evaluate", "--json", …], and answers by a
                                      line {"code", "out", "err"}: exit code and what it printed
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback

from digitcore import paths
from digitcore import process as own_process
from digitcore.errors import RunError


class Measurer:
    """Such a process, started when it is needed, and again where it has died. Not for several threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def __call__(self, *command: str) -> str:
        """What a command prints; RunError where it fails."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
        process = self._process
        try:
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            raise RunError(f"{' '.join(command[:2])} ended with code {process.wait()} without an answer.")
        answer = json.loads(line)
        if answer["code"]:
            raise RunError(f"{' '.join(command[:2])} failed: {answer['err'].strip()[-500:]}")
        return answer["out"]

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
            stderr=subprocess.DEVNULL,  # what LiteRT says of itself; what a command says comes as "err"
            text=True,
            encoding="utf-8",
            # Ctrl-C asks the trainer to stop, and must not end what measures its model.
            start_new_session=True,
        )


def main() -> None:
    """Answer commands until standard input ends."""
    from digitcore.__main__ import main as run

    own_process.lower_priority()  # a session of its own is made nice on its own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever C code prints is no answer
    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run(json.loads(line))
            except Exception:  # a bug: the trainer fails the run, whose log then shows where it lies
                code = 1
                traceback.print_exc()
        print(
            json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), file=answers, flush=True
        )


if __name__ == "__main__":
    main()
