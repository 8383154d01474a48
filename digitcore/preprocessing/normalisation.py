"""A picture's ink -> the 28x28 picture of its one digit that the networks know.

    locate     Ink -> Located: the strokes of the digit and their box
    normalise  that box -> MNIST's own format
    read       a grey picture, all the way

MNIST's format, as its authors describe it (http://yann.lecun.com/exdb/mnist/): ink bright on dark, the digit
scaled to fit a 20x20 box with its proportions kept, placed in 28x28 with its centre of mass in the middle.
Canvas, file, photograph and training set all pass through here, and nothing here knows where a picture comes
from.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.errors import BlankError
from digitcore.preprocessing import strokes
from digitcore.preprocessing.digit_box import BOX, Box, short_of_foot, tight
from digitcore.preprocessing.ink import Ink, InkMap, opened, strengths
from digitcore.preprocessing.levels import scaled
from digitcore.preprocessing.paper import halved

ENOUGH = 60
"""Pixels of a digit's long side from which the quick map is enough: three times the 20 to which it is scaled.
Chosen by hand: with less, the misses of `python -m benchmarks.pipeline FOLDER` rise; with more, a drawing
takes twice the time (`benchmarks.bytes_to_answer`)."""

SIDE = 28
CENTRE = 14
"""Pixel index of the centre of mass: 14.00 ± 0.50 in each of MNIST's 60,000 digits, which were moved by whole
pixels."""

THINNEST, PEN = 1.3, 1.7
"""In pixels of the 20x20 box: strokes thinner than THINNEST are widened to PEN; MNIST's are 2 to 3 wide.
Chosen by hand, on paper "thin pen" of `benchmarks.pipeline`, column "no wider pen"."""

WIDEST_NIB = 40
"""The most pixels by which strokes are widened: a digit that needs more is reduced first."""

LEAVABLE = ("ink", "box", "scale", "centre")
"""The steps that can be left out, to see what they are worth (see `read`)."""


@dataclass(frozen=True)
class Located:
    """The digit of a picture.

    grey: (h, w) uint8, the picture at the size of the map in which the digit was found; scale: that size /
    the size given. ink: (h, w) float32, 0 paper to 1 ink, without what does not belong to the digit.
    polarity: "dark-on-light" or "light-on-dark". box: (x, y, w, h) of the digit, in pixels of `grey`.
    """

    grey: np.ndarray
    ink: np.ndarray
    polarity: str
    box: Box
    scale: float

    def box_in_picture(self) -> Box:
        """(x, y, w, h) of the digit in pixels of the picture that came in."""
        return tuple(round(value / self.scale) for value in self.box)


@dataclass(frozen=True)
class Steps:
    """From a box to the picture. scaled: with a long side of 20, unless scaling is left out. picture: (28,
    28). Both float32, 0 to 1."""

    scaled: np.ndarray
    picture: np.ndarray


@dataclass(frozen=True)
class Reading:
    """One digit made ready. located: what was found, changed by the steps that `without` names as left out.
    scaled, picture: as in Steps. whole: the same found with every step."""

    located: Located
    scaled: np.ndarray
    picture: np.ndarray
    without: tuple[str, ...]
    whole: Located

    @property
    def box(self) -> Box:
        return self.located.box


def read(
    grey: np.ndarray, polarity: str = "auto", without: tuple[str, ...] = (), symbol: bool = False
) -> Reading:
    """The one digit in a grey picture (h, w) uint8, made into the picture that a network reads.

    polarity: as for `ink.opened`. without: names of LEAVABLE steps. Without "ink" the grey levels stay as
    they came (ground, shadows and all, and never inverted); without "box" the whole picture counts as the
    digit; without "scale" it is stretched to 28x28, whatever its proportions; without "centre" the middle of
    the box goes to the middle, not that of the ink. symbol: the picture holds nothing but one symbol, whose
    strokes may be far apart.
    Raises BlankError where there is no digit, whatever is left out.
    """
    return reading_of(opened(grey, polarity), without, symbol)


def reading_of(ink: Ink, without: tuple[str, ...] = (), symbol: bool = False) -> Reading:
    """As `read`, for a picture that has been opened."""
    _check(without)
    return made_ready(locate(ink, symbol), without)


def made_ready(whole: Located, without: tuple[str, ...] = ()) -> Reading:
    """As `read`, for a digit that has been located."""
    _check(without)
    located = whole
    if "ink" in without:
        located = replace(located, ink=scaled(located.grey))
    if "box" in without:
        height, width = located.grey.shape
        located = replace(located, box=(0, 0, width, height))
    steps = normalise(located.ink, located.box, without)
    return Reading(located, steps.scaled, steps.picture, tuple(without), whole)


def _check(without: tuple[str, ...]) -> None:
    if unknown := set(without) - set(LEAVABLE):
        raise ValueError(f"without: expected some of {', '.join(LEAVABLE)}, got {', '.join(sorted(unknown))}")


def locate(ink: Ink, symbol: bool = False) -> Located:
    """Find the strokes and the box of the one digit, or symbol.

    Raises BlankError, with its own sentence for each, where the picture is empty, holds only a dot or is all
    ink.
    """
    if not ink.is_small:
        with contextlib.suppress(BlankError):
            located = _located(ink.quick, ink.polarity, symbol)
            if max(located.box[2:]) >= ENOUGH:
                return located
    return _located(ink.full, ink.polarity, symbol)


def _located(inks: InkMap, polarity: str, symbol: bool) -> Located:
    mask, box = strokes.digit(inks, strokes.ANYWHERE if symbol else strokes.NEAR)
    strokes.refuse(mask, box, inks)
    x, y, w, h = box
    part = slice(y, y + h), slice(x, x + w)
    inked = np.zeros(mask.shape, np.float32)
    inked[part] = strengths(inks.above[part], inks.levels, mask[part]) * mask[part]
    return Located(inks.grey, inked, polarity, short_of_foot(inked, tight(inked, box)), inks.scale)


def normalise(ink: np.ndarray, box: Box, without: tuple[str, ...] = ()) -> Steps:
    """A box of ink -> MNIST's format.

    ink: (h, w) float32, 0 to 1. box: (x, y, w, h) in its pixels. without: as for `read`.
    """
    x, y, w, h = box
    cropped = ink[y : y + h, x : x + w]
    if "scale" in without:
        scaled = _resized(cropped, (SIDE, SIDE))
        return Steps(scaled, scaled)
    scale = BOX / max(w, h)
    scaled = _resized(_by_a_wider_pen(cropped), (max(1, round(w * scale)), max(1, round(h * scale))))
    if "centre" in without:
        top, left = ((SIDE - side) // 2 for side in scaled.shape)
    else:
        top, left = _centred(scaled)
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return Steps(scaled, picture)


def _by_a_wider_pen(cropped: np.ndarray) -> np.ndarray:
    """The same strokes (h, w) float32, widened where the pen was so thin that in 20x20 they would be paler
    and thinner than any of MNIST's."""
    size = max(cropped.shape)
    if size < 2 * BOX:
        return cropped
    inside = (cropped > 0.5).view(np.uint8)
    area = int(cv2.countNonZero(inside))
    rim = area - int(cv2.countNonZero(cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)))
    width = 2 * area / max(rim, 1)
    if width * BOX >= THINNEST * size:
        return cropped
    more = round(PEN * size / BOX - width) + 1
    if more > WIDEST_NIB:  # slow in proportion to its area, and 20 pixels do not show the difference
        factor = min(-(-more // WIDEST_NIB), *cropped.shape)
        cropped, more = halved(cropped, factor), round(more / factor)
    return cv2.dilate(cropped, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (more, more)))


def _resized(cropped: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A copy (h, w) float32 of that size (width, height), by averaging where it shrinks."""
    if size == cropped.shape[::-1]:
        return cropped.copy()
    shrinks = max(size) < max(cropped.shape)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.clip(cv2.resize(cropped, size, interpolation=method), 0, 1)


def _centred(scaled: np.ndarray) -> tuple[int, int]:
    """(top, left) in 28x28, in whole pixels, for ink (h, w) float32: its centre of mass on pixel 14, but
    nothing over the edge."""
    height, width = scaled.shape
    total = max(float(scaled.sum()), 1e-6)
    down = float(scaled.sum(1) @ np.arange(height)) / total
    right = float(scaled.sum(0) @ np.arange(width)) / total
    top = min(max(round(CENTRE - down), 0), SIDE - height)
    left = min(max(round(CENTRE - right), 0), SIDE - width)
    return top, left
