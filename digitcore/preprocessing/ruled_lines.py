"""Lines that were on the paper before the digit: ruled and squared paper, borders of a form's cell.

They are found by projection: seen along its own direction, a line is ink from one side of the picture to the
other.

The numbers were chosen by hand on papers "ruled", "squared", "cell", "form" and "fragments" of `python -m
benchmarks.pipeline`, whose column "no lines out" shows what the step is worth, and on the development sets.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from digitcore.preprocessing.paper import Levels

SMALL_SIDE = 160
ANGLES = np.deg2rad(np.arange(-5, 5.01, 0.5))
"""Paper is photographed a little askew; lines that are more askew are left alone."""

COVERED = 0.8
"""Share of the picture's width (height) that is ink along a line; a line also reaches both sides."""

THICKEST = 0.04
"""Share of the picture's long side: what is thicker is a stroke."""


FAINTER, ABOVE = 0.8, 0.88
"""Shares of the contrast: a line up to the first strength is fainter than the strokes, which are stronger
than the second where they cross it or run along it, as the bar of a 4 does. By hand, on kind "struck" of
`python -m benchmarks.pages`."""


BESIDE = 3
"""Pixels from a line at which a stroke that crosses it, or runs along it, has ink. By hand, as FAINTER: the
lines of a frame (kind "framed") have none."""


def without_lines(above: np.ndarray, levels: Levels) -> np.ndarray:
    """The ink without lines that run across the whole picture, nearly level or nearly upright.

    above: (h, w) float32, grey levels above the paper, and their Levels. Where a line crossed strokes, the
    gap is bridged. Returns (h, w) float32, `above` itself where there is no line.
    """
    for upright in (False, True):
        if not _may_have_lines(above.T if upright else above, levels):
            continue
        turned = np.ascontiguousarray(above.T) if upright else above
        cleaned = _without_level_lines(turned, levels)
        if cleaned is not turned:
            above = np.ascontiguousarray(cleaned.T) if upright else cleaned
    return above


def _may_have_lines(above: np.ndarray, levels: Levels) -> bool:
    """Whether there is ink at both ends of nearly level lines of above (h, w) float32."""
    if min(above.shape) < 24:
        return False
    side = int(np.ceil(4 * _factor(above.shape)))  # more than the two columns of samples that are needed
    least = levels.paper + _faint(levels)
    return bool(above[:, :side].max() >= least and above[:, -side:].max() >= least)


def _factor(shape: tuple[int, int]) -> float:
    """By how much a picture is reduced in which lines are searched for."""
    return max(1.0, max(shape) / SMALL_SIDE)


def _faint(levels: Levels) -> float:
    """Grey levels above the paper from which ink may be a line's."""
    return max(0.1 * levels.contrast, 4 * levels.noise)


def _without_level_lines(above: np.ndarray, levels: Levels) -> np.ndarray:
    """As `without_lines`, for nearly level lines only; above: (h, w) float32."""
    contrast = levels.contrast
    faint = _faint(levels)
    mask = np.zeros(above.shape, np.uint8)
    crossed = np.zeros_like(mask)
    thickest = 0
    width = above.shape[1]
    for row, slope in _lines(above, levels.paper, faint):
        strength, offset, thickness = _across(above, row, slope, levels.paper)
        if strength < faint / 2 or thickness > max(2, THICKEST * max(above.shape)):
            continue
        middle = row + offset
        ends = (0, round(middle - slope * width / 2)), (width, round(middle + slope * width / 2))
        line = np.zeros_like(mask)
        cv2.line(line, *ends, 1, thickness + 2)
        if strength < 0.5 * contrast:  # strokes that cross so faint a line are told by their strength
            line[above > levels.paper + max(1.6 * strength, 0.25 * contrast)] = 0
            crossed |= line
        elif strength < FAINTER * contrast:
            line[_strokes(above, line, levels)] = 0
        else:
            crossed |= line
        mask |= line
        thickest = max(thickest, thickness + 2)
    if not thickest:
        return above
    rest = np.where(mask, np.float32(levels.paper), above)
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((2 * thickest + 1, 1), np.uint8))
    return np.where(crossed, bridged, rest)


def _strokes(above: np.ndarray, line: np.ndarray, levels: Levels) -> np.ndarray:
    """(h, w) bool: the ink in a line (h, w) uint8 that is stronger than the line and goes on beside it."""
    strong = ((above > levels.paper + ABOVE * levels.contrast) & (line > 0)).view(np.uint8)
    # The line itself, a little askew, reaches no farther than BESIDE out of where it was found.
    band = cv2.dilate(line, np.ones((2 * BESIDE + 1,) * 2, np.uint8))
    beside = ((above > levels.paper + levels.contrast / 2) & (band == 0)).view(np.uint8)
    near = cv2.dilate(beside, np.ones((4 * BESIDE + 1,) * 2, np.uint8)) & strong
    count, labels = cv2.connectedComponents(strong, connectivity=8)
    goes_on = np.zeros(count, bool)
    goes_on[labels[near > 0]] = True
    goes_on[0] = False
    return goes_on[labels]


def _lines(above: np.ndarray, paper: float, faint: float) -> Iterator[tuple[float, float]]:
    """(row in the middle, slope) of each nearly level line, in pixels of `above` (h, w) float32."""
    height, width = above.shape
    factor = _factor(above.shape)
    some = np.clip((above - paper) * np.float32(255 / faint), 0, 255).astype(np.uint8)
    step = int(np.ceil(factor))
    some = cv2.dilate(some, np.ones((step, step), np.uint8))  # a hairline must not fall between the samples
    size = max(1, round(width / factor)), max(1, round(height / factor))
    small = cv2.resize(some, size, interpolation=cv2.INTER_NEAREST)
    if small[:, :2].max() < 255 or small[:, -2:].max() < 255:
        return  # no ink at one of the sides
    end = max(2, round(0.05 * size[0]))
    small = (small == 255).view(np.uint8)
    middle = (size[0] - 1) / 2
    profiles = []
    for slope in np.tan(ANGLES):
        shear = np.float32([[1, 0, 0], [slope, 1, -slope * middle]])
        levelled = cv2.warpAffine(small, shear, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        profile = levelled.mean(1)
        ends = levelled[:, :end], levelled[:, -end:]
        to_the_side = levelled[:, :2].any(1) & levelled[:, -2:].any(1)
        reaches = to_the_side & (ends[0].mean(1) > 0.5) & (ends[1].mean(1) > 0.5)
        profile[cv2.dilate(reaches.view(np.uint8), np.ones((3, 1), np.uint8)).ravel() == 0] = 0
        profiles.append(profile)
    profiles = np.array(profiles, np.float32)
    stands_out = profiles - cv2.erode(profiles, np.ones((1, 2 * round(THICKEST * SMALL_SIDE) + 5)))
    best = profiles.max(0)
    strong = (best >= COVERED) & (stands_out.max(0) >= 0.35)
    while strong.any():
        row = int(np.argmax(np.where(strong, best, 0)))
        strong[max(0, row - 3) : row + 4] = False
        yield (row + 0.5) * factor, float(np.tan(ANGLES[np.argmax(profiles[:, row])]))


def _across(above: np.ndarray, row: float, slope: float, paper: float) -> tuple[float, float, int]:
    """Strength, offset from `row` and thickness of a line in `above` (h, w) float32, from the median of its
    cross-sections."""
    height, width = above.shape
    reach = round(1.5 * THICKEST * max(height, width)) + 3
    first = max(0, round(row) - reach)
    rows = min(height, round(row) + reach + 1) - first
    shear = np.float32([[1, 0, 0], [slope, 1, first - slope * width / 2]])
    strip = cv2.warpAffine(
        above,
        shear,
        (width, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    profile = np.median(strip, axis=1) - paper
    near = np.abs(np.arange(rows) + first - row) <= 2 + max(height, width) / SMALL_SIDE
    peak = int(np.argmax(np.where(near, profile, -np.inf)))
    inside = profile >= 0.25 * profile[peak]
    start, stop = peak, peak
    while start > 0 and inside[start - 1]:
        start -= 1
    while stop < rows - 1 and inside[stop + 1]:
        stop += 1
    return float(profile[peak]), first + (start + stop) / 2 - row, stop - start + 1
