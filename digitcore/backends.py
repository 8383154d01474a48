"""Where the queue's trainings run: on this machine, or on a Dask cluster.

Only this module knows which programs load TensorFlow; the code that starts one is given the command.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from digitcore import limits
from digitcore.runs.further_files import FurtherFiles
from digitcore.runs.local_trainers import LocalTrainers

if TYPE_CHECKING:
    from digitcore.cluster.backend import DaskBackend
    from digitcore.runs.backend import Backend

# Python's arguments for training a run, to be followed by the run's folder.
TRAINER = ("-m", "digitcore.training.worker")
# The same for making a further file of a finished run, to be followed by its folder and the file's name.
FILE_MAKER = ("-m", "digitcore.training.further_files")


def chosen() -> Backend:
    """A Dask cluster if $DIGITLAB_SCHEDULER names one (tcp://host:8786), else this machine."""
    scheduler = os.environ.get("DIGITLAB_SCHEDULER")
    return on_cluster(scheduler) if scheduler else here()


def here(places: int | None = None) -> LocalTrainers:
    """Trainers as processes on this machine; `places` at once, or as many as the host's limits allow."""
    return LocalTrainers(limits.current(), [sys.executable, *TRAINER], places)


def on_cluster(scheduler: str, patience: float | None = None) -> DaskBackend:
    """Trainers on the workers of a Dask scheduler; see `DaskBackend` for `patience`."""
    from digitcore.cluster.backend import PATIENCE_SECONDS, DaskBackend  # requirements-cluster.txt

    return DaskBackend(scheduler, TRAINER, PATIENCE_SECONDS if patience is None else patience)


def further_files() -> FurtherFiles:
    """What makes further files of finished runs, on this machine."""
    return FurtherFiles([sys.executable, *FILE_MAKER])
