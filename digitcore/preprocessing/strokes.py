"""Ink above the paper -> the strokes of the one digit, told from specks and the paper's edge."""

import cv2
import numpy as np

from digitcore.errors import BlankError

NOTHING = "Nothing is drawn here: expected a digit, found an even ground."

WEAKEST = (0.12, 0.25, 0.4)
"""Of the contrast: the weakest ink that still joins strokes. The next one is tried when the ink found
reaches from side to side, for it may hang on what is printed on the paper."""

STRONG = 0.4
"""Of the contrast: ink of this strength is in every stroke that is not a smudge."""

THIN, AT_THE_SIDE = 0.06, 0.15
"""Of the picture's side: how thick the lines of a printed frame are, and how far in they may lie."""

NEAR = 0.25
"""Of the digit's size so far: the widest gap between two strokes of one digit."""


def digit_mask(above, levels):
    """(h, w) bool: the strokes of the digit with their soft edges.

    above: (h, w) float32, grey levels above the paper, and their Levels. Raises BlankError.
    """
    contrast = levels.ink - levels.paper
    height, width = above.shape
    for weakest in WEAKEST:
        weak = above > levels.paper + max(weakest * contrast, 3 * levels.noise)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(weak.view(np.uint8), connectivity=8)
        if len(stats) == 1:
            raise BlankError(NOTHING)
        kept = _of_one_digit(parts, stats, above, levels)
        box = _around(stats[kept])
        found = kept[parts], max(box[2] - box[0], box[3] - box[1])
        if weakest == WEAKEST[0]:
            first = found
        if (box[0] > 0 or box[2] < width) and (box[1] > 0 or box[3] < height):
            break
    else:  # it does reach from side to side, as a tightly cut picture's digit does
        found = first
    mask, size = found
    # Soft edges belong to their strokes, down to what is just above the paper.
    edge = max(1, round(size / 40))
    grown = cv2.dilate(mask.view(np.uint8), np.ones((2 * edge + 1,) * 2, np.uint8)).view(bool)
    return grown & (above > levels.paper + max(0.02 * contrast, 3 * levels.noise))


def _of_one_digit(parts, stats, above, levels):
    """(n,) bool: the heaviest part, and what lies near enough and is large enough to be a stroke of it."""
    count = len(stats)
    height, width = above.shape
    inked = parts > 0
    part, strength = parts[inked], above[inked] - levels.paper
    contrast = levels.ink - levels.paper
    mass = np.bincount(part, np.minimum(strength, contrast), minlength=count)
    strong = strength > max(STRONG * contrast, 4 * levels.noise)
    mass[np.bincount(part[strong], minlength=count) == 0] *= 0.3
    mass[0] = 0
    x, y, w, h = (stats[:, i] for i in range(4))
    sides = (x == 0).astype(int) + (y == 0) + (x + w == width) + (y + h == height)
    # The digit is what the picture is of: what lies by its rim is more likely a neighbour.
    away = np.maximum(np.abs((2 * x + w) / width - 1), np.abs((2 * y + h) / height - 1))
    main = int(np.argmax(mass * (1 - 0.6 * away) / (1 + 3 * sides)))
    kept = np.zeros(count, bool)
    kept[main] = True
    length = np.maximum(w, h)
    # Specks are far shorter than strokes; what the picture's side cuts is no part of a digit it leaves whole.
    able = (length >= 0.12 * length[main]) & (mass >= 0.01 * mass[main]) & ((sides == 0) | (sides[main] > 0))
    able &= ~_borders(stats, main, parts)
    able[0] = False
    while True:
        left, top, right, bottom = _around(stats[kept])
        size = max(right - left, bottom - top)
        gap_x = np.maximum(0, np.maximum(x - right, left - (x + w)))
        gap_y = np.maximum(0, np.maximum(y - bottom, top - (y + h)))
        more = able & ~kept & (np.maximum(gap_x, gap_y) <= NEAR * size)
        if not more.any():
            if length[main] < 0.1 * size:
                raise BlankError("Only specks are here: expected the strokes of a digit.")
            return kept
        kept |= more


def _borders(stats, main, parts):
    """(n,) bool: pieces of a printed frame, thin and straight along one of the picture's sides and near it.

    The hat of a 5 may be so too, but is as thick as its other strokes, near them, no longer than they reach.
    """
    height, width = parts.shape
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


def _around(stats):
    """(left, top, right, bottom) around boxes (n, 4+) of x, y, w, h."""
    return (
        int(stats[:, 0].min()),
        int(stats[:, 1].min()),
        int((stats[:, 0] + stats[:, 2]).max()),
        int((stats[:, 1] + stats[:, 3]).max()),
    )
