"""Drawings as a visitor makes them: MNIST's handwriting as lines for the browser's own pen, of any width."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore import datasets

SIDE = 280
"""The paper's side in pixels, as on Draw."""

ENLARGED = 3
"""MNIST's strokes are two or three pixels wide: their middle is searched for in a picture this many times as
large."""

NARROWEST, WIDEST = 8, 40
"""Widths of pens on Draw, in pixels."""

_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


@dataclass(frozen=True)
class Drawing:
    """label: the digit. pen: its width in pixels. lines: (n, 4) of x1, y1, x2, y2 in pixels of the paper,
    which is square with sides of `side` pixels."""

    label: int
    pen: float
    lines: list[list[float]]
    side: int = SIDE

    def enlarged(self, factor: float) -> Drawing:
        """The same on a larger screen."""
        lines = [[value * factor for value in line] for line in self.lines]
        return Drawing(self.label, self.pen * factor, lines, round(self.side * factor))


def drawings(n: int, seed: int = 0) -> list[Drawing]:
    """The first n validation digits of MNIST, each with its own pen, size and place."""
    images, labels = datasets.load("mnist", "validation")
    rng = np.random.default_rng(seed)
    made = []
    for label, lines in zip(labels[:n], centre_lines(images[:n]), strict=True):
        scale = rng.uniform(3.5, 9)
        # From MNIST's thinnest strokes to twice its widest.
        pen = int(np.clip(scale * rng.uniform(1.2, 4.0), NARROWEST, WIDEST))
        low, high = lines.reshape(-1, 2).min(0) * scale, lines.reshape(-1, 2).max(0) * scale
        corner = rng.uniform(pen / 2 + 2 - low, np.maximum(SIDE - pen / 2 - 2 - high, pen / 2 + 3 - low))
        placed = lines * scale + np.tile(corner, 2)
        made.append(Drawing(int(label), pen, np.round(placed, 2).tolist()))
    return made


def centre_lines(images: np.ndarray) -> list[np.ndarray]:
    """(n, 28, 28) uint8 -> for each picture the lines (m, 4) between neighbouring pixels along the middle of
    its strokes, in pixels of the 28x28 picture."""
    size = (images.shape[2] * ENLARGED, images.shape[1] * ENLARGED)
    large = np.stack([cv2.resize(image, size, interpolation=cv2.INTER_CUBIC) for image in images])
    found = []
    for middle in thinned(large > 127):
        points = {tuple(point) for point in np.argwhere(middle).tolist()}
        pairs = [
            (x, y, x + right, y + down)
            for y, x in sorted(points)
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1), (1, -1))  # a dot is also a line
            if (y + down, x + right) in points
        ]
        found.append(np.asarray(pairs, np.float64) / ENLARGED)
    return found


def thinned(ink: np.ndarray) -> np.ndarray:
    """(n, h, w) bool -> the same with each stroke one pixel wide.

    Zhang & Suen, "A fast parallel algorithm for thinning digital patterns", CACM 27 (1984).
    """
    ink = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    while True:
        before = ink.copy()
        # Neighbours go clockwise from the north; of each three that are named, one must be paper.
        for first, second in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            around = np.stack([np.roll(ink, (-down, -right), (1, 2)) for down, right in _AROUND])
            count = around.sum(0)
            rises = (~around & np.roll(around, -1, 0)).sum(0)
            inner = around[list(first)].all(0) | around[list(second)].all(0)
            ink = ink & ~((count >= 2) & (count <= 6) & (rises == 1) & ~inner)
        if (ink == before).all():
            return ink[:, 1:-1, 1:-1]
