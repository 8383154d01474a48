"""Ink that cannot be the strokes of a digit: dots, blots, soft shades, what is cut off, all ink."""

import cv2
import numpy as np

from digitcore.errors import BlankError

GLYPH, TINY = 28, 20
"""Long sides, in pixels: a picture up to GLYPH may be a bitmap that its digit fills; in a digit up to TINY
there are too few pixels to see a shape."""

SOFTEST = 0.08
"""Of the digit's size: the widest passage from ink to paper. Beyond it lies the light, not a pen."""


def refuse(mask, box, above, levels, framed):
    """Raise BlankError for ink that cannot be strokes, each kind with its own sentence.

    framed: whether all four corners were ink, before lines were taken out.
    """
    height, width = mask.shape
    x, y, w, h = box
    size = max(w, h)
    if size < max(5, 0.03 * max(mask.shape)):
        raise BlankError("Only a dot is here: expected a digit.")
    strong = mask & (above > (levels.paper + levels.ink) / 2)
    if strong.mean() > (0.8 if max(mask.shape) > GLYPH else 0.9):  # small glyphs may fill their box
        raise BlankError("The picture is all ink: expected a digit with paper around it.")
    cut = x == 0 or y == 0 or x + w == width or y + h == height
    in_the_middle = x < 0.75 * width and x + w > 0.25 * width and y < 0.75 * height and y + h > 0.25 * height
    middle = mask[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
    if cut and (not in_the_middle or (framed and not middle.any())):
        raise BlankError("What is here is cut off at the picture's edge: expected a whole digit.")
    part = above[y : y + h, x : x + w] - levels.paper
    strength = float(np.percentile(part[mask[y : y + h, x : x + w]], 85))
    # Blur fills the loops of a digit with weak ink, but not with ink of half its strength.
    if _is_blot(mask[y : y + h, x : x + w]) and _is_blot(part > 0.5 * strength):
        raise BlankError("Only a dot or a blot is here: expected the strokes of a digit.")
    shade = (part > 0.25 * strength).view(np.uint8)
    rim = int(shade.sum()) - int(cv2.erode(shade, np.ones((3, 3)), borderValue=0).sum())
    soft = (shade & (part < 0.75 * strength)).sum() / max(rim, 1)
    if soft > max(3, SOFTEST * size):
        raise BlankError("Only soft shades are here: expected the strokes of a digit.")


def _is_blot(ink):
    """Whether (h, w) bool ink is one filled patch, such as a pen that slipped leaves.

    Thickness over length: discs have 0.93 and more, and the most clotted digits of 16x16 bitmaps stay
    below 0.89. Where there are pixels to see a shape, no digit of MNIST or of the sets that we measure on
    is thicker than 0.6 of its length and fills its convex hull; a slipped tap does.
    """
    x, y, w, h = cv2.boundingRect(ink.view(np.uint8))
    inside = np.pad(ink[y : y + h, x : x + w].view(np.uint8), 1)
    size = max(w, h)
    thick = 2 * cv2.distanceTransform(inside, cv2.DIST_L2, 5).max() / size
    if thick > 0.89:
        return True
    if size <= TINY or thick <= 0.6:
        return False
    hull = np.zeros_like(inside)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(inside)), 1)
    return inside.sum() > 0.95 * hull.sum()
