"""What C code prints past Python, kept from the person at the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def stderr_elsewhere() -> Iterator[None]:
    """Whatever is printed to stderr meanwhile, by any thread, is lost: for single calls of libraries that
    announce themselves there, and raise what matters."""
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
