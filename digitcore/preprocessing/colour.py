"""A colour picture whose ink is as bright as its ground -> a grey one in which it stands out.

    hides        whether there is ink that a picture's brightness does not show, and its colours do
    set_apart    a grey picture of how far each pixel's colour lies from the ground's

Red chalk on a green board, yellow on white, magenta on grey: all that a grey picture keeps is luma, in which
they are next to nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

LOOKED_AT = 160
"""Long side, in pixels, of the copy on which colours are looked at."""

COLOURLESS = 24
"""Between the strongest and the weakest channel: less is grey paper in yellow light."""

APART, HARDLY = 48, 0.4
"""Ink that is hidden differs from its ground by so many levels in some channel, and in brightness by less
than this share of it; a blue pen's ink on paper differs by 0.9. By hand, on `benchmarks.pages` ("equal
brightness") and on the development sets, none of whose photographs of pen on paper may count."""

LEAST, WIDEST = 0.002, 0.25
"""Of the picture: the least area of hidden ink; and of its long side: the widest, beyond which it is a
coloured field (a marker's, a table)."""

GROUND = 0.35
"""Of the long side: the width around a pixel in which most of what is there is ground."""


def hides(colours: np.ndarray) -> bool:
    """colours: (h, w, 3) uint8, the whole picture at some size from LOOKED_AT up."""
    small = smaller(colours, LOOKED_AT)
    red, green, blue = cv2.split(small)
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    if cv2.minMaxLoc(cv2.subtract(most, least))[1] <= COLOURLESS:
        return False
    ground = _ground(small)
    apart = _farthest(small, ground)
    light = cv2.absdiff(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.cvtColor(ground, cv2.COLOR_RGB2GRAY))
    hidden = ((apart > APART) & (light < HARDLY * apart)).view(np.uint8)
    count = cv2.countNonZero(hidden)
    if count < max(4, LEAST * hidden.size):
        return False
    padded = cv2.copyMakeBorder(hidden, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return 2 * cv2.distanceTransform(padded, cv2.DIST_L2, 3).max() <= max(4, WIDEST * max(hidden.shape))


def set_apart(colours: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 -> (h, w) uint8: 255 for the ground's colour, darker the farther from it."""
    ground = _ground(smaller(colours, LOOKED_AT))
    ground = cv2.resize(ground, colours.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.bitwise_not(_farthest(colours, ground))


def _farthest(colours: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """(h, w) uint8: the largest difference in any channel."""
    red, green, blue = cv2.split(cv2.absdiff(colours, ground))
    return cv2.max(cv2.max(red, green), blue)


def smaller(colours: np.ndarray, side: int) -> np.ndarray:
    """A copy whose long side is at most `side`, by area averaging."""
    scale = side / max(colours.shape[:2])
    if scale >= 1:
        return colours
    size = max(1, round(colours.shape[1] * scale)), max(1, round(colours.shape[0] * scale))
    return cv2.resize(colours, size, interpolation=cv2.INTER_AREA)


def _ground(small: np.ndarray) -> np.ndarray:
    """The colour of the ground at each pixel, (h, w, 3) uint8: the median around it."""
    width = round(GROUND * max(small.shape[:2])) | 1
    if width < 9:
        return np.broadcast_to(np.median(small, (0, 1)).astype(np.uint8), small.shape).copy()
    pad = width // 2
    around = cv2.copyMakeBorder(small, pad, pad, pad, pad, cv2.BORDER_REFLECT)
    return np.ascontiguousarray(cv2.medianBlur(around, width)[pad:-pad, pad:-pad])
