"""Grey picture -> ink: which way round it is, where the paper's level lies, how strong each pixel's ink is.

All arrays here are at working size (long side at most WORKING_SIDE); see `preprocessing.locate`.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.errors import BlankError

PAPER_SIDE = 160
"""The paper's level is looked for on a copy with this long side: shadows are large, strokes are not."""

WIDEST_STROKE = 0.35
"""Of the long side: what is wider than this is ground (a shadow, a table), not a stroke."""

FAINTEST = 6
"""Grey levels between ink and paper below which a picture is empty."""


SMALL = 24 * 24
LARGE = 64 * 64
"""Pixels: below SMALL soft edges outnumber bare paper, so that its noise cannot be told from them; above
LARGE strokes are wide enough for noise to be told without smoothing."""

UNEVEN = 0.1
"""Share of a picture under fog or stains from which on it is worth taking them away."""


@dataclass(frozen=True)
class Levels:
    """Grey levels above the local paper, in a picture turned so that ink is bright."""

    paper: float
    noise: float
    ink: float


def polarity_of(grey):
    """Whether ink is darker than its ground: "dark-on-light" or "light-on-dark".

    grey: (h, w) uint8. First evidence: a digit leaves to its paper most of the picture's rim, of the four
    corners and of everything, even where it fills the picture from edge to edge. Where what would then be
    ink is too wide for a stroke it is a shadow or a table, and the second evidence weighs more: strokes lie
    on one side of the level around them, whatever that level is.
    """
    small = reduced(grey, 64)
    low, high = (float(level) for level in np.percentile(small, (1, 99)))
    if high - low < (int(small.max()) - int(small.min())) / 4:  # a digit too small to fill one percent
        low, high = float(small.min()), float(small.max())
    light = small > (low + high) / 2
    edge = max(1, round(min(small.shape) / 16))
    inner = light[edge:-edge, edge:-edge]
    rim = (light.sum() - inner.sum()) / (light.size - inner.size)
    corner = max(1, round(min(small.shape) / 8))
    ends = np.r_[:corner, -corner:0]
    evidence = rim + light[np.ix_(ends, ends)].mean() + light.mean() - 1.5
    minority = light if evidence < 0 else ~light
    if 2 * cv2.distanceTransform(minority.view(np.uint8), cv2.DIST_L2, 5).max() > 0.45 * max(small.shape):
        evidence += 2 * _sidedness(small)
    if abs(evidence) < 0.5:  # next to nothing: a glyph that fills its box
        evidence += _cut_to_pieces(light) - _cut_to_pieces(~light)
    return "dark-on-light" if evidence >= 0 else "light-on-dark"


def _cut_to_pieces(part):
    """Whether (h, w) bool is several pieces around one that reaches all four sides, as paper is around
    the strokes of a glyph stretched to its box."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((~part).view(np.uint8), connectivity=8)
    if count != 2 or tuple(stats[1, 2:4]) != part.shape[::-1]:
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(part.view(np.uint8), connectivity=4)
    x, y, w, h = stats[1:, :4].T
    at_a_side = (x == 0) | (y == 0) | (x + w == part.shape[1]) | (y + h == part.shape[0])
    return count > 2 and bool(at_a_side.all())


def _sidedness(small):
    """From -1, what stands out from its surroundings is lighter than they, to 1, it is darker."""
    width = round(0.3 * max(small.shape)) | 1
    if width < 13:  # too few pixels to have surroundings
        return 0.0
    pad = width // 2
    around = cv2.copyMakeBorder(small, pad, pad, pad, pad, cv2.BORDER_REFLECT)
    around = cv2.medianBlur(around, width)[pad:-pad, pad:-pad].astype(np.float32)
    apart = small - around
    apart = np.sign(apart) * np.maximum(np.abs(apart) - 0.3 * np.percentile(np.abs(apart), 99.5), 0)
    return -float(apart.sum()) / max(float(np.abs(apart).sum()), 1e-6)


def quiet(grey):
    """The picture without the noise of a small one, whose strokes are hardly wider than a grain.

    grey: (h, w) uint8. Lone specks and holes, where there are too many to be a stroke's, become what is
    around them; grain is smoothed along, not across, the edges of strokes. Returns `grey` itself where it is
    clean, too small to tell, or large enough for noise to be lost on the way to 28 pixels.
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


def without_fog(above, levels):
    """Ink above what is wider than its own strokes, such as fog or stains within a small picture.

    above: (h, w) float32, what flatten gave, and its Levels. Returns `above` itself where the ground is even.
    """
    small = reduced(above, PAPER_SIDE)
    strong = small > levels.paper + 0.5 * (levels.ink - levels.paper)
    widest = 2 * cv2.distanceTransform(strong.view(np.uint8), cv2.DIST_L2, 3).max()
    width = round(1.2 * widest + 3) | 1
    if width > 0.35 * max(small.shape):
        return above
    ground = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((width, width), np.uint8)) - levels.paper
    if (ground > 0.1 * (levels.ink - levels.paper)).mean() < UNEVEN:
        return above
    ground = np.maximum(ground, 0)
    if ground.shape != above.shape:
        ground = cv2.resize(ground, above.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return above - ground


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
    if paper.min() == paper.max() or _is_ink(paper, small):
        return ink_up.astype(np.float32) - float(paper.min())
    if paper.shape != grey.shape:
        # Widened by a pixel, lest a shadow's edge, blurred by the smaller copy, leaves a line of "ink".
        paper = cv2.dilate(paper, np.ones((3, 3), np.uint8))
        paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(ink_up, paper, dtype=cv2.CV_32F)


def _is_ink(paper, small):
    """Whether what was taken for ground is a blob of ink: dark, sharp all around, away from every side, as
    neither a shadow nor the light of a lamp is."""
    low, span = int(paper.min()), int(paper.max()) - int(paper.min())
    if 2 * span < int(small.max()) - int(small.min()):
        return False
    raised = paper > low + 0.25 * span
    sides = np.concatenate((raised[0], raised[-1], raised[:, 0], raised[:, -1]))
    return not sides.any() and (paper > low + 0.75 * span).sum() > 0.7 * raised.sum()


def levels(above):
    """Paper, noise and ink of `above`, what flatten gave.

    Raises BlankError when nothing stands out.
    """
    # Grey levels are whole numbers, so the histogram has every percentile exactly, at a tenth of the time.
    histogram = cv2.calcHist([above], [0], None, [511], [-255.0, 256.0]).ravel()
    strongest = min(0.01 * above.size, max(20, 1e-4 * above.size))
    low, ink = _level_at(histogram, 0.1), _level_at(histogram, 1 - strongest / above.size)
    ground = histogram.copy()
    ground[(low + ink) // 2 + 256 :] = 0
    paper, noise = _level_at(ground, 0.5), 0.0
    if above.size < 32 * 32:
        paper = _level_at(ground, 0.25)
    else:
        ground[paper + 256 :] = 0
        noise = 1.4826 * (paper - _level_at(ground, 0.5))
    if ink - paper < max(FAINTEST, 6 * noise):
        raise BlankError("Nothing is drawn here: expected a digit, found an even ground.")
    return Levels(float(paper), noise, float(ink))


def unrest(above, levels):
    """The Levels with what is left of noise, fog or stripes in a small picture counted as noise.

    What counts is the ground away from the strokes, and at most a seventh of the contrast, lest faint strokes
    count too. A clean ground, and a picture too small or large enough, keep their Levels.
    """
    if not SMALL <= above.size <= LARGE:
        return levels
    contrast = levels.ink - levels.paper
    strong = (above > levels.paper + 0.5 * contrast).view(np.uint8)
    ground = above[cv2.dilate(strong, np.ones((3, 3), np.uint8)) == 0] - levels.paper
    spread = float(np.percentile(ground, 90)) / 1.28 if ground.size else 0.0  # of a normal distribution
    if spread < 0.05 * contrast:
        return levels
    return replace(levels, noise=max(levels.noise, min(spread, contrast / 7)))


def _level_at(histogram, share):
    """The grey level, -255 to 255, below or at which that share of the pixels lies."""
    total = np.cumsum(histogram)
    return int(np.searchsorted(total, share * total[-1])) - 255


def reduced(grey, side):
    """A copy whose long side is at most `side`, by area averaging."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
