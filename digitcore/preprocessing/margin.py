"""A number cut out without a margin -> the same with one, so that none of it touches the picture's sides.

    padded    Ink -> Ink with a margin of paper, and how wide that is

Without one, strokes from top to bottom look like ruled lines, and a 1 at the side like the edge of a sheet.

The numbers were chosen by hand; `python -m benchmarks.strings FOLDER` shows what a change is worth.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from digitcore.errors import BlankError
from digitcore.preprocessing import paper
from digitcore.preprocessing.ink import Ink, components

LOOKED_AT = 400
"""Long side, in pixels, of the copy that is examined."""

WEAK = 0.25
"""Share of the contrast: ink of this strength joins strokes."""

TALL, SLIM = 0.6, 0.25
"""Share of the picture's height: parts this high fill it. Width over height up to which such a part may be a
ruled line from top to bottom."""

SHARE = 0.6
"""Share of all ink: what the parts that fill the height must have."""

MARGIN = 0.25
"""Share of the picture's short side."""

FEW_ROWS, LARGER, SMOOTHED, SOFT = 14, 4, 0.6, 0.1
"""Digits of fewer rows are read so many times as large, and smoothed by so many of their pixels where less of
their ink is soft. By hand, on `python -m benchmarks.pages --kinds "few pixels"`: smoothing spoils scaled
ones."""


def padded(ink: Ink) -> tuple[Ink, int]:
    """The ink with a margin, and its width in pixels of `ink.turned`. Any other picture as it is, and 0."""
    small = paper.reduced(ink.turned, LOOKED_AT)
    height, width = small.shape
    if width < height:
        return ink, 0
    try:
        above = paper.flatten(small)
        levels = paper.levels(above)
    except BlankError:
        return ink, 0
    near, labels, stats = components(above, levels.paper + max(WEAK * levels.contrast, 3 * levels.noise))
    if not _is_cut_tight(stats[1:], height, width):
        return ink, 0
    ground = np.ones(small.shape, bool)
    ground[near] = labels == 0
    margin = max(4, round(MARGIN * min(ink.turned.shape)))
    level = int(np.median(small[ground])) if ground.any() else 0
    turned = cv2.copyMakeBorder(ink.turned, *[margin] * 4, cv2.BORDER_CONSTANT, value=level)
    padded = replace(ink, turned=turned)
    return (_enlarged(padded, level) if height < FEW_ROWS else padded), margin


def _enlarged(ink: Ink, level: int) -> Ink:
    """The ink on a ground of this level, larger; where its strokes have no soft edges, as those of a bitmap
    font, they are smoothed, so that what touches at its corners hangs together."""
    strength = (ink.turned.astype(np.float32) - level) / max(1, int(ink.turned.max()) - level)
    soft = np.count_nonzero((strength > 0.2) & (strength < 0.7)) / max(1, np.count_nonzero(strength > 0.2))
    turned = cv2.resize(ink.turned, None, fx=LARGER, fy=LARGER, interpolation=cv2.INTER_CUBIC)
    if soft < SOFT:
        turned = cv2.GaussianBlur(turned, (0, 0), SMOOTHED * LARGER)
    return replace(ink, turned=turned, scale=ink.scale * LARGER)


def _is_cut_tight(stats: np.ndarray, height: int, width: int) -> bool:
    """Whether most ink is digits that fill the picture from top to bottom, and not lines on the paper.

    stats: (n, 5) of x, y, w, h, pixels.
    """
    x, y, w, h, pixels = stats.T
    if ((w > 0.9 * width) & (h < TALL * height)).any():  # ruled
        return False
    tall = h >= TALL * height
    digits = tall & (w > SLIM * h) & (w < 0.75 * width)
    cut = tall & ((x <= 1) | (y <= 1) | (x + w >= width - 1) | (y + h >= height - 1))
    return digits.sum() >= 2 and cut.any() and pixels[tall].sum() >= SHARE * pixels.sum()
