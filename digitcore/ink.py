"""Grey picture -> ink: which way round it is, where the paper's level lies, how strong each pixel's ink is.

All arrays here are at working size (long side at most WORKING_SIDE); see `preprocessing.locate`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.errors import BlankError

PAPER_SIDE = 160
"""The paper's level is looked for on a copy with this long side: shadows are large, strokes are not."""

WIDEST_STROKE = 0.35
"""Of the long side: what is wider than this is ground (a shadow, a table), not a stroke."""

FAINTEST = 10
"""Grey levels between ink and paper below which a picture is empty."""


@dataclass(frozen=True)
class Levels:
    """Grey levels above the local paper, in a picture turned so that ink is bright."""

    paper: float
    noise: float
    ink: float


def polarity_of(grey):
    """Whether ink is darker than its ground: "dark-on-light" or "light-on-dark".

    grey: (h, w) uint8. Evidence: a digit leaves most of the picture's rim and more than half of the
    picture to the paper, so the paper is the side of the grey range that the rim and the whole are on.
    """
    small = reduced(grey, 64)
    low, high = (float(level) for level in np.percentile(small, (1, 99)))
    middle = (low + high) / 2
    edge = max(1, round(min(small.shape) / 16))
    inner = small[edge:-edge, edge:-edge]
    light = float((small > middle).sum())
    light_rim = light - float((inner > middle).sum())
    rim = small.size - inner.size
    evidence = light_rim / rim + light / small.size - 1
    return "dark-on-light" if evidence >= 0 else "light-on-dark"


def flatten(grey, polarity):
    """Ink above the local paper.

    grey: (h, w) uint8. Returns (h, w) float32: how many grey levels each pixel lies above its paper, in
    the direction of ink. The paper is a morphological opening wider than any stroke, which follows
    gradients and the edges of shadows alike.
    """
    ink_up = grey if polarity == "light-on-dark" else 255 - grey
    small = reduced(ink_up, PAPER_SIDE)
    width = max(15, round(WIDEST_STROKE * max(small.shape)))
    paper = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((width, width), np.uint8))
    if paper.min() == paper.max():
        return ink_up.astype(np.float32) - float(paper[0, 0])
    if paper.shape != grey.shape:
        # Widened by a pixel, lest a shadow's edge, blurred by the smaller copy, leaves a line of "ink".
        paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))
        paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(ink_up, paper, dtype=cv2.CV_32F)


def levels(above):
    """Paper, noise and ink of `above`, what flatten gave.

    Raises BlankError when nothing stands out.
    """
    flat = above.ravel()
    strongest = max(0.0005 * flat.size, min(0.03 * flat.size, 20))
    sample = flat if flat.size <= 100_000 else flat[:: flat.size // 50_000]
    quarter, paper = np.percentile(sample, (25, 50))
    peak = float(np.percentile(sample, 100 * (1 - strongest / flat.size)))
    if paper > quarter + 0.25 * (peak - quarter):  # ink covers more than half: a tight crop of a thick digit
        paper = quarter
    noise = 1.4826 * float(np.median(np.abs(sample[sample <= paper + 0.25 * (peak - paper)] - paper)))
    if peak - paper < max(FAINTEST, 4 * noise):
        raise BlankError("Nothing is drawn here: expected a digit, found an even ground.")
    return Levels(float(paper), noise, peak)


def reduced(grey, side):
    """A copy whose long side is at most `side`, by area averaging."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
