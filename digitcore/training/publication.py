"""A run's result is made in a folder of its own, and takes its place when it is complete.

A run that learns further epochs has a model that people use meanwhile. While the new files take their
places there is no card, for some milliseconds or, after a crash in between, until the next trainer: a
model without its card is never taken for one, a model with another one's card might be.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from digitcore import files, paths
from digitcore.runs.run_folder import Run


def begin(run: Run) -> Path:
    """The empty folder for a new result."""
    folder = run.file(paths.UNFINISHED)
    shutil.rmtree(folder, ignore_errors=True)
    files.private_folder(folder)
    return folder


def is_complete(run: Run) -> bool:
    """Whether there is a result to publish: its card is there, which is written last."""
    return run.file(paths.UNFINISHED, paths.CARD).exists()


def publish(run: Run) -> None:
    """Put the complete result in the place of the one before it. Another process may finish what a killed
    one has begun: what has been moved is no longer there to be moved."""
    new = run.file(paths.UNFINISHED)
    run.file(paths.CARD).unlink(missing_ok=True)
    for path in [*new.glob("model*"), *new.glob(paths.TEST_ANSWERS)]:
        os.replace(path, run.file(path.name))
    os.replace(new / paths.CARD, run.file(paths.CARD))
    shutil.rmtree(new, ignore_errors=True)
    run.file(paths.MORE_EPOCHS).unlink(missing_ok=True)
