"""Lines of digits that touch, overlap or stand apart, composed from single digits, for the line reader.

    hands      single digits, each changed as if another hand had written it
    nothings   what the reader is to pass over: separators, letters and other non-digits
    compose    some of them side by side -> a line as the reader gets it, with its digits and their places

It is given training digits only; `line_reader` describes how the reader sees a line. Its shares and ranges
are chosen, none is fitted; `python -m benchmarks.strings` measures how a reader that learnt from them reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from digitcore.augmentation import imitation, negatives, separators
from digitcore.networks.settings import Settings
from digitcore.reading.line_reader import HEIGHT, MARGIN, ROWS

WRITING = Settings.for_architecture(
    "digitnet",
    shift=0,
    zoom=0,
    recentre=1.0,
    rotation=10,
    elastic=0.6,
    european=0.1,
    damage=0.03,
    pen=0.4,
    plain=0.4,
)
"""How each digit is changed before it takes its place: within its 20x20 box, because `compose` shifts it."""

OVERLAP = 0.4
"""Neighbours that touch overlap by up to this share of the narrower one; more would hide a 1 behind a 0."""

COLUMNS_OVERLAP = 0.5
"""The share of touching neighbours that overlap by up to MOST_COLUMNS columns (of a digit of MNIST's size)
instead: two 1s may lie on top of each other completely, as one scanner or hasty hand puts them."""

MOST_COLUMNS = 5

APART = 1, 10
"""Columns between the boxes of neighbours that do not touch."""

LINES = {"touching": 0.5, "mixed": 0.3, "apart": 0.2}
"""The shares of lines in which all neighbours touch, some do, and none do."""

JOINED = 0.08
"""The share of neighbours that are joined by a stroke."""

NOTHING = -1
"""The label of a non-digit."""

SEPARATORS = 0.7
"""The share of separators among the non-digits."""


@dataclass(frozen=True)
class Composed:
    """picture: (ROWS, w) uint8, 0 paper. labels: (n,), its digits. middles: (n,), their middle columns."""

    picture: np.ndarray
    labels: np.ndarray
    middles: np.ndarray


def hands(images: np.ndarray, labels: np.ndarray, seed: int, turn: int) -> np.ndarray:
    """Digits (n, 28, 28) uint8, each in another hand; another `turn` gives other variants."""
    rng = np.random.default_rng((seed, turn))
    return imitation.imitate(images, labels, WRITING, rng, imitation.fields(seed))


def nothings(n: int, images: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """n separators, letters, scribbles and other things, (n, 28, 28) uint8."""
    rng = np.random.default_rng((seed, 0xB07))
    marks = [separators.draw(rng) for _ in range(round(n * SEPARATORS))]
    return np.concatenate([marks, negatives.draw(n - len(marks), images, labels, rng, of_digits=False)])


def compose(digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Composed:
    """A line of these digits (n, 28, 28) uint8 in their order; the label NOTHING marks a non-digit."""
    kind = rng.choice(list(LINES), p=list(LINES.values()))
    small = rng.uniform(0.55, 1.0) if rng.random() < 0.3 else 0.85
    wander = rng.choice((1, 2, 4))
    slope = rng.normal(0, 0.05)
    placed, start = [], 0
    for i, digit in enumerate(digits):
        x, y, w, h = cv2.boundingRect(digit)
        if not w:  # a thin pen left nothing of it
            x, y, w, h = 0, 0, 1, 1
        part = digit[y : y + h, x : x + w]
        middle = y + h / 2 if labels[i] == NOTHING else 14  # a dot stands on the line, a dash hangs above it
        if rng.random() < 0.5:
            size = rng.uniform(small, 1.1)
            part = cv2.resize(
                part, (max(2, round(w * size)), max(2, round(h * size))), interpolation=cv2.INTER_LINEAR
            )
        if i:
            touches = kind == "touching" or (kind == "mixed" and rng.random() < 0.5)
            if touches and labels[i] != NOTHING and labels[i - 1] != NOTHING:
                start -= _overlap(placed[-1][2].shape[1], part.shape[1], rng)
            else:
                start += int(rng.integers(APART[0], APART[1] + 1))
        top = round(14 + middle - part.shape[0] / 2 + rng.integers(-wander, wander + 1) + slope * start)
        placed.append((start, top, part))
        start += part.shape[1]
    left = min(column for column, *_ in placed)
    above = min(top for _, top, _ in placed)
    width = max(column + part.shape[1] for column, _, part in placed) - left
    height = max(top + part.shape[0] for _, top, part in placed) - above
    line = np.zeros((height, width), np.uint8)
    for column, top, part in placed:
        area = line[top - above :, column - left :][: part.shape[0], : part.shape[1]]
        np.maximum(area, part, out=area)
    for before, after in pairwise(placed):
        if rng.random() < JOINED:
            _join(line, before, after, left, above, rng)
    middles = np.array([column - left + part.shape[1] / 2 for column, _, part in placed])
    picture, scale, shift = _delivered(line, rng)
    real = labels != NOTHING
    return Composed(picture, labels[real], (middles * scale + shift)[real])


def _overlap(before: int, after: int, rng: np.random.Generator) -> int:
    """By how many columns two touching neighbours of these widths overlap."""
    if rng.random() < COLUMNS_OVERLAP:
        return min(int(rng.integers(0, MOST_COLUMNS + 1)), before - 1)
    return min(round(rng.uniform(0, OVERLAP) * min(before, after)), before - 1)


def _join(line, before, after, left, above, rng):
    """A stroke from the last columns of one digit to the first columns of the next."""
    ends = []
    for (column, top, part), side in ((before, slice(-4, None)), (after, slice(0, 4))):
        rows, columns = np.nonzero(part[:, side] > 100)
        if not len(rows):
            return
        chosen = rng.integers(len(rows))
        first = part.shape[1] - 4 if side.start == -4 else 0
        ends.append((int(column - left + max(0, first) + columns[chosen]), int(top - above + rows[chosen])))
    cv2.line(line, *ends, 255, int(rng.integers(1, 3)), cv2.LINE_AA)


def _delivered(line, rng):
    """The line as the pipeline delivers it: scanned at some size, reduced to HEIGHT, put between margins.

    Returns the picture, its scale, and by how many columns it was shifted."""
    factor = int(rng.choice((1, 2, 3)))
    if factor > 1:
        line = cv2.resize(line, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    height = min(round(HEIGHT * rng.uniform(0.75, 1.08)), ROWS - 2)
    scale = height / line.shape[0]
    width = max(2, round(line.shape[1] * scale * rng.uniform(0.88, 1.14)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(line, (width, height), interpolation=method)
    small = cv2.convertScaleAbs(small, alpha=rng.uniform(0.9, 1.3))
    chance = rng.random()
    if chance < 0.15:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.4, 0.8))
    elif chance < 0.25:
        noise = rng.normal(0, rng.uniform(5, 25), small.shape)
        small = np.where(small > 0, np.clip(small + noise, 0, 255), 0).astype(np.uint8)
    top = int(np.clip((ROWS - height) // 2 + rng.integers(-2, 3), 0, ROWS - height))
    left, right = MARGIN + rng.integers(-3, 4, 2)
    picture = np.zeros((ROWS, left + width + right), np.uint8)
    picture[top : top + height, left : left + width] = small
    return picture, width / line.shape[1] * factor, left
