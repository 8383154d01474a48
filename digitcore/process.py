"""How our processes behave: their priority, the memory they keep, and what C code prints past Python."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

# The lowest priority there is: below the app and everything else that people wait for. DIGITLAB_NICENESS is
# for tests, which wait for the trainers themselves.
NICENESS = 19


def keep_freed_memory() -> None:
    """Have glibc keep the memory of freed tensors; a no-op elsewhere.

    TensorFlow allocates its tensors afresh at each step. By default glibc returns such blocks to the system
    at once and gets them back page by page, which is slow while a second thread prepares pictures.
    (mallopt(3): one arena, nothing by mmap, no trimming.)
    """
    _mallopt(
        (-8, 1),  # M_ARENA_MAX
        (-4, 0),  # M_MMAP_MAX
        (-1, 2**31 - 1),  # M_TRIM_THRESHOLD
        (-2, 64 * 2**20),  # M_TOP_PAD
    )


def share_arenas() -> None:
    """Have glibc serve all threads from two heaps, and large blocks from none; a no-op elsewhere.

    Streamlit runs each page in a new thread, and glibc gives threads up to eight heaps per core, each of
    which keeps what it once needed: a class's server would grow for as long as the lesson lasts. So would the
    two, full of holes: a block of a megabyte that is freed makes glibc put all that are not larger into the
    heaps from then on, where small ones that stay come between them.
    """
    _mallopt(
        (-8, 2),  # M_ARENA_MAX
        (-3, 2**20),  # M_MMAP_THRESHOLD: a stroke's arrays stay below, which mapping would slow by a tenth
        (-1, 2**20),  # M_TRIM_THRESHOLD, which glibc has raised along with the other
    )


def keep_opencv_in_its_thread() -> None:
    """Have OpenCV work in the thread that calls it, without a pool of its own.

    With a pool it keeps 0.9 kB for every thread that ever called it, also when that has ended: Streamlit runs
    each stroke in a new one, and a class's server would grow by half a megabyte a minute. A photograph is
    read no slower.
    """
    import cv2  # not needed by processes that read nothing

    cv2.setNumThreads(1)


def return_freed_memory() -> None:
    """Have glibc return free memory between blocks in use to the system, which takes some milliseconds; a
    no-op elsewhere. (malloc_trim(3))"""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _mallopt(*options: tuple[int, int]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            for option, value in options:
                libc.mallopt(option, value)


def lower_priority() -> None:
    """Let the app go before this process; a no-op if the system has no niceness (Windows).

    Linux desktops first weigh sessions against each other, and niceness only within a session (sched(7),
    autogroup); a trainer is a session of its own, which has to be made nice as a whole.
    """
    niceness = int(os.environ.get("DIGITLAB_NICENESS", NICENESS))
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)
        group = Path("/proc/self/autogroup")
        with contextlib.suppress(OSError):
            if os.getsid(0) == os.getpid():  # nobody else's session
                group.write_text(str(niceness))


@contextlib.contextmanager
def stderr_elsewhere() -> Iterator[None]:
    """Discard what any thread prints to stderr meanwhile: for single calls of libraries that announce
    themselves there and raise an error for whatever matters."""
    if sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def without(*packages: str) -> Iterator[None]:
    """Have these packages seem not to be installed for whatever is imported meanwhile, unless they have been
    imported already: for libraries that import them only to recognise what others made with them."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)


def drop_output() -> None:
    """Discard all output from now on, including what is buffered, because its reader has gone (`| head`)."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
