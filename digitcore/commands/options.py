"""What commands share: the option --model, and checks on files that a command writes at its end."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from digitcore.process import stderr_elsewhere

if TYPE_CHECKING:
    from digitcore.networks.classifier import Classifier


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="NAME|FOLDER",
        help="a model by name (see `models`), or the folder of a run (default: the app's default model)",
    )


def check_writable(path: Path) -> None:
    """Raise OSError now, not after minutes of reading, if no file can be written there. Leaves no file."""
    existed = path.exists()
    path.open("ab").close()
    if not existed:
        path.unlink()


def open_model(name: str | None) -> Classifier:
    """A shipped model by name, else the model of a run's folder; without a name, the app's default.

    Raises ModelError if it is neither.
    """
    import numpy as np

    from digitcore.networks import model_store  # LiteRT and NumPy, which --help does not need

    classifier = model_store.find(name)
    # LiteRT's C code prints a notice at its first answer to stderr, where our warnings and progress bars go.
    with stderr_elsewhere():
        classifier.predict(np.zeros((1, 28, 28), np.float32))
    return classifier
