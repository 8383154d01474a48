"""The paper under the ink: its level everywhere, its noise and fog; a picture without them.

The numbers were chosen by hand on the development sets, on made photographs (`benchmarks.support.papers`) and
on degraded validation digits. `python -m benchmarks.pipeline FOLDER` counts the misses with and without each
step, and is what to run after a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.errors import BlankError

PAPER_SIDE = 160
"""Long side of the copy on which the level of the paper is found: shadows are large, strokes are not. (Column
"no flattening" of `benchmarks.pipeline` shows what this step is worth.)"""

WIDEST_STROKE = 0.35
"""Share of the long side: what is wider is ground (a shadow, a table), not a stroke. Chosen by hand, on
papers "shadow" and "edge" of `benchmarks.pipeline`, against digits drawn with the widest pen."""

OF_SHORT_SIDE = 0.6
"""Share of the short side: in a long picture, such as one of a line of digits on a framed board, what is
wider is ground where it touches no side of the picture. Chosen by hand, on kinds "chalk board" and "tight" of
`python -m benchmarks.pages`."""

FAINTEST = 6
"""Grey levels between ink and paper below which a picture is empty. Chosen by hand, on paper "faint" of
`benchmarks.pipeline` and on photographs of empty paper."""

UNEVEN = 0.1
"""Share of a picture under fog or stains from which it is worth removing them. Chosen by hand, on "fog 0.75"
of `benchmarks.pipeline`, column "no fog out"."""

FOGGED = 0.1
"""Share of the contrast: ground this far above the paper is fog. Chosen by hand, as UNEVEN."""


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


def flatten(ink_up: np.ndarray) -> np.ndarray:
    """Ink above the local paper.

    ink_up: (h, w) uint8, ink bright. Returns (h, w): how many grey levels each pixel lies above its paper;
    uint8 where the paper is perfectly even, as a drawing's is, else float32. The level of the paper is a
    morphological opening wider than any stroke, which follows gradients and the edges of shadows alike.
    """
    if _is_even(ink_up):
        return ink_up if not ink_up.min() else ink_up - ink_up.min()
    small = reduced(ink_up, PAPER_SIDE)
    paper = _ground(small)
    if paper.min() == paper.max() or _is_ink(paper, small):
        return cv2.subtract(ink_up, int(paper.min()), dtype=cv2.CV_32F)
    if paper.shape != ink_up.shape:
        # Widened by a pixel: a shadow's edge, blurred in the smaller copy, would leave a line of "ink".
        paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))
        paper = cv2.resize(paper, ink_up.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(ink_up, paper, dtype=cv2.CV_32F)


def _ground(small: np.ndarray) -> np.ndarray:
    """The level of the paper in a reduced picture (h, w) uint8, ink bright; the same shape and type.

    A board within a dark frame may be lower than the window is high. The window that fits into it is used
    only where the frame stands on all sides: a shadow or lamplight reaches a side."""
    widest, fitting = _windows(small.shape)
    ground = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((widest, widest), np.uint8))
    if fitting >= widest:
        return ground
    board = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((fitting, fitting), np.uint8))
    more = cv2.subtract(board, ground)
    raised = more > 0.25 * int(more.max())
    sides = np.concatenate((raised[0], raised[-1], raised[:, 0], raised[:, -1]))
    return ground if sides.any() else board


def _windows(shape: tuple[int, int]) -> tuple[int, int]:
    """How many pixels wide ground is at least in a picture of that shape: anywhere, and within a frame."""
    return max(15, round(WIDEST_STROKE * max(shape))), max(15, round(OF_SHORT_SIDE * min(shape)))


def _is_even(ink_up: np.ndarray) -> bool:
    """Whether the opening of a picture (h, w) uint8 would find one level everywhere: the sides have that
    level all along, and the pixels with another level do not fill a window of the opening."""
    low = ink_up.min()
    sides = ink_up[0], ink_up[-1], ink_up[:, 0], ink_up[:, -1]
    if any(side.max() != low for side in sides):
        return False
    width = min(_windows(ink_up.shape))
    other = cv2.countNonZero(ink_up) if not low else int(np.count_nonzero(ink_up != low))
    if other < width**2:
        return True
    # A window that they fill would hold a run of them in one of these rows; in the smaller copy, a run is
    # longer by the pixels at its ends.
    width -= 2 * -(-max(ink_up.shape) // PAPER_SIDE)
    rows = ink_up[width - 1 :: width] != low
    ends = np.flatnonzero(np.diff(rows.ravel()))  # every row begins and ends with paper
    return not len(ends) or int(np.diff(ends)[::2].max()) < width


def _is_ink(paper: np.ndarray, small: np.ndarray) -> bool:
    """Whether what was taken for ground is a blob of ink: dark, sharp all around and away from every side,
    unlike a shadow or the light of a lamp.

    paper: (h, w) uint8, the ground that was found in `small`, of the same shape. The weights were chosen by
    hand, on blots drawn on the canvas and on papers "shadow" and "gradient" of `benchmarks.pipeline`.
    """
    low, span = int(paper.min()), int(paper.max()) - int(paper.min())
    if 2 * span < int(small.max()) - int(small.min()):
        return False
    raised = paper > low + 0.25 * span
    sides = np.concatenate((raised[0], raised[-1], raised[:, 0], raised[:, -1]))
    return not sides.any() and (paper > low + 0.75 * span).sum() > 0.7 * raised.sum()


def levels(above: np.ndarray) -> Levels:
    """Paper, noise and ink of `above` (h, w), which is what flatten returned.

    Paper: the median of the pixels closer to paper than to ink; in very small pictures their lower quartile.
    Noise: the standard deviation below it (1.4826 times the median deviation, as in a normal distribution).
    Ink: the level that one percent of the pixels reach, fewer in larger pictures.
    Raises BlankError when nothing stands out.
    """
    # Grey levels are whole numbers: a histogram gives every percentile exactly, in a tenth of the time.
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
    if ink - paper < FAINTEST:
        raise BlankError("Nothing is drawn here: expected a digit, found an even ground.")
    if ink - paper < 6 * noise:
        raise BlankError("Nothing stands out here: expected a digit, found only noise.")
    return Levels(float(paper), noise, float(ink))


def level_at(total: np.ndarray, share: float, first: int = 0) -> int:
    """The grey level at or below which that share of the pixels lies.

    total: (n,), how many pixels lie at or below each level, from the level `first` on.
    """
    return int(np.searchsorted(total, share * total[-1])) + first


def without_fog(above: np.ndarray, levels: Levels) -> np.ndarray:
    """Ink above what is wider than its own strokes, such as fog or stains within a small picture.

    above: (h, w), what flatten returned, and its Levels. Returns `above` itself where the ground is even.
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
    # Opening the mask of what lies above a level tells, sooner, where the opening itself lies above it.
    weak = cv2.morphologyEx(cv2.compare(small, fogged, cv2.CMP_GT), cv2.MORPH_OPEN, window)
    if cv2.countNonZero(weak) < UNEVEN * weak.size:
        return above
    ground = cv2.morphologyEx(small.astype(np.float32), cv2.MORPH_OPEN, window) - levels.paper
    ground = np.maximum(ground, 0)
    if ground.shape != above.shape:
        ground = cv2.resize(ground, above.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return above - ground


def reduced(grey: np.ndarray, side: int) -> np.ndarray:
    """A copy of a picture (h, w) whose long side is at most `side`, by area averaging."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def halved(grey: np.ndarray, factor: int) -> np.ndarray:
    """A copy of a picture (h, w) reduced by a whole factor, by averaging: forty times as fast as any other
    size. Pixels at the right and at the bottom that do not fill a whole pixel are left out."""
    if factor == 1:
        return grey
    height, width = (length // factor * factor for length in grey.shape)
    return cv2.resize(
        grey[:height, :width], (width // factor, height // factor), interpolation=cv2.INTER_AREA
    )
