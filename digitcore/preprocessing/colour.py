"""A colour picture whose ink is as bright as its ground -> a grey picture in which the ink stands out.

    hides        whether there is ink that the picture's colours show and its brightness does not
    set_apart    a grey picture of how far each pixel's colour is from the colour of the ground

Red chalk on a green board, yellow on white, magenta on grey: a grey picture keeps only luma, in which ink and
ground are almost the same.
"""

from __future__ import annotations

import cv2
import numpy as np

LOOKED_AT = 160
"""Long side, in pixels, of the copy whose colours are examined."""

COLOURLESS = 24
"""Grey levels between the strongest and the weakest channel: up to this, the picture is grey paper in yellow
light."""

APART, HARDLY = 48, 0.4
"""Hidden ink differs from its ground by more than APART levels in some channel, and in brightness by less
than HARDLY of that difference; a blue pen's ink on paper differs in brightness by 0.9 of it. Chosen by hand,
on "equal brightness" of `benchmarks.pages` and on the development sets, where no photograph of pen on paper
may count."""

LEAST, WIDEST = 0.002, 0.25
"""Share of the picture: the least area of hidden ink. Share of its long side: the greatest width of hidden
ink; anything wider is a coloured area, such as a marker's or a table."""

GROUND = 0.35
"""Share of the long side: the width of the window around a pixel in which most of what lies there is
ground."""


def hides(colours: np.ndarray) -> bool:
    """Whether a picture has ink that a grey copy would not show.

    colours: (h, w, 3) uint8, the whole picture at some size whose long side is LOOKED_AT or more.
    """
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
    """(h, w, 3) uint8 -> (h, w) uint8: 255 for the ground's colour, and darker the farther a colour is from
    it."""
    ground = _ground(smaller(colours, LOOKED_AT))
    ground = cv2.resize(ground, colours.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.bitwise_not(_farthest(colours, ground))


def _farthest(colours: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """(h, w) uint8: the largest difference in any channel."""
    red, green, blue = cv2.split(cv2.absdiff(colours, ground))
    return cv2.max(cv2.max(red, green), blue)


def smaller(colours: np.ndarray, side: int) -> np.ndarray:
    """A copy of colours (h, w, 3) uint8 whose long side is at most `side`, by area averaging."""
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
