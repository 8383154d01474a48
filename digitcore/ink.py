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

    grey: (h, w) uint8. Evidence: a digit leaves to its paper most of the picture's rim, most of the four
    corners and mostly more than half of everything, even where it fills the picture from edge to edge.
    """
    small = reduced(grey, 64)
    low, high = (float(level) for level in np.percentile(small, (1, 99)))
    light = small > (low + high) / 2
    edge = max(1, round(min(small.shape) / 16))
    inner = light[edge:-edge, edge:-edge]
    rim = (light.sum() - inner.sum()) / (light.size - inner.size)
    corner = max(1, round(min(small.shape) / 8))
    ends = np.r_[:corner, -corner:0]
    corners = light[np.ix_(ends, ends)].mean()
    return "dark-on-light" if rim + corners + light.mean() >= 1.5 else "light-on-dark"


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
    low, ink = (float(level) for level in np.percentile(sample, (10, 100 * (1 - strongest / flat.size))))
    ground = sample[sample <= (low + ink) / 2]
    paper = float(np.median(ground))
    noise = 1.4826 * float(np.median(paper - ground[ground <= paper]))
    if ink - paper < max(FAINTEST, 5 * noise):
        raise BlankError("Nothing is drawn here: expected a digit, found an even ground.")
    return Levels(paper, noise, ink)


def reduced(grey, side):
    """A copy whose long side is at most `side`, by area averaging."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
