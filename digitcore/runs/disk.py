"""Whether the disk on which runs are kept has room for another training."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from digitcore import paths
from digitcore.networks import architectures
from digitcore.networks.settings import Settings

# Curves, frames of the replay, answers to the test pictures, and a reserve for everybody's small files.
ALWAYS_BYTES = 64 * 2**20
# The most copies of the weights on the disk at one time: four in a checkpoint (current, two moments, best),
# which is written beside the previous one, and three and a quarter in a result, beside the one it replaces.
COPIES = 2 * 4 + 2 * 3.25
# If less than this is free, whatever failed has failed because of it.
FULL_BYTES = 2 * 2**20


def free_bytes() -> int:
    """Free bytes on the disk where runs are kept, or will be."""
    folder = paths.runs()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def needed_bytes(settings: Settings) -> int:
    """What a training with these settings may take on the disk at its peak, with a reserve."""
    return ALWAYS_BYTES + int(COPIES * 4 * architectures.parameter_count(settings))


def is_why(error: BaseException, folder: Path) -> bool:
    """Whether something failed because the disk of a run's folder is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return True
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False
