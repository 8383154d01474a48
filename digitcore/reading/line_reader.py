"""A line of ink -> what the line reader says of each of its columns. Runs in LiteRT, without TensorFlow.

The line reader is a small network that reads adjacent digits without cutting them apart, in lines of any
length: a picture (ROWS, w) gives w / STRIDE frames of log-probabilities, which `ctc` turns into texts.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digitcore import paths
from digitcore.errors import ModelError
from digitcore.networks import litert
from digitcore.networks.part_networks import TFLITE, checked_card

ROWS = 32
HEIGHT = 24
"""Rows of a picture that the ink fills."""

VIEWS = (21, 0.0), (26, 0.0), (23, 0.15), (23, -0.15)
"""Rows that the ink fills when it is read, and by how many columns each row is moved to the right of the one
below it. It is read several times, because several opinions together are wrong less often than one. Chosen by
hand, on the numbers of `python -m benchmarks.strings`: of 500 that touch and 500 that do not, the line reader
alone reads 469 and 481 exactly without those that lean, and 473 and 486 with them."""

MARGIN = 8
"""Columns of paper on either side of the ink."""

STRIDE = 2
"""Columns for each frame."""

STEP = 32
"""Pictures are widened with paper to a multiple of this: the interpreter has to prepare itself for each new
width."""

WIDEST_KEPT = 1024
"""Columns: for a wider picture an interpreter is made, used and released, because an interpreter keeps the
memory that its widest picture needed."""

CLASSES = 10
NAME = "line-reader"
FOLDER = paths.MODELS / NAME


@dataclass(frozen=True)
class View:
    """What the line reader says of ink: frames (n, CLASSES + 1) of log-probabilities; how many columns of the
    picture that it saw stand for one column of the ink; and by how many columns the middle row of the ink was
    moved to the right before."""

    frames: np.ndarray
    scale: float
    moved: float = 0.0

    def columns(self, frames: np.ndarray) -> np.ndarray:
        """Places (n,) counted in frames -> columns (n,) of the ink."""
        return columns(frames, self.scale) - self.moved

    def holds(self, text: tuple[int, ...]) -> bool:
        """Whether there are enough frames for a text, with a blank between equal neighbours."""
        return len(text) + sum(a == b for a, b in pairwise(text)) <= len(self.frames)


def picture(ink: np.ndarray, height: float, rows_of_ink: int = HEIGHT) -> tuple[np.ndarray, float]:
    """The picture (ROWS, columns) float32 to be read, and its scale: how many of its columns stand for one of
    the ink.

    ink: (h, w) float32, 0 to 1. height: of its digits, in pixels. rows_of_ink: how many rows the ink fills.
    """
    rows = np.flatnonzero(ink.any(1))
    if not len(rows):
        return np.zeros((ROWS, 2 * MARGIN), np.float32), 1.0
    part = ink[rows[0] : rows[-1] + 1]
    scale = rows_of_ink / max(len(part), height)
    size = max(1, round(part.shape[1] * scale)), max(1, round(len(part) * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    made = np.zeros((ROWS, size[0] + 2 * MARGIN), np.float32)
    top = (ROWS - size[1]) // 2
    made[top : top + size[1], MARGIN : MARGIN + size[0]] = np.clip(small, 0, 1)
    return made, scale


def leaning(ink: np.ndarray, lean: float) -> tuple[np.ndarray, float]:
    """(ink (h, w) float32 whose every row is moved `lean` columns to the right of the one below it, by how
    much its middle row was moved)."""
    if not lean:
        return ink, 0.0
    height, width = ink.shape
    room = abs(lean) * height
    move = np.float32([[1, -lean, room if lean > 0 else 0], [0, 1, 0]])
    return cv2.warpAffine(ink, move, (round(width + room) + 1, height)), room / 2


def columns(frames: np.ndarray, scale: float) -> np.ndarray:
    """Places (n,) counted in frames -> columns (n,) of the ink that was given to `picture`."""
    return ((frames + 0.5) * STRIDE - MARGIN) / scale


class LineReader:
    """The network behind one lock, so that any number of threads may share it.

    Raises ModelError where the file is missing or is not that of a line reader.
    """

    def __init__(self, model_path: Path | str, card: dict[str, Any]) -> None:
        self.card = card
        self._lock = threading.Lock()
        try:
            self._content = Path(model_path).read_bytes()
            self._network = litert.Interpreter(self._content)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{Path(model_path).name} is not a line reader's file.") from error

    def views(self, ink: np.ndarray, height: float, of: Sequence[tuple[int, float]] = VIEWS) -> list[View]:
        """What the line reader says of ink (h, w) float32, 0 to 1, whose digits are `height` pixels high. of:
        as VIEWS."""
        moved = [leaning(ink, lean) for _, lean in of]
        seen = [picture(each, height, rows) for (each, _), (rows, _) in zip(moved, of, strict=True)]
        frames = self.frames([each for each, _ in seen])
        return [View(each, scale, by) for each, (_, scale), (_, by) in zip(frames, seen, moved, strict=True)]

    def frames(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        """Log-probabilities (w / STRIDE, CLASSES + 1) float32 of each picture (ROWS, w), the blank last."""
        found = []
        for each in pictures:
            width = -(-each.shape[1] // STEP) * STEP
            wide = np.zeros((1, ROWS, width, 1), np.float32)
            wide[0, :, : each.shape[1], 0] = each
            if width > WIDEST_KEPT:
                scores = litert.Interpreter(self._content)(wide)[0]
            else:
                with self._lock:
                    scores = self._network(wide)[0]
            found.append(scores[: -(-each.shape[1] // STRIDE)])
        return found


@functools.cache
def shipped() -> LineReader:
    """The line reader in `models/`; its file is checked against the hash in its card."""
    return LineReader(FOLDER / TFLITE, checked_card(FOLDER))
