"""The state of a fit, saved after every epoch, so that another process can continue as if undisturbed.

What an epoch learns depends only on this, the settings and the number of the epoch: all randomness comes from
(seed, epoch). The file is a NumPy archive without pickled objects, written by temp-and-rename.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitcore import files
from digitcore.errors import DamagedFile, RunError

Arrays = Sequence[np.ndarray]


@dataclass(frozen=True)
class Checkpoint:
    """The state of a fit after `epoch` complete epochs (0: before the first), which took `seconds`.

    weights, best_weights: as Keras's `get_weights` gives them, now and after the best epoch (0: none yet).
    optimizer: the values of the optimizer's variables: steps taken, learning rate, moments.
    best_score: (validation accuracy, -validation loss) of the best epoch.
    """

    epoch: int
    seconds: float
    weights: Arrays
    optimizer: Arrays
    best_epoch: int = 0
    best_score: tuple[float, float] = (-np.inf, -np.inf)
    best_weights: Arrays = ()

    def after(
        self, score: tuple[float, float], seconds: float, weights: Arrays, optimizer: Arrays
    ) -> Checkpoint:
        """The next checkpoint; its epoch becomes the best one if the score is higher."""
        epoch = self.epoch + 1
        if score > self.best_score:
            return Checkpoint(epoch, seconds, weights, optimizer, epoch, score, weights)
        return Checkpoint(
            epoch, seconds, weights, optimizer, self.best_epoch, self.best_score, self.best_weights
        )

    def write(self, path: Path) -> None:
        """Replace the file at `path`; a process that is killed while writing leaves the old file."""
        arrays = {
            "epoch": np.array([self.epoch, self.best_epoch]),
            "seconds": np.array(self.seconds),
            "best_score": np.array(self.best_score),
        }
        kept = {"weights": self.weights, "optimizer": self.optimizer}
        if self.best_epoch != self.epoch:  # otherwise they are the same as the weights
            kept["best_weights"] = self.best_weights
        for name, series in kept.items():
            arrays |= {f"{name}_{number}": value for number, value in enumerate(series)}
        files.write_npz(path, False, **arrays)


def read(path: Path) -> Checkpoint | None:
    """The checkpoint in a file; None if there is no file, RunError if it is damaged."""
    try:
        with files.npz(path) as file:
            epoch, best_epoch = (int(number) for number in file["epoch"])
            weights = _series(file, "weights")
            accuracy, minus_loss = (float(number) for number in file["best_score"])
            return Checkpoint(
                epoch,
                float(file["seconds"]),
                weights,
                _series(file, "optimizer"),
                best_epoch,
                (accuracy, minus_loss),
                weights if best_epoch == epoch else _series(file, "best_weights"),
            )
    except FileNotFoundError:
        return None
    except DamagedFile as error:
        raise RunError(f"{path.name} is damaged: the run cannot be continued from it.") from error


def _series(file: Mapping[str, np.ndarray], name: str) -> Arrays:
    found = sorted(int(key.removeprefix(f"{name}_")) for key in file if key.startswith(f"{name}_"))
    return [file[f"{name}_{number}"] for number in found]
