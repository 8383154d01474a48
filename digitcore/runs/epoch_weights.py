"""The whole network after some of a run's epochs, in 16-bit floats, so that one can look inside it later.

    replay/weights-003.npz      Keras's `model.get_weights()` after epoch 3, as w0, w1, …

Runs with many epochs or large networks keep only some of them: at most MOST_BYTES per run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from digitcore import files, paths
from digitcore.errors import DamagedFile
from digitcore.runs.run_folder import Run

MOST_BYTES = 8 * 2**20
"""Per run: 13 epochs of digitnet, or all 128 of a small perceptron."""

HIGHEST = float(np.finfo(np.float16).max)  # for a fit that has diverged


def keep(run: Run, epoch: int, weights: Sequence[np.ndarray]) -> None:
    """Keep the network of an epoch, and as many earlier ones, evenly spread, as there is room for."""
    arrays = [np.clip(array, -HIGHEST, HIGHEST).astype(np.float16) for array in weights]
    size = sum(array.nbytes for array in arrays)
    most = MOST_BYTES // size if size else 0
    if not most:
        return
    step = 1
    while epoch // step + 1 > most:
        step *= 2
    if epoch % step:
        return
    files.write_npz(_path(run, epoch), False, **{f"w{place}": array for place, array in enumerate(arrays)})
    for old in epochs(run):
        if old % step:
            _path(run, old).unlink(missing_ok=True)


def epochs(run: Run) -> list[int]:
    """The epochs whose network is kept, in order; a file may still turn out to be damaged."""
    found = (path.stem.removeprefix("weights-") for path in run.file(paths.REPLAY).glob("weights-*.npz"))
    return sorted(int(number) for number in found if number.isdecimal())


def load(run: Run, epoch: int) -> list[np.ndarray] | None:
    """The network of an epoch as float16 arrays in Keras's order; None if it is missing or damaged."""
    try:
        with files.npz(_path(run, epoch)) as arrays:
            return [arrays[f"w{place}"] for place in range(len(arrays))]
    except (FileNotFoundError, DamagedFile):
        return None


def _path(run: Run, epoch: int) -> Path:
    return run.file(paths.REPLAY) / f"weights-{epoch:03d}.npz"
