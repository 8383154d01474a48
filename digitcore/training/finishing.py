"""From exported files to a card: the model is calibrated and measured by the code that serves it.

A process that loads LiteRT instead of TensorFlow does this (measurer.py).
"""

from __future__ import annotations

from typing import Any

from digitcore import paths
from digitcore.runs.run_folder import Run
from digitcore.training import publication
from digitcore.training.measurer import Measurer

# Serves every run of this process, and ends with the process.
_measurer = Measurer()


def has_begun(run: Run) -> bool:
    """Whether there is a result that only needs to be finished: `finish` continues wherever that stopped."""
    return publication.is_complete(run) or run.file(paths.UNFINISHED, paths.DRAFT).exists()


def finish(run: Run) -> dict[str, Any]:
    """Calibrate and measure the exported model, write its card, and move both into place."""
    if not publication.is_complete(run):
        _measurer.complete(run.file(paths.UNFINISHED))
    publication.publish(run)
    return run.card()
