"""What this host allows: every limit that depends on its size, in one place.

A host is "small" (1 GB of memory), "cloud" (2.7 GB, the ceiling of Streamlit Community Cloud) or "laptop" (4
GB and more). $DIGITLAB_HOST names it; otherwise its memory decides. A single limit is changed by $DIGITLAB_
and its name, e.g. DIGITLAB_TRAINERS=3.

Limits on files from outside do not depend on the host; they are kept where files are decoded (images.py,
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
"""cgroup v2, with which Docker and Community Cloud limit an app's memory."""


@dataclass(frozen=True)
class Limits:
    """The limits of one host; whole numbers, 0 or more."""

    # Trainings at once. Each takes 0.6-0.9 GB and keeps about one core busy.
    trainers: int
    # How many runs a trainer takes, one after another, before a fresh process replaces it. Each run after the
    # first saves starting Python and TensorFlow; only the end of the process is sure to free their memory.
    runs_a_trainer: int
    # Seconds for which an idle trainer keeps its memory, in case another run comes.
    idle_seconds: int
    # A trainer that has grown beyond this takes no further run. A fresh one takes some 550 MB.
    warm_megabytes: int
    # After a pause this long, a run gives up its place and memory, and later continues from its last epoch.
    paused_seconds: int
    # Queued runs per visitor, so that nobody fills the queue alone (turns are fair anyway); a sweep is one
    # decision, and may have more.
    waiting_runs: int
    waiting_in_sweeps: int
    # Ended runs that are kept: the number per visitor, and megabytes for everybody together. A run takes 2-10
    # MB (more with its recording); the oldest goes first.
    kept_runs: int
    kept_megabytes: int
    # Data sets of a visitor's own (up to some 20 MB each); with the runs they share `kept_megabytes`.
    kept_datasets: int
    # Queued runs from one client address and from everybody, so that new keys cannot fill the queue. A school
    # is one address: thirty students with two runs each, and more on machines that can handle them.
    waiting_at_an_address: int
    waiting_in_all: int
    # Megabytes of uploads that no page has read yet, per session and in all. They take up memory.
    unread_megabytes: int
    unread_megabytes_in_all: int
    # A class: drawings per student and in all (1-2 kB each in one file), and days until it is deleted with
    # all its data; these are the same on every host, because classes are promised it.
    class_drawings_per_student: int
    class_drawings: int
    class_days: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            lowest = 1 if field.name in ("runs_a_trainer", "class_days") else 0
            if not isinstance(value, int) or value < lowest:
                raise SettingsError(
                    f"{field.name} must be a whole number of at least {lowest}, got {value!r}."
                )


PROFILES: dict[str, Limits] = {
    # Reading and a class fit well. The server takes 200-300 MB, and a training starts only if another 0.9 GB
    # are free (memory.py): that needs about 1.2 GB, and then nothing may idle.
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
        kept_datasets=3,
        waiting_at_an_address=60,
        waiting_in_all=90,
        unread_megabytes=60,
        unread_megabytes_in_all=160,
        class_drawings_per_student=50,
        class_drawings=1_500,
    ),
    # Memory alone would allow two trainers, but not with thirty visitors and a zip of photographs as well.
    # The disk is lost whenever the app is moved or sleeps.
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
        kept_datasets=5,
        waiting_at_an_address=100,
        waiting_in_all=160,
        unread_megabytes=120,
        unread_megabytes_in_all=400,
        class_drawings_per_student=100,
        class_drawings=3_000,
    ),
    "laptop": Limits(
        trainers=2,  # one core each, of the two that any laptop has; a fit uses little more than one
        runs_a_trainer=15,
        idle_seconds=45,
        warm_megabytes=1_200,
        paused_seconds=300,
        waiting_runs=5,
        waiting_in_sweeps=32,
        kept_runs=20,
        kept_megabytes=2_000,
        kept_datasets=8,
        waiting_at_an_address=150,
        waiting_in_all=300,
        unread_megabytes=300,
        unread_megabytes_in_all=1_000,
        class_drawings_per_student=100,
        class_drawings=3_000,
    ),
}


def current() -> Limits:
    """The limits of this host. SettingsError if the environment names an unknown host, or sets a limit to
    something other than a number."""
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
    """The name of this host's profile: $DIGITLAB_HOST, or else judged by the memory that it may use."""
    return os.environ.get("DIGITLAB_HOST") or _measured()


@cache
def _measured() -> str:
    gigabytes = total_memory() / 2**30
    return "small" if gigabytes < 1.8 else "cloud" if gigabytes < 3.8 else "laptop"


def total_memory() -> int:
    """Bytes that the whole app may use: the machine's memory, or the container's limit."""
    total = psutil.virtual_memory().total
    try:
        return min(total, int((CGROUP / "memory.max").read_text()))
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return total
