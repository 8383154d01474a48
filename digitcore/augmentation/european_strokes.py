"""Strokes that most of Europe writes and MNIST's Americans did not, added to training digits for `imitation`:
an upstroke and a foot on the 1, a flat top on the 3, a bar on the 7, a hook on the 9."""

from __future__ import annotations

import cv2
import numpy as np

DIGITS = (1, 3, 7, 9)


def add(picture: np.ndarray, label: int, rng: np.random.Generator) -> np.ndarray:
    """A copy of the digit with strokes added, or the digit itself if they do not fit.

    picture: (28, 28) uint8, 0 paper. label: one of DIGITS.
    """
    inked = picture > 60
    rows = np.flatnonzero(inked.any(1))
    if len(rows) < 10:
        return picture
    top, bottom = int(rows[0]), int(rows[-1])
    pen = min(max(round(_pen(inked) * rng.uniform(0.6, 1.1)), 1), 4)
    return _STROKES[label](picture.copy(), inked, top, bottom, pen, rng)


def _one(picture, inked, top, bottom, pen, rng):
    """An upstroke, a foot, or both; mostly the upstroke."""
    if rng.random() < 0.85:
        head = _middle(inked[top])
        reach = rng.uniform(3.0, 9.0)
        _stroke(picture, pen, (head, top), (max(head - reach, 1.0), top + reach * rng.uniform(0.5, 1.6)))
    if rng.random() < 0.4:
        foot, wide, tilt = _middle(inked[bottom]), rng.uniform(2.5, 9.0), rng.uniform(-1.0, 1.0)
        _stroke(
            picture, pen, (foot - wide * rng.uniform(0.6, 1.0), bottom + tilt), (foot + wide, bottom - tilt)
        )
    return picture


def _three(picture, inked, top, bottom, pen, rng):
    """The upper bow becomes a level and a slanted stroke, which meet the lower bow at the waist; often the
    lower bow is the larger one."""
    between = range(top + round(0.35 * (bottom - top)), top + round(0.6 * (bottom - top)))
    ends = {row: int(np.flatnonzero(inked[row])[-1]) for row in between if inked[row].any()}
    if not ends:
        return picture
    waist = min(ends, key=ends.get)
    columns = np.flatnonzero(inked.any(0))
    left, right = int(columns[0]), int(columns[-1])
    if rng.random() < 0.6:
        waist = _with_waist_at(picture, waist, top + round(rng.uniform(0.22, 0.4) * (bottom - top)), bottom)
        inked = picture > 60
    picture[:waist] = 0
    corner = right - rng.uniform(0.0, 4.0), top + rng.uniform(-1.0, 1.0)
    begin = left + rng.uniform(0.0, 0.4) * (right - left), top
    _stroke(picture, pen, begin, corner, (_middle(inked[waist]), waist + 0.5))
    if rng.random() < 0.3:  # the pen sets in below
        _stroke(picture, pen, begin, (begin[0] - rng.uniform(0.0, 2.0), top + rng.uniform(1.5, 4.0)))
    return picture


def _with_waist_at(picture: np.ndarray, waist: int, higher: int, bottom: int) -> int:
    """Stretch what is below the waist so that it begins at a higher row; returns the row of the waist."""
    if higher >= waist:
        return waist
    size = picture.shape[1], bottom + 1 - higher
    picture[higher : bottom + 1] = cv2.resize(
        picture[waist : bottom + 1], size, interpolation=cv2.INTER_LINEAR
    )
    return higher


def _seven(picture, inked, top, bottom, pen, rng):
    """A bar through the stem; sometimes a hook where the pen begins."""
    middle = round(top + (bottom - top) * rng.uniform(0.4, 0.65))
    if not inked[middle].any():
        return picture
    centre, wide, tilt = _middle(inked[middle]), rng.uniform(2.5, 6.0), rng.uniform(-1.5, 1.0)
    _stroke(picture, pen, (centre - wide, middle - tilt), (centre + wide, middle + tilt))
    if rng.random() < 0.35:
        left = int(np.flatnonzero(inked.any(0))[0])
        begin = int(np.flatnonzero(inked[:, left])[0])
        back = rng.uniform(-2.0, 1.0), rng.uniform(1.5, 4.5)
        _stroke(picture, pen, (left, begin), (left + back[0], begin + back[1] * rng.choice((-0.6, 1.0))))
    return picture


def _nine(picture, inked, top, bottom, pen, rng):
    """The stem ends in a hook to the left."""
    end, reach, depth = _middle(inked[bottom]), rng.uniform(4.0, 12.0), rng.uniform(0.5, 3.5)
    along = np.linspace(0, 1, 9)[:, None]
    points = np.array([(end, bottom), (end - reach * 0.35, bottom + 2 * depth), (end - reach, bottom)])
    points[2, 1] -= rng.uniform(-1.0, 5.0)
    curve = (1 - along) ** 2 * points[0] + 2 * along * (1 - along) * points[1] + along**2 * points[2]
    _stroke(picture, pen, *curve)
    return picture


_STROKES = {1: _one, 3: _three, 7: _seven, 9: _nine}


def _pen(inked: np.ndarray) -> float:
    """How thick the digit's own strokes are: twice its area over its rim, in pixels."""
    ink = inked.view(np.uint8)
    area = cv2.countNonZero(ink)
    rim = area - cv2.countNonZero(cv2.erode(ink, np.ones((3, 3), np.uint8)))
    return 2 * area / max(rim, 1)


def _middle(row: np.ndarray) -> float:
    return float(np.flatnonzero(row).mean())


def _stroke(picture: np.ndarray, pen: int, *points: tuple[float, float]) -> None:
    """A polyline through (x, y) points, with a precision of a sixteenth of a pixel."""
    fine = np.rint(np.array(points, np.float64) * 16).astype(np.int32)
    cv2.polylines(picture, [fine], False, 255, pen, cv2.LINE_AA, 4)
