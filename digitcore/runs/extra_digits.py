"""Digits from which a run learns in addition to its data set's: a copy of the class set, made when the run
was requested.

The copy stays in the run folder only until the run is complete, because it holds other people's drawings.
The card keeps their number and the hash of their pixels and labels. An epoch has as many digits as without
them, drawn from both, so every figure of the run stays comparable.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import files, paths
from digitcore.errors import DamagedFile, RunError
from digitcore.runs.run_folder import Run

FILE = paths.EXTRA_DIGITS
MOST = 3_000


def pack(images: np.ndarray, labels: Sequence[int], source: int = 0) -> bytes:
    """(n, 28, 28) uint8 and n digits -> the bytes of the file. source: the id of the class they come from."""
    file = io.BytesIO()
    np.savez_compressed(file, images=images, labels=np.array(labels, np.uint8), source=np.int64(source))
    return file.getvalue()


def read(folder: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """Images (n, 28, 28) uint8 and labels (n,) uint8 kept with a run; None if there are none.

    RunError if the file is not of that kind.
    """
    path = Path(folder, FILE)
    try:
        with files.npz(path) as arrays:
            images, labels = arrays["images"], arrays["labels"]
    except FileNotFoundError:
        return None
    except DamagedFile as error:
        raise RunError(f"{FILE}, the extra digits of run {path.parent.name}, cannot be read.") from error
    sound = images.dtype == labels.dtype == np.uint8 and images.shape == (len(labels), 28, 28)
    if not sound or not 0 < len(labels) <= MOST or labels.max() > 9:
        raise RunError(
            f"{FILE} must hold 1 to {MOST:,} pictures of 28x28 bytes, each with a digit for its label; got "
            f"{images.dtype} {images.shape} and {labels.dtype} {labels.shape}."
        )
    return images, labels


def joined(
    digits: tuple[np.ndarray, np.ndarray], extra: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """A data set's (images, labels) followed by the extra ones."""
    if extra is None:
        return digits
    return tuple(np.concatenate(pair) for pair in zip(digits, extra, strict=True))


def described(run: Run) -> dict[str, Any]:
    """What a card says about them: {"extra_digits": {"n", "sha256"}}, or {} if there are none.

    A run that is continued after it was complete no longer has the copy, but its older card has this.
    """
    found = read(run.folder)
    if found is None:
        old = run.card() or {}
        return {name: old[name] for name in ("extra_digits",) if name in old}
    images, labels = found
    return {"extra_digits": {"n": len(labels), "sha256": sha256(images, labels)}}


def sha256(images: np.ndarray, labels: np.ndarray) -> str:
    """The hash of the bytes of the pixels, then of the labels."""
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()


def forget(folder: Path) -> None:
    """Delete a run's copy once the run has learnt from it."""
    Path(folder, FILE).unlink(missing_ok=True)


def forget_source(owner_folder: Path, source: int) -> None:
    """Delete the copies of one class's digits from all runs of a visitor: the class is gone."""
    for path in owner_folder.glob(f"*/{FILE}"):
        with contextlib.suppress(FileNotFoundError, DamagedFile):
            with files.npz(path) as arrays:
                ours = int(arrays["source"]) == source
            if ours:
                path.unlink(missing_ok=True)
