"""What commands share: the option --model, and files that a command will write at its end."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
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


def drop_output() -> None:
    """Whoever read our output has gone (`| head`): what is still buffered, and what follows, goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_writable(path: Path) -> None:
    """OSError now, not after minutes of reading, if no file can be written there. Leaves no file."""
    existed = path.exists()
    path.open("ab").close()
    if not existed:
        path.unlink()


def open_model(name: str | None) -> Classifier:
    """A shipped model by name, else the model of a run's folder; without a name, the app's default.

    Raises ModelError if it is neither.
    """
    import numpy as np

    classifier = _find_model(name)
    # LiteRT's C code announces its first answer on stderr, which is for our warnings and progress bars.
    with stderr_elsewhere():
        classifier.predict(np.zeros((1, 28, 28), np.float32))
    return classifier


def _find_model(name: str | None) -> Classifier:
    from digitcore.errors import ModelError
    from digitcore.networks import model_store  # LiteRT and NumPy: not for --help

    shipped = model_store.shipped()
    if name is None:
        return model_store.load(shipped[0] if shipped else model_store.DEFAULT_MODEL)
    folder = Path(name)
    if name in shipped:
        return model_store.load(name)
    if not folder.is_dir():
        raise ModelError(
            f"There is no model {name!r}: expected {', '.join(shipped) or 'a name'}, or the folder of a run."
        )
    if (folder / "draft.json").is_file() and not (folder / "card.json").is_file():
        return model_store.load_draft(folder)  # a run that is being finished: the trainer measures it so
    return model_store.load_folder(folder)
