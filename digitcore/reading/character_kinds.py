"""What each character of a line is, by its shape and its place among the others: a digit, a mark or a letter.

    KindReader.of   parts and lines -> for each character how likely each of KINDS is

A 1 is as tall as its neighbours and leans as they do, a slash is not; an o among letters is no 0. A small
network sees this: each character with its line, so that digits are HEIGHT rows high.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digitcore import paths
from digitcore.errors import ModelError
from digitcore.networks import litert
from digitcore.networks.part_networks import TFLITE, checked_card
from digitcore.reading.layout import Line
from digitcore.reading.parts import Parts

KINDS = DIGIT, MARK, LETTER = range(3)

HEIGHT = 16
"""Rows of a window that a digit of the line takes."""

ROWS, COLUMNS = 32, 96
"""Of a window: twice a digit's height, and some three neighbours to either side."""

AT_ONCE = 32
"""Windows that the network is asked about at once."""

NAME = "character-kinds"
FOLDER = paths.MODELS / NAME


def windows(parts: Parts, line: Line) -> np.ndarray:
    """(n, ROWS, COLUMNS, 2) float32, 0 paper to 1 ink: for each character, in the middle of its window, its
    own ink, and that of the others of its line."""
    scale = HEIGHT / max(1.0, line.height)
    inks = [_small(parts, character.parts, character.box, scale) for character in line.characters]
    boxes = np.array([character.box for character in line.characters], float) * scale
    around = np.array([COLUMNS, ROWS])
    left, top = boxes[:, :2].min(0) - around
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(0) + around
    strip = np.zeros((int(bottom - top) + 2, int(right - left) + 2), np.float32)
    corners = [(round(x - left), round(y - top)) for x, y in boxes[:, :2]]
    for ink, (x, y) in zip(inks, corners, strict=True):
        area = strip[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.maximum(area, ink[: area.shape[0], : area.shape[1]], out=area)
    found = np.zeros((len(inks), ROWS, COLUMNS, 2), np.float32)
    for window, ink, (x, y) in zip(found, inks, corners, strict=True):
        first, above = x + ink.shape[1] // 2 - COLUMNS // 2, y + ink.shape[0] // 2 - ROWS // 2
        _lay(window[..., 0], ink, x - first, y - above)
        _lay(window[..., 1], strip, -first, -above)
        window[..., 1] = np.maximum(0, window[..., 1] - window[..., 0])
    return found


def _small(parts: Parts, own: Sequence[int], box: tuple[int, int, int, int], scale: float) -> np.ndarray:
    """The ink of a character (h, w) float32, 0 to 1, at a scale."""
    x, y, w, h = box
    every = max(1, int(1 / scale / 4))
    labels = parts.labels[y : y + h : every, x : x + w : every]
    mask = labels == own[0]
    for part in own[1:]:
        mask |= labels == part
    levels = parts.levels
    above = parts.above[y : y + h : every, x : x + w : every]
    ink = np.clip((above - levels.paper) / max(1.0, levels.ink - levels.paper), 0, 1) * mask
    size = max(1, round(w * scale)), max(1, round(h * scale))
    return cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_AREA)


def _lay(window: np.ndarray, ink: np.ndarray, x: int, y: int) -> None:
    """Lay ink (h, w) float32 into a window (ROWS, COLUMNS) float32, where it is inside."""
    area = window[max(0, y) : y + ink.shape[0], max(0, x) : x + ink.shape[1]]
    area[:] = ink[max(0, -y) :, max(0, -x) :][: area.shape[0], : area.shape[1]]


class KindReader:
    """The network behind one lock. Raises ModelError where its file does not fit."""

    def __init__(self, content: bytes, card: dict[str, Any]) -> None:
        self.card = card
        self._lock = threading.Lock()
        try:
            self._network = litert.Interpreter(content)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{TFLITE} is not the network of {NAME}.") from error

    def of(self, parts: Parts, lines: Sequence[Line]) -> list[np.ndarray]:
        """For each line (n, 3) float32: how likely each of its n characters is a digit, a mark, a letter."""
        made = [windows(parts, line) for line in lines]
        if not made:
            return []
        answers = self.answer(np.concatenate(made))
        return np.split(answers, np.cumsum([len(each) for each in made])[:-1])

    def answer(self, pictures: np.ndarray) -> np.ndarray:
        """(n, 3) float32 probabilities of windows (n, ROWS, COLUMNS, 2)."""
        found = []
        for start in range(0, len(pictures), AT_ONCE):
            with self._lock:
                found.append(self._network(np.ascontiguousarray(pictures[start : start + AT_ONCE])))
        return np.concatenate(found)


@functools.cache
def shipped() -> KindReader:
    """The network in `models/`, its file checked against the hash in its card."""
    return load(FOLDER)


def load(folder: Path) -> KindReader:
    """The network in a folder. Raises ModelError where it is not complete, or not what its card describes."""
    card = checked_card(folder)
    return KindReader((folder / TFLITE).read_bytes(), card)
