"""Ink above the paper -> the strokes of the one digit, without specks and the edge of the paper; or the
sentence that says why it cannot be strokes: dots, blots, soft shades, ink that is cut off, nothing but ink.

All numbers were chosen by hand on the development sets, on MNIST's validation digits and on made photographs
and bitmaps (`benchmarks.support.papers`): `python -m benchmarks.pipeline FOLDER` counts the misses with and
without each part ("no debris out", "no frames out", "no refusals").
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.errors import BlankError
from digitcore.preprocessing import frame
from digitcore.preprocessing.ink import InkMap, components, grown, percentile, softest

NOTHING = "Nothing is drawn here: expected a digit, found an even ground."

WEAKEST = (0.12, 0.25, 0.4)
"""Share of the contrast: the weakest ink that still joins strokes. The next value is tried when the ink found
reaches from side to side, because it may be joined to what is printed on the paper."""

STRONG = 0.4
"""Share of the contrast: every stroke that is not a smudge has ink of this strength."""

SMUDGE, AT_THE_RIM, AT_A_SIDE = 0.3, 0.6, 3
"""How the heaviest part is chosen: how much a smudge's ink counts beside a stroke's; how much less a part
counts at the picture's rim; and how much less for each side of the picture that it touches."""

SHORTEST, LIGHTEST = 0.12, 0.01
"""Shares of the heaviest part's length and ink: shorter and lighter parts are specks."""

THIN, AT_THE_SIDE = 0.06, 0.15
"""Shares of the picture's side: how thick the lines of a printed frame are at most, and how far in they may
lie."""

NEAR = 0.25
"""Share of the digit's size so far: the widest gap between two strokes of one digit."""

ANYWHERE = np.inf
"""The same for a symbol that is all that a picture holds: the parts of = and : may be as far apart as they
like."""

GLYPH, TINY = 28, 20
"""Long sides, in pixels. A picture up to GLYPH may be a bitmap that its digit fills; a digit up to TINY has
too few pixels to show a shape."""

SOFTEST = 0.08
"""Share of the digit's size: the widest transition from ink to paper that a pen leaves; a wider one comes
from the light."""

LEFT = 0.1
"""Of the heaviest piece of a frame's ink: what the digit in it has at least."""

Box = tuple[int, int, int, int]
Corner = tuple[int, int]


def digit(inks: InkMap, near: float = NEAR) -> tuple[np.ndarray, Box]:
    """(the strokes of the digit with their soft edges, (h, w) bool; the box around them). near: NEAR or
    ANYWHERE.

    Raises BlankError where there are none.
    """
    levels, (height, width) = inks.levels, inks.above.shape
    for weakest in WEAKEST:
        threshold = levels.paper + max(weakest * levels.contrast, 3 * levels.noise)
        place, parts, stats = components(inks.above, threshold)
        if len(stats) == 1:
            raise BlankError(NOTHING)
        corner = place[1].start, place[0].start
        kept = _of_one_digit(parts, stats, inks.above[place], inks, corner, near)
        box = _around(stats[kept])
        found = kept[parts], place, max(box[2] - box[0], box[3] - box[1])
        if weakest == WEAKEST[0]:
            first = found
        if (box[0] > 0 or box[2] < width) and (box[1] > 0 or box[3] < height):
            break
    else:  # the digit itself reaches from side to side, as in a tightly cut picture
        found = first
    kept, place, size = found
    by = max(1, round(size / 40))
    down, across = (slice(max(0, each.start - by), each.stop + by) for each in place)
    mask = np.zeros((height, width), bool)
    mask[place] = kept
    # Soft edges belong to their strokes, down to what is just above the paper.
    mask[down, across] = grown(mask[down, across], by) & (inks.above[down, across] > softest(levels))
    return mask, tuple(cv2.boundingRect(mask.view(np.uint8)))


def _of_one_digit(
    parts: np.ndarray, stats: np.ndarray, above: np.ndarray, inks: InkMap, corner: Corner, near: float
) -> np.ndarray:
    """(n,) bool: the heaviest part, and those near enough and large enough to be strokes of the same digit.

    parts, above: the map around all ink. stats: of the parts, in pixels of the map. near: as for `digit`.
    """
    count, levels = len(stats), inks.levels
    if count == 2:
        return np.array([False, True])
    height, width = inks.above.shape
    inked = parts > 0
    part, strength = parts[inked], above[inked] - levels.paper
    mass = np.bincount(part, np.minimum(strength, levels.contrast), minlength=count)
    strong = strength > max(STRONG * levels.contrast, 4 * levels.noise)
    mass[np.bincount(part[strong], minlength=count) == 0] *= SMUDGE
    mass[0] = 0
    x, y, w, h = (stats[:, i] for i in range(4))
    sides = (x == 0).astype(int) + (y == 0) + (x + w == width) + (y + h == height)
    # The digit is what the picture is about: a part at the rim is more likely a neighbour.
    away = np.maximum(np.abs((2 * x + w) / width - 1), np.abs((2 * y + h) / height - 1))
    weight = mass * (1 - AT_THE_RIM * away) / (1 + AT_A_SIDE * sides)
    frames = _frames(parts, stats, mass, inks, corner)
    main = int(np.argmax(np.where(frames, 0, weight)))
    kept = np.zeros(count, bool)
    kept[main] = True
    length = np.maximum(w, h)
    # Specks are far shorter than strokes. A part that the picture's side cuts does not belong to a
    # digit that is whole.
    able = (length >= SHORTEST * length[main]) & (mass >= LIGHTEST * mass[main])
    able &= (sides == 0) | (sides[main] > 0)
    able &= ~frames & ~_borders(stats, main, parts, inks.above.shape)
    able[0] = False
    while True:
        left, top, right, bottom = _around(stats[kept])
        size = max(right - left, bottom - top)
        gap_x = np.maximum(0, np.maximum(x - right, left - (x + w)))
        gap_y = np.maximum(0, np.maximum(y - bottom, top - (y + h)))
        more = able & ~kept & (np.maximum(gap_x, gap_y) <= near * size)
        if not more.any():
            if length[main] < 0.1 * size:
                raise BlankError("Only specks are here: expected the strokes of a digit.")
            return kept
        kept |= more


def _frames(
    parts: np.ndarray, stats: np.ndarray, mass: np.ndarray, inks: InkMap, corner: Corner
) -> np.ndarray:
    """(n,) bool: pieces of a frame; none where all the rest is too little to be the digit."""
    found = frame.pieces(parts, stats, inks.above.shape, corner)
    small = max(inks.above.shape) <= GLYPH  # its digit may fill it
    if small or mass[~found].max(initial=0) < LEFT * mass[found].max(initial=0):
        found[:] = False
    return found


def _borders(stats: np.ndarray, main: int, parts: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(n,) bool: pieces of a printed frame, which are thin, straight, and lie along one of the picture's
    sides and near it.

    The hat of a 5 may look like one, but it is as thick as the other strokes, near them, and no longer than
    they reach.
    """
    height, width = shape
    x, y, w, h, area = stats[:, :5].T
    found = np.zeros(len(stats), bool)
    for start, length, across, depth, whole in (
        (x, w, y, h, height),
        (y, h, x, w, width),
    ):
        thin = (depth <= max(2, THIN * max(height, width))) & (length >= 6 * depth)
        near = (across + depth <= AT_THE_SIDE * whole) | (across >= (1 - AT_THE_SIDE) * whole)
        beside = (across + depth <= across[main]) | (across >= across[main] + depth[main])
        candidates = thin & near & beside
        if not candidates.any():
            continue
        digit = (parts == main).view(np.uint8)
        rim = area[main] - cv2.countNonZero(cv2.erode(digit, np.ones((3, 3), np.uint8)))
        thickness = 2 * area[main] / max(rim, 1)
        gap = np.maximum(across[main] - (across + depth), across - (across[main] + depth[main]))
        over = (start < start[main]) & (start + length > start[main] + length[main])
        thinner = area / np.maximum(length, 1) < 0.6 * thickness
        found |= candidates & (thinner | over | (gap > 0.12 * max(stats[main, 2:4])))
    found[main] = False
    return found


def _around(stats: np.ndarray) -> Box:
    """(left, top, right, bottom) around boxes (n, 4+) of x, y, w, h."""
    return (
        int(stats[:, 0].min()),
        int(stats[:, 1].min()),
        int((stats[:, 0] + stats[:, 2]).max()),
        int((stats[:, 1] + stats[:, 3]).max()),
    )


def refuse(mask: np.ndarray, box: Box, inks: InkMap) -> None:
    """Raise BlankError for ink that cannot be strokes, with its own sentence for each kind.

    mask: (h, w) bool, and box: as `digit` found them.
    """
    above, levels = inks.above, inks.levels
    height, width = mask.shape
    x, y, w, h = box
    size = max(w, h)
    if size < max(5, 0.03 * max(mask.shape)):
        raise BlankError("Only a dot is here: expected a digit.")
    strong = mask[y : y + h, x : x + w] & (above[y : y + h, x : x + w] > (levels.paper + levels.ink) / 2)
    most = 0.8 if max(mask.shape) > GLYPH else 0.9  # small glyphs may fill their box
    if np.count_nonzero(strong) > most * mask.size:
        raise BlankError("The picture is all ink: expected a digit with paper around it.")
    cut = x == 0 or y == 0 or x + w == width or y + h == height
    in_the_middle = x < 0.75 * width and x + w > 0.25 * width and y < 0.75 * height and y + h > 0.25 * height
    middle = mask[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
    if cut and (not in_the_middle or (inks.framed and not middle.any())):
        raise BlankError("What is here is cut off at the picture's edge: expected a whole digit.")
    part = above[y : y + h, x : x + w] - levels.paper
    strength = percentile(part[mask[y : y + h, x : x + w]], 85)
    # Blur fills the loops of a digit with weak ink, but not with ink of half its strength.
    if _is_blot(mask[y : y + h, x : x + w]) and _is_blot(part > 0.5 * strength):
        raise BlankError("Only a dot or a blot is here: expected the strokes of a digit.")
    shade = (part > 0.25 * strength).view(np.uint8)
    inner = cv2.erode(shade, np.ones((3, 3), np.uint8), borderValue=0)
    rim = cv2.countNonZero(shade) - cv2.countNonZero(inner)
    soft = np.count_nonzero(shade.view(bool) & (part < 0.75 * strength)) / max(rim, 1)
    if soft > max(3, SOFTEST * size):
        raise BlankError("Only soft shades are here: expected the strokes of a digit.")


def _is_blot(ink: np.ndarray) -> bool:
    """Whether ink (h, w) bool is one filled patch, such as a pen that slipped leaves.

    Thickness over length: discs have 0.93 and more, and the most clotted digits of 16x16 bitmaps stay below
    0.89. Where there are enough pixels to show a shape, no digit of MNIST or of the sets that we measure on
    is both thicker than 0.6 of its length and as full as its convex hull; the blot of a pen that slipped is.
    """
    x, y, w, h = cv2.boundingRect(ink.view(np.uint8))
    inside = cv2.copyMakeBorder(ink[y : y + h, x : x + w].view(np.uint8), *[1] * 4, cv2.BORDER_CONSTANT)
    size = max(w, h)
    # Every other pixel shows, sooner, that strokes are thin: what is in them lies 2 pixels closer at most.
    if (
        size > 2 * TINY
        and 4 * (cv2.distanceTransform(inside[::2, ::2], cv2.DIST_L2, 5).max() + 1) <= 0.6 * size
    ):
        return False
    thick = 2 * cv2.distanceTransform(inside, cv2.DIST_L2, 5).max() / size
    if thick > 0.89:
        return True
    if size <= TINY or thick <= 0.6:
        return False
    hull = np.zeros_like(inside)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(inside)), 1)
    return inside.sum() > 0.95 * hull.sum()
