"""Ink that may be one digit: cut out of its line with its soft edges, and made into the picture to be asked.

whole_character   its ink, box and picture
Piece             box and picture with what the network says of it
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.preprocessing.normalisation import BOX, normalise
from digitcore.reading.layout import Character, Ink

WIDTHS = (
    (-0.11, 0.19),
    (-0.93, 0.45),
    (-0.07, 0.22),
    (-0.23, 0.21),
    (-0.25, 0.21),
    (-0.07, 0.26),
    (-0.33, 0.22),
    (-0.26, 0.21),
    (-0.28, 0.22),
    (-0.39, 0.20),
)
"""Mean and standard deviation of log(width / height) of each digit's box, among MNIST's training digits."""


@dataclass(frozen=True)
class Piece:
    """Ink that is read as one digit. box: (x, y, w, h) at working size. picture: (28, 28) float32.

    is_cut: whether it was cut from a neighbour.
    """

    box: tuple[int, int, int, int]
    picture: np.ndarray
    probabilities: np.ndarray
    digitness: float
    is_cut: bool = False

    @property
    def score(self) -> float:
        """Probability of the best class x digitness."""
        return float(self.probabilities.max()) * self.digitness


def whole_character(ink: Ink, character: Character):
    """((its ink (h, w) float32, left, top), (box, picture)) of a character."""
    inked = character_ink(ink, character)
    return inked, made_ready(*inked)


def character_ink(ink: Ink, character: Character) -> tuple[np.ndarray, int, int]:
    """The ink of a character with its soft edges, (h, w) float32, 0 to 1, and its left and top."""
    x, y, w, h = character.box
    edge = max(1, round(max(w, h) / 40))
    left, top = max(0, x - edge), max(0, y - edge)
    labels = ink.labels[top : y + h + edge, left : x + w + edge]
    above = ink.above[top : y + h + edge, left : x + w + edge]
    own = labels == character.parts[0]
    for part in character.parts[1:]:
        own |= labels == part
    strength = float(np.percentile(above[own], 85))
    grown = cv2.dilate(own.view(np.uint8), np.ones((2 * edge + 1,) * 2, np.uint8)).view(bool)
    levels = ink.levels
    soft = above > levels.paper + max(0.02 * (levels.ink - levels.paper), 3 * levels.noise)
    mask = grown & (own | ((labels == 0) & soft))
    floor = levels.paper + 2 * levels.noise
    return np.clip((above - floor) / max(strength - floor, 1), 0, 1, dtype=np.float32) * mask, left, top


def made_ready(inked: np.ndarray, left: int, top: int, scale: float = 1.0):
    """(box at working size, picture) of ink whose pixels are `scale` pixels of the working size."""
    box = _tight(inked)
    x, y, w, h = (value * scale for value in box)
    at = round(left + x), round(top + y), max(1, round(w)), max(1, round(h))
    return at, normalise(inked, box).picture


def _tight(inked):
    """The box of the ink; where its strokes have pixels enough, to the middle of their soft edges."""
    for level in (0.5, 0.05) if max(inked.shape) >= 2 * BOX else (0.05,):
        rows, columns = np.flatnonzero(inked.max(1) > level), np.flatnonzero(inked.max(0) > level)
        if len(rows):
            return columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    return 0, 0, inked.shape[1], inked.shape[0]


def too_wide(label: int, width: float, height: float) -> float:
    """By how many standard deviations a box is wider than that digit's; below 0: narrower."""
    mean, deviation = WIDTHS[label]
    return (np.log(width / height) - mean) / deviation
