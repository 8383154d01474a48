"""How much memory is free here, and how much of it a trainer would take."""

from __future__ import annotations

import psutil

from digitcore.limits import CGROUP
from digitcore.networks import architectures
from digitcore.networks.settings import Settings

# A trainer's private memory at its peak, with a reserve, as measured by benchmarks/startup_and_memory.py.
TRAINER_BYTES = 900 * 2**20


def available_memory() -> int:
    """Bytes that a new process may take: what the machine, or the container's limit, leaves free."""
    available = psutil.virtual_memory().available
    try:
        limit = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text())
        cache = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return available
    # Cached files count as used, but are given up when memory is needed.
    return min(available, limit - used + int(cache.get("inactive_file", 0)))


def trainer_bytes(settings: Settings) -> int:
    """What a trainer with these settings takes at its peak, with a reserve.

    For backpropagation, training keeps the outputs of all layers, 4 bytes a number. The reserve covers 128 MB
    of them, the most that any network's own recipe needs (deeper-cnn, in batches of 128). About half of what
    goes beyond that was seen at the peak: 375 MB more in batches of 512 raised it by 168 MB.
    """
    kept = 4 * settings.batch_size * architectures.activations(settings)
    return TRAINER_BYTES + max(0, kept - 128 * 2**20) // 2
