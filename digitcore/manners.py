"""How a trainer's process behaves beside the app: its priority and its memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

# Below the app and everything else a person waits for.
NICENESS = 10


def keep_freed_memory() -> None:
    """Have glibc keep the memory that tensors free; a no-op elsewhere.

    TensorFlow asks for its tensors' memory anew at each step. By default glibc returns such pieces to the
    system at once and gets them back page by page, which is slow where a second thread prepares pictures.
    (mallopt(3): one arena, nothing by mmap, no trimming.)
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            for option, value in (
                (-8, 1),  # M_ARENA_MAX
                (-4, 0),  # M_MMAP_MAX
                (-1, 2**31 - 1),  # M_TRIM_THRESHOLD
                (-2, 64 * 2**20),  # M_TOP_PAD
            ):
                libc.mallopt(option, value)


def lower_priority() -> None:
    """Make way for the app; a no-op where the system has no niceness (Windows).

    Linux desktops weigh sessions against each other first and niceness only within one (sched(7),
    autogroup); the trainer is a session of its own, which has to be made nice as a whole.
    """
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
        group = Path("/proc/self/autogroup")
        with contextlib.suppress(OSError):
            if os.getsid(0) == os.getpid():  # nobody else's session
                group.write_text(str(NICENESS))
