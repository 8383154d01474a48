"""A process that does not outlive whoever started it.

    python -m digitcore.cluster.die_with_owner COMMAND …   (standard input: a pipe that the owner keeps open)

A Dask worker that is killed cannot end its trainer any more, and an orphan would go on training what another
worker has taken over. So the trainer hangs on a leash: this small process starts it and waits. When the pipe
closes, because the owner let go or died, the trainer is asked to end (SIGTERM) and soon after is killed, with
all that it started. The exit code is the trainer's; signals as shells count them, 128 + number.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 2.0
"""Between the polite end and the other one: what the trainer would still write then is nobody's any more."""


def main(command: list[str]) -> int:
    """Run a command to its end, or until standard input is closed; returns its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_the_owner, args=(process,), daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_with_the_owner(process: subprocess.Popen) -> None:
    # os.read, not sys.stdin: a thread that waits inside a buffered file would hold its lock at our exit.
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
