"""From exported files to a card: they are calibrated and measured by the code that serves them.

That is done by a process that holds LiteRT instead of TensorFlow (measurer.py).
"""

from __future__ import annotations

from typing import Any

from digitcore import paths
from digitcore.runs.run_folder import Run
from digitcore.training import publication
from digitcore.training.measurer import Measurer

# Serves every run of this process, and ends with it.
_measurer = Measurer()


def has_begun(run: Run) -> bool:
    """Whether a result lies there that only needs to be finished: `finish` goes on wherever that ended."""
    return publication.is_complete(run) or run.file(paths.UNFINISHED, paths.DRAFT).exists()


def finish(run: Run) -> dict[str, Any]:
    """Calibrate and measure the exported model, write its card, and put both in their place."""
    if not publication.is_complete(run):
        _measurer.complete(run.file(paths.UNFINISHED))
    publication.publish(run)
    return run.card()
