"""The paper under the ink: its level everywhere, its noise, fog and grain; a picture without them.

The numbers here were chosen by hand on the development sets, on made photographs
(`benchmarks.support.papers`) and on spoilt validation digits; `python -m benchmarks.pipeline FOLDER` counts
the misses with each step on and off, and is what to run after a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.errors import BlankError

PAPER_SIDE = 160
"""The paper's level is looked for on a copy with this long side: shadows are large, strokes are not.
(`benchmarks.pipeline`, column "no flattening", says what looking is worth.)"""

WIDEST_STROKE = 0.35
"""Of the long side: what is wider than this is ground (a shadow, a table), not a stroke. By hand, on papers
"shadow" and "edge" of `benchmarks.pipeline` against digits drawn with the widest pen."""

FAINTEST = 6
"""Grey levels between ink and paper below which a picture is empty. By hand, on paper "faint" of
`benchmarks.pipeline` and on photographs of empty paper."""

SMALL = 24 * 24
LARGE = 64 * 64
"""Pixels: below SMALL soft edges outnumber bare paper, so that its noise cannot be told from them; above
LARGE strokes are wide enough for noise to be told without smoothing. By hand, on spoilt validation digits
(`benchmarks.pipeline`, columns "no smoothing" and "no unrest")."""

UNEVEN = 0.1
"""Share of a picture under fog or stains from which on it is worth taking them away. By hand, on "fog 0.75"
of `benchmarks.pipeline`, column "no fog out"."""

FOGGED = 0.1
"""Of the contrast: ground so high above the paper is fog. By hand, as UNEVEN."""


@dataclass(frozen=True)
class Levels:
    """Grey levels above the local paper, in a picture turned so that ink is bright."""

    paper: float
    noise: float
    ink: float

    @property
    def contrast(self) -> float:
        """From paper to ink."""
        return self.ink - self.paper


def quiet(grey: np.ndarray) -> np.ndarray:
    """The picture without the noise of a small one, whose strokes are hardly wider than a grain.

    grey: (h, w) uint8. Lone specks and holes, where there are too many to be a stroke's, become what is
    around them; grain is smoothed along, not across, the edges of strokes. Returns `grey` itself where it is
    clean, too small to tell, or large enough for noise to be lost on the way to 28 pixels.
    The weights were chosen by hand on "noise", "impulses" and "stripes" of `benchmarks.pipeline`.
    """
    if grey.size < SMALL or grey.size > LARGE:
        return grey
    span = float(np.ptp(grey))
    around = grey
    ring = np.ones((3, 3), np.uint8)
    ring[1, 1] = 0
    specks = cv2.subtract(grey, cv2.dilate(grey, ring)) + cv2.subtract(cv2.erode(grey, ring), grey)
    middle = cv2.medianBlur(grey, 3)
    apart = cv2.absdiff(grey, middle)
    if (specks > 0.3 * span).mean() > 0.01:
        around = np.where(apart > 0.4 * span, middle, grey)
        apart = cv2.absdiff(around, middle)
    grain = 1.5 * float(np.median(apart))
    if grain > 0.03 * span:
        around = cv2.bilateralFilter(around, 5, 7 * grain, 1.5)
    return around


def flatten(ink_up: np.ndarray) -> np.ndarray:
    """Ink above the local paper.

    ink_up: (h, w) uint8, turned so that ink is bright. Returns (h, w): how many grey levels each pixel lies
    above its paper; uint8 where the paper is exactly even, as a drawing's is, else float32. The paper is a
    morphological opening wider than any stroke, which follows gradients and the edges of shadows alike.
    """
    if _is_even(ink_up):
        return ink_up if not ink_up.min() else ink_up - ink_up.min()
    small = reduced(ink_up, PAPER_SIDE)
    width = max(15, round(WIDEST_STROKE * max(small.shape)))
    paper = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((width, width), np.uint8))
    if paper.min() == paper.max() or _is_ink(paper, small):
        return cv2.subtract(ink_up, int(paper.min()), dtype=cv2.CV_32F)
    if paper.shape != ink_up.shape:
        # Widened by a pixel, lest a shadow's edge, blurred by the smaller copy, leaves a line of "ink".
        paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))
        paper = cv2.resize(paper, ink_up.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(ink_up, paper, dtype=cv2.CV_32F)


def _is_even(ink_up: np.ndarray) -> bool:
    """Whether the opening would find one level everywhere: the sides have it all along, and what has another
    is too little to fill a window of the opening's width."""
    low = ink_up.min()
    sides = ink_up[0], ink_up[-1], ink_up[:, 0], ink_up[:, -1]
    if any(side.max() != low for side in sides):
        return False
    width = max(15, round(WIDEST_STROKE * max(ink_up.shape)))
    other = cv2.countNonZero(ink_up) if not low else int(np.count_nonzero(ink_up != low))
    return other < width**2


def _is_ink(paper: np.ndarray, small: np.ndarray) -> bool:
    """Whether what was taken for ground is a blob of ink: dark, sharp all around, away from every side, as
    neither a shadow nor the light of a lamp is. Weights by hand, on blots drawn on the canvas and on papers
    "shadow" and "gradient" of `benchmarks.pipeline`."""
    low, span = int(paper.min()), int(paper.max()) - int(paper.min())
    if 2 * span < int(small.max()) - int(small.min()):
        return False
    raised = paper > low + 0.25 * span
    sides = np.concatenate((raised[0], raised[-1], raised[:, 0], raised[:, -1]))
    return not sides.any() and (paper > low + 0.75 * span).sum() > 0.7 * raised.sum()


def levels(above: np.ndarray) -> Levels:
    """Paper, noise and ink of `above`, what flatten gave.

    Paper: the median of what is rather paper than ink, in very small pictures its lower quartile. Noise: the
    standard deviation below it (1.4826 of the median deviation, as of a normal distribution). Ink: what one
    percent of the pixels reach, in larger pictures fewer.
    Raises BlankError when nothing stands out.
    """
    # Grey levels are whole numbers, so the histogram has every percentile exactly, at a tenth of the time.
    if above.dtype == np.uint8:
        histogram, first = cv2.calcHist([above], [0], None, [256], [0, 256]).ravel(), 0
    else:
        histogram, first = cv2.calcHist([above], [0], None, [511], [-255.0, 256.0]).ravel(), -255
    total = np.cumsum(histogram)
    strongest = min(0.01 * above.size, max(20, 1e-4 * above.size))
    low, ink = level_at(total, 0.1, first), level_at(total, 1 - strongest / above.size, first)
    ground = total[: (low + ink) // 2 + 1 - first]
    paper, noise = level_at(ground, 0.5, first), 0.0
    if above.size < 32 * 32:
        paper = level_at(ground, 0.25, first)
    else:
        noise = 1.4826 * (paper - level_at(ground[: paper + 1 - first], 0.5, first))
    if ink - paper < max(FAINTEST, 6 * noise):
        raise BlankError("Nothing is drawn here: expected a digit, found an even ground.")
    return Levels(float(paper), noise, float(ink))


def level_at(total: np.ndarray, share: float, first: int = 0) -> int:
    """The grey level below or at which that share of the pixels lies.

    total: their number up to each level, counted from the level `first`.
    """
    return int(np.searchsorted(total, share * total[-1])) + first


def without_fog(above: np.ndarray, levels: Levels) -> np.ndarray:
    """Ink above what is wider than its own strokes, such as fog or stains within a small picture.

    above: (h, w), what flatten gave, and its Levels. Returns `above` itself where the ground is even.
    """
    fogged = levels.paper + FOGGED * levels.contrast
    weak = cv2.compare(above, fogged, cv2.CMP_GT)
    if cv2.countNonZero(weak) < UNEVEN * weak.size:
        return above
    small = reduced(above, PAPER_SIDE)
    strong = cv2.compare(small, levels.paper + 0.5 * levels.contrast, cv2.CMP_GT)
    if cv2.countNonZero(strong) == strong.size:
        return above
    widest = 2 * cv2.distanceTransform(strong, cv2.DIST_L2, 3).max()
    width = round(1.2 * widest + 3) | 1
    if width > 0.35 * max(small.shape):
        return above
    window = np.ones((width, width), np.uint8)
    # An opening lies above a level where the opening of what lies above it does, which is told sooner.
    weak = cv2.morphologyEx(cv2.compare(small, fogged, cv2.CMP_GT), cv2.MORPH_OPEN, window)
    if cv2.countNonZero(weak) < UNEVEN * weak.size:
        return above
    ground = cv2.morphologyEx(small.astype(np.float32), cv2.MORPH_OPEN, window) - levels.paper
    ground = np.maximum(ground, 0)
    if ground.shape != above.shape:
        ground = cv2.resize(ground, above.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return above - ground


def unrest(above: np.ndarray, levels: Levels) -> Levels:
    """The Levels with what is left of noise, fog or stripes in a small picture counted as noise.

    What counts is the ground away from the strokes, and at most a seventh of the contrast, lest faint strokes
    count too. A clean ground, and a picture too small or large enough, keep their Levels.
    The weights were chosen by hand on spoilt validation digits (`benchmarks.pipeline`, column "no unrest").
    """
    if not SMALL <= above.size <= LARGE:
        return levels
    contrast = levels.contrast
    strong = (above > levels.paper + 0.5 * contrast).view(np.uint8)
    ground = above[cv2.dilate(strong, np.ones((3, 3), np.uint8)) == 0] - levels.paper
    spread = float(np.percentile(ground, 90)) / 1.28 if ground.size else 0.0  # of a normal distribution
    if spread < 0.05 * contrast:
        return levels
    return replace(levels, noise=max(levels.noise, min(spread, contrast / 7)))


def reduced(grey: np.ndarray, side: int) -> np.ndarray:
    """A copy whose long side is at most `side`, by area averaging."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def halved(grey: np.ndarray, factor: int) -> np.ndarray:
    """A copy at a whole part of the size, by averaging: a fortieth of the time of any other size. What does
    not fill a whole pixel at the right and the lower side is left out."""
    if factor == 1:
        return grey
    height, width = (length // factor * factor for length in grey.shape)
    return cv2.resize(
        grey[:height, :width], (width // factor, height // factor), interpolation=cv2.INTER_AREA
    )
