"""A run's result is made in a folder of its own, and moved into place when it is complete.

While a run learns for further epochs, people use the model that it already has. While the new files are moved
into place there is no card, for some milliseconds or, after a crash in between, until the next trainer: a
model without a card is never used, whereas a model with another model's card might be.
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
    """Whether there is a result to publish: its card, which is written last, is there."""
    return run.file(paths.UNFINISHED, paths.CARD).exists()


def publish(run: Run) -> None:
    """Move the complete result into the place of the previous one. Another process may finish what a killed
    one has begun: files that have been moved are simply no longer there to be moved."""
    new = run.file(paths.UNFINISHED)
    run.file(paths.CARD).unlink(missing_ok=True)
    for path in [*new.glob("model*"), *new.glob(paths.TEST_ANSWERS)]:
        os.replace(path, run.file(path.name))
    os.replace(new / paths.CARD, run.file(paths.CARD))
    shutil.rmtree(new, ignore_errors=True)
    run.file(paths.MORE_EPOCHS).unlink(missing_ok=True)
