"""A process that does not outlive whoever started it.

    python -m digitcore.cluster.die_with_owner COMMAND …   (standard input: a pipe that the owner keeps open)

A Dask worker that is killed can no longer end its trainer, and an orphan would go on training a run that
another worker has taken over. So the trainer is started by this small process, which waits. When the pipe
closes, because the owner let go or died, the trainer is asked to end (SIGTERM) and soon afterwards killed,
along with everything that it started. The exit code is the trainer's; for signals it is 128 + their number,
as in shells.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 2.0
"""Between the two signals: after that, nobody wants what the trainer might still write."""


def main(command: list[str]) -> int:
    """Run a command to its end, or until standard input is closed; returns its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_the_owner, args=(process,), daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_with_the_owner(process: subprocess.Popen) -> None:
    # os.read, not sys.stdin: a thread waiting inside a buffered file would hold its lock when we exit.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    if hasattr(os, "killpg"):  # the trainer leads a session of its own
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
