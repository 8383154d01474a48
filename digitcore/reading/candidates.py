"""Ink that may be one digit: cut out of its line with its soft edges, and made into the picture that is asked
about.

    whole_character   its ink, box and picture
    Piece             box and picture with what the network says of it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.preprocessing.digit_box import short_of_foot, tight
from digitcore.preprocessing.ink import grown, softest, strengths
from digitcore.preprocessing.normalisation import normalise
from digitcore.reading.layout import Character
from digitcore.reading.parts import Parts

Box = tuple[int, int, int, int]
Inked = tuple[np.ndarray, int, int]
"""Ink (h, w) float32, 0 to 1, and its left and top."""

FAINTEST = 0.05
"""Share of full strength: fainter ink does not widen the box. Chosen by hand, on numbers of `python -m
benchmarks.strings`."""

WITHIN = 0.5
"""Share of a box that lies within another one: what is mostly within it belongs to it. Not fitted: a half is
what "mostly" means."""

LYING = 0.2
"""What counts of a 1 that is wider than high, 2 standard deviations wider than MNIST's (see WIDTHS), where it
was cut; whole ones have feet and long upstrokes."""

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
"""Mean and standard deviation of log(width / height) of each digit's box among MNIST's training digits
(`datasets.load("mnist", "train")`); the box is that of all ink above a quarter of full strength."""


@dataclass(frozen=True)
class Piece:
    """Ink that is read as one digit. box: (x, y, w, h) at working size. picture: (28, 28) float32.

    probabilities: (10,) float32. digitness: 0 to 1. is_cut: whether the ink was cut from a neighbour.
    is_doubted: whether another text of its line is as likely (`second_look.settled`).
    """

    box: tuple[int, int, int, int]
    picture: np.ndarray
    probabilities: np.ndarray
    digitness: float
    is_cut: bool = False
    is_doubted: bool = False

    @property
    def score(self) -> float:
        """Probability of the likeliest class x digitness; a 1 that was cut and is wider than high lies,
        and is none."""
        lies = self.is_cut and self.probabilities.argmax() == 1 and self.box[2] > self.box[3]
        return float(self.probabilities.max()) * self.digitness * (LYING if lies else 1.0)


def whole_character(parts: Parts, character: Character) -> tuple[Inked, tuple[Box, np.ndarray]]:
    """(a character's ink, (its box, its picture (28, 28) float32))."""
    inked = character_ink(parts, character)
    return inked, made_ready(*inked)


def character_ink(parts: Parts, character: Character) -> Inked:
    """The ink of a character, with its soft edges."""
    x, y, w, h = character.box
    edge = max(1, round(max(w, h) / 40))
    left, top = max(0, x - edge), max(0, y - edge)
    labels = parts.labels[top : y + h + edge, left : x + w + edge]
    above = parts.above[top : y + h + edge, left : x + w + edge]
    own = labels == character.parts[0]
    for part in character.parts[1:]:
        own |= labels == part
    mask = grown(own, edge) & (own | ((labels == 0) & (above > softest(parts.levels))))
    return strengths(above, parts.levels, own) * mask, left, top


def around(inks: Sequence[Inked]) -> Box:
    """(x, y, w, h) around the ink of some characters."""
    left, top = min(left for _, left, _ in inks), min(top for *_, top in inks)
    right = max(left + inked.shape[1] for inked, left, _ in inks)
    bottom = max(top + inked.shape[0] for inked, _, top in inks)
    return left, top, right - left, bottom - top


def laid_out(inks: Sequence[Inked], box: Box) -> np.ndarray:
    """The ink of some characters where it stands within a box around them, (h, w) float32, 0 to 1."""
    left, top, width, height = box
    found = np.zeros((height, width), np.float32)
    for inked, x, y in inks:
        part = found[y - top :, x - left :][: inked.shape[0], : inked.shape[1]]
        np.maximum(part, inked, out=part)
    return found


def made_ready(inked: np.ndarray, left: float, top: float, scale: float = 1.0) -> tuple[Box, np.ndarray]:
    """(box at the size of the parts, picture (28, 28) float32) of ink (h, w) float32, of which one pixel
    stands for `scale` pixels at that size."""
    seen = cv2.compare(inked, FAINTEST, cv2.CMP_GT)
    box = cv2.boundingRect(seen)
    box = short_of_foot(inked, tight(inked, box)) if box[2] else (0, 0, inked.shape[1], inked.shape[0])
    x, y, w, h = (value * scale for value in box)
    at = round(left + x), round(top + y), max(1, round(w)), max(1, round(h))
    return at, normalise(inked, box).picture


def within(pieces: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """(n,) bool: which boxes (n, 4) lie mostly within one of some others."""
    if not len(boxes):
        return np.zeros(len(pieces), bool)
    x, y, w, h = pieces.T[:, :, None]
    left, top, wide, tall = np.array(boxes, float).T[:, None]
    across = np.minimum(x + w, left + wide) - np.maximum(x, left)
    down = np.minimum(y + h, top + tall) - np.maximum(y, top)
    shared = np.maximum(0, across) * np.maximum(0, down)
    return (shared >= WITHIN * w * h).any(1)


def too_wide(label: int, width: float, height: float) -> float:
    """How many standard deviations a box is wider than usual for the digit `label`; negative where it is
    narrower."""
    mean, deviation = WIDTHS[label]
    return (np.log(width / height) - mean) / deviation
