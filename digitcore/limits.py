"""What this host allows: every limit that depends on its size, in one place.

A host is "small" (1 GB of memory), "cloud" (2.7 GB, the ceiling of Streamlit Community Cloud) or "laptop"
(4 GB and more). $DIGITLAB_HOST names it; without that, its memory tells. One limit alone is changed by
$DIGITLAB_ and its name, e.g. DIGITLAB_TRAINERS=3.

What a file from outside may be does not depend on the host, and stands where files are decoded (images.py,
archives.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import psutil

from digitcore.errors import SettingsError

CGROUP = Path("/sys/fs/cgroup")
"""cgroup v2, by which Docker and Community Cloud bound an app."""


@dataclass(frozen=True)
class Limits:
    """The limits of one host; whole numbers, 0 or more."""

    # Trainings at once. Each takes 0.6-0.9 GB and keeps about one core busy.
    trainers: int
    # How many runs one trainer takes one after another before a fresh process follows. Each saves the start
    # of Python and TensorFlow; the more there are, the later their memory is given back for certain.
    runs_a_trainer: int
    # For how long a trainer without work keeps its memory, in case another run comes.
    idle_seconds: int
    # A trainer that has grown beyond this takes no further run. A fresh one has some 550 MB.
    warm_megabytes: int
    # After so long a pause a run gives its place and memory away, and goes on from its last epoch later.
    paused_seconds: int
    # Runs of one visitor in line, so that nobody fills it alone (turns are fair anyway); a sweep is one
    # decision, and may have more.
    waiting_runs: int
    waiting_in_sweeps: int
    # Ended runs that are kept: of one visitor, and megabytes over everybody. A run has 2-10 MB (more with
    # its recording), the oldest goes first.
    kept_runs: int
    kept_megabytes: int
    # Runs in line from one client address and from everybody, so that new keys fill no line. A school is one
    # address: thirty students with two runs each, and more where the machine gets through them.
    waiting_at_an_address: int
    waiting_in_all: int
    # Megabytes of uploads that no page has read yet: of one session and in all. They are memory.
    unread_megabytes: int
    unread_megabytes_in_all: int
    # A class: drawings of one student and of all (1-2 kB each in one file), and days until everything of it
    # is deleted, whatever the host: it is what a class is promised.
    class_drawings_per_student: int
    class_drawings: int
    class_days: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            lowest = 1 if field.name in ("runs_a_trainer", "class_days") else 0
            if not isinstance(value, int) or value < lowest:
                raise SettingsError(f"{field.name} must be a whole number from {lowest} on, got {value!r}.")


PROFILES: dict[str, Limits] = {
    # Reading and a class fit well. The server has 200-300 MB, and a training is taken only where 0.9 GB are
    # free beside it (memory.py): from about 1.2 GB on, and then nothing may idle.
    "small": Limits(
        trainers=1,
        runs_a_trainer=1,
        idle_seconds=0,
        warm_megabytes=0,
        paused_seconds=60,
        waiting_runs=3,
        waiting_in_sweeps=8,
        kept_runs=10,
        kept_megabytes=500,
        waiting_at_an_address=60,
        waiting_in_all=90,
        unread_megabytes=60,
        unread_megabytes_in_all=160,
        class_drawings_per_student=50,
        class_drawings=1_500,
    ),
    # Two trainers would fit by memory alone, but not beside thirty visitors and a zip of photographs. The
    # disk is gone whenever the app is moved or sleeps.
    "cloud": Limits(
        trainers=1,
        runs_a_trainer=10,
        idle_seconds=20,
        warm_megabytes=1_000,
        paused_seconds=180,
        waiting_runs=5,
        waiting_in_sweeps=16,
        kept_runs=20,
        kept_megabytes=1_000,
        waiting_at_an_address=100,
        waiting_in_all=160,
        unread_megabytes=120,
        unread_megabytes_in_all=400,
        class_drawings_per_student=100,
        class_drawings=3_000,
    ),
    "laptop": Limits(
        trainers=2,  # one core each of the two that any laptop has; a fit alone uses little more than one
        runs_a_trainer=15,
        idle_seconds=45,
        warm_megabytes=1_200,
        paused_seconds=300,
        waiting_runs=5,
        waiting_in_sweeps=32,
        kept_runs=20,
        kept_megabytes=2_000,
        waiting_at_an_address=150,
        waiting_in_all=300,
        unread_megabytes=300,
        unread_megabytes_in_all=1_000,
        class_drawings_per_student=100,
        class_drawings=3_000,
    ),
}


def current() -> Limits:
    """The limits of this host. SettingsError where the environment names a host or number that is none."""
    name = host()
    if name not in PROFILES:
        raise SettingsError(f"DIGITLAB_HOST must be one of {', '.join(PROFILES)}; got {name!r}.")
    changed = {}
    for field in fields(Limits):
        variable = f"DIGITLAB_{field.name.upper()}"
        text = os.environ.get(variable)
        if text:
            if not text.isascii() or not text.isdigit():
                raise SettingsError(f"{variable} must be a whole number, got {text!r}.")
            changed[field.name] = int(text)
    return replace(PROFILES[name], **changed)


def host() -> str:
    """The name of this host's profile: $DIGITLAB_HOST, or by the memory that it may use."""
    return os.environ.get("DIGITLAB_HOST") or _measured()


@cache
def _measured() -> str:
    gigabytes = total_memory() / 2**30
    return "small" if gigabytes < 1.8 else "cloud" if gigabytes < 3.8 else "laptop"


def total_memory() -> int:
    """Bytes that everything of this app together may use: the machine's, or the container's limit."""
    total = psutil.virtual_memory().total
    try:
        return min(total, int((CGROUP / "memory.max").read_text()))
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return total
