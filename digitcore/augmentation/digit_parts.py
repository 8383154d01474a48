"""Training digits that are no longer digits, for `negatives`: mirrored, on their side, cut, spliced, with a
neighbour, ringed. Each function takes images (n, 28, 28) uint8, their labels (n,) and a generator, and
returns a drawing.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation.imitation import LARGE, bent

FLIPPED = {"mirrored": (3, 4, 6, 7, 9), "on its side": (2, 3, 4, 5, 6, 7, 9), "upside down": (4, 7)}
"""The digits that stop being one. A 0, 1 or 8 does not; a mirrored 2 looks much like a 5."""

SLICED = {0: "lr", 3: "r", 6: "l", 8: "lr", 9: "r"}
"""Digits whose side alone is a bow, as a cut leaves it of a touching neighbour. A 4's side would be a 1."""


def flipped(images, labels, rng):
    """A digit mirrored, on its side or upside down, if that makes it a non-digit."""
    how = list(FLIPPED)[rng.integers(len(FLIPPED))]
    while True:
        number = rng.integers(len(images))
        if labels[number] in FLIPPED[how]:
            break
    picture = images[number]
    if how == "mirrored":
        picture = picture[:, ::-1]
    elif how == "on its side":
        picture = np.rot90(picture, int(rng.choice((1, 3))))
    else:
        picture = picture[::-1]
    return bent(cv2.resize(np.ascontiguousarray(picture), (LARGE, LARGE)), rng)


def several(images, labels, rng):
    """Two or three digits side by side, apart, touching or overlapping; sometimes one above another."""
    count = 2 if rng.random() < 0.8 else 3
    canvas = np.zeros((LARGE, 3 * LARGE // 2), np.uint8)
    at = 2
    for _ in range(count):
        number = rng.integers(len(images))
        if rng.random() < 0.15:  # a 1 is the digit most easily taken for part of its neighbour
            number = rng.choice(np.flatnonzero(labels == 1)) if (labels == 1).any() else number
        picture = images[number]
        columns = np.flatnonzero((picture > 40).any(0))
        part = picture[:, columns[0] : columns[-1] + 1]
        height = int(rng.integers(24, 33))
        part = cv2.resize(part, (max(part.shape[1] * height // 28, 2), height))
        top = int(rng.integers(0, 8)) + (LARGE - height) // 2 - 4
        width = min(part.shape[1], canvas.shape[1] - at)
        if width <= 0:
            break
        there = canvas[top : top + height, at : at + width]
        np.maximum(there, part[:, :width], out=there)
        at = max(at + part.shape[1] + int(rng.integers(-4, 6)), 2)
    return np.ascontiguousarray(canvas.T) if rng.random() < 0.1 else canvas


def cut(images, labels, rng):
    """Half of a digit, cut along a line that is nearly upright or nearly level.

    Half a 0 or an 8 is not a digit; half of another digit may be one, so only these are used: the upper
    halves of 2, 3, 4, 5 and 6 and the left halves of 3, 4, 7 and 9."""
    while True:
        number = rng.integers(len(images))
        label = int(labels[number])
        side = {0: "lrtb", 8: "lr", 2: "t", 3: "tl", 4: "l", 5: "lt", 6: "t", 9: "l"}.get(label)
        if side:
            break
    large = cv2.resize(images[number], (LARGE, LARGE))
    kept = rng.choice(list(side))
    cut = int(rng.integers(24, 33))
    if kept == "l":
        large[:, cut:] = 0
    elif kept == "r":
        large[:, :cut] = 0
    elif kept == "t":
        large[cut:] = 0
    else:
        large[:cut] = 0
    return large


def sliced(images, labels, rng):
    """The outermost side of a digit, as it is left when a neighbour is cut off a little too far out."""
    while True:
        number = rng.integers(len(images))
        sides = SLICED.get(int(labels[number]))
        if sides:
            break
    picture = images[number]
    columns = np.flatnonzero((picture > 40).any(0))
    kept = max(3, round((columns[-1] - columns[0] + 1) * rng.uniform(0.25, 0.42)))
    left = rng.choice(list(sides)) == "l"
    part = (
        picture[:, columns[0] : columns[0] + kept]
        if left
        else picture[:, columns[-1] + 1 - kept : columns[-1] + 1]
    )
    large = np.zeros((LARGE, LARGE), np.uint8)
    part = cv2.resize(part, (part.shape[1] * 3 // 2, 42))
    large[7:49, 20 : 20 + part.shape[1]] = part
    return large


def ringed(images, labels, rng):
    """A digit in a ring, as people mark one among several."""
    large = np.zeros((LARGE, LARGE), np.uint8)
    size = int(rng.integers(24, 33))
    small = cv2.resize(images[rng.integers(len(images))], (size, size))
    start = (LARGE - size) // 2
    large[start : start + size, start : start + size] = small
    axes = tuple(int(value) for value in rng.integers(19, 26, 2))
    cv2.ellipse(
        large, (28, 28), axes, float(rng.uniform(0, 180)), 0, 360, 255, int(rng.integers(1, 4)), cv2.LINE_AA
    )
    return large


def spliced(images, labels, rng):
    """The left or upper half of one digit, and the other half of a mirrored one."""
    first, second = images[rng.integers(len(images), size=2)]
    picture = first.copy()
    if rng.random() < 0.5:
        picture[:, 14:] = second[:, ::-1][:, 14:]
    else:
        picture[14:] = second[:, ::-1][14:]
    return bent(cv2.resize(picture, (LARGE, LARGE)), rng)
