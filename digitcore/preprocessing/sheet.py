"""A sheet that lies on a table, or a board within its frame -> the sheet alone.

    alone    grey picture -> the part of it that is the sheet, and where that lies

What lies around a sheet would decide the picture's polarity, and its edge would look like strokes.

The numbers were chosen by hand; `python -m benchmarks.pages` and `python -m
benchmarks.as_read FOLDER` show what a change is worth.
"""

from __future__ import annotations

import cv2
import numpy as np

LOOKED_AT = 160
"""Long side of the copy in which a sheet is searched for."""

GLANCE, DIFFERENT = 40, 16
"""Samples along the long side for a first look, and the grey levels by which a sheet differs from what is at
the picture's rim."""

AROUND = 0.6
"""Share of the picture's rim that must be table."""

LEAST, MOST = 0.06, 0.95
"""Share of the picture: the least and the greatest area of a sheet."""

RECTANGULAR = 0.84
"""Share of the smallest (turned) rectangle around it that a sheet fills. A disc, and the outline of a nought,
fill 0.79."""

DRAWN = 2**18
"""Pixels: the largest picture in which outlines are looked at first, as a drawing on a canvas has."""

HARDLY = 0.76
"""As RECTANGULAR, with room for how a smaller copy changes an outline: where no outline fills so much of its
rectangle, none is a sheet's. Chosen by hand: noughts lie above, and are looked at again."""

INKED = (0.001, 0.4)
"""Share of a sheet's inside that is the ink of its writing, at least and at most."""

SHARP = 0.6
"""Share of the difference between sheet and table: the least step at the sheet's edge."""

AROUND_EDGE = 0.15
"""Share of the picture's short side: the size of the window, around a place beside the sheet, whose paper
sets the level there."""

TABLE = 0.3
"""Share of the picture's rim that is darker than a sheet's shade, where a shadow lies on the sheet."""

LOST = 0.02
"""Share of the lit part of a sheet that may lie outside the whole sheet with its shade."""

EDGE = 0.03
"""Share of the sheet's short side: this much of its rim is taken for its edge and left out."""


def alone(grey: np.ndarray) -> tuple[np.ndarray, int, int]:
    """(the sheet, its left, its top): the picture cut to the sheet, filled up with the level of the sheet
    where its box is larger than the sheet. The picture itself, 0 and 0 where there is no sheet in it.

    grey: (h, w) uint8.
    """
    every = max(1, max(grey.shape) // GLANCE)
    some = grey[::every, ::every]
    rim = np.concatenate((some[0], some[-1], some[:, 0], some[:, -1]))
    level = int(np.partition(rim, rim.size // 2)[rim.size // 2])
    if cv2.countNonZero(cv2.compare(cv2.absdiff(some, level), DIFFERENT, cv2.CMP_GT)) < LEAST * some.size:
        return grey, 0, 0
    if _is_drawn_alone(grey):
        return grey, 0, 0
    scale = LOOKED_AT / max(grey.shape)
    small = grey
    if scale < 1:
        size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if min(small.shape) < 24:
        return grey, 0, 0
    rim = np.concatenate((small[0], small[-1], small[:, 0], small[:, -1]))
    level, light = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    share = float((rim > level).mean())
    for sheet, around in ((light, 1 - share), (1 - light, share)):
        if around >= AROUND and (filled := _sheet(sheet)) is not None and _is_sharp(small, sheet, filled):
            if sheet is light and (whole := _with_its_shade(small, level, filled)) is not None:
                filled = whole
            return _cut_out(grey, small, _inside(filled))
    return grey, 0, 0


def _with_its_shade(small: np.ndarray, level: float, filled: np.ndarray) -> np.ndarray | None:
    """The sheet, (h, w) uint8, with the part of it on which a shadow lies: between a dark table and lit paper
    there may be shaded paper, which one threshold counts as table. None where what is between is not part
    of the sheet.

    small: (h, w) uint8. level: the threshold by which `filled`, of its shape, was found.
    """
    dark = small[small <= level]
    lower, _ = cv2.threshold(dark, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = (small > lower).view(np.uint8)
    rim = np.concatenate((light[0], light[-1], light[:, 0], light[:, -1]))
    whole = _outlined(light, 1.0) if rim.mean() <= 1 - TABLE else None
    if whole is None or not _is_sharp(small, light, whole):
        return None
    lost = cv2.countNonZero(cv2.compare(filled, whole, cv2.CMP_GT))
    return whole if lost <= LOST * cv2.countNonZero(filled) else None


def _is_drawn_alone(grey: np.ndarray) -> bool:
    """Whether all that a picture (h, w) uint8 shows lies on one even level, and nothing in it is nearly
    rectangular: a drawing, in which no sheet needs to be searched for."""
    if grey.size > DRAWN:
        return False
    level = int(grey[0, 0])
    if any(
        int(side.min()) != level or int(side.max()) != level for side in (*grey[[0, -1]], *grey.T[[0, -1]])
    ):
        return False
    middle, mask = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if level > middle:
        mask = 1 - mask
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        (_, (a, b), _) = cv2.minAreaRect(outline)
        if a * b >= LEAST * grey.size and cv2.contourArea(outline) >= HARDLY * a * b:
            return False
    return True


def _sheet(mask: np.ndarray) -> np.ndarray | None:
    """(h, w) uint8, 1 on the sheet that the largest piece of a mask is; None where that is not a sheet, or
    nothing is written on it."""
    filled = _outlined(mask, MOST)
    if filled is None:
        return None
    inked = 1 - cv2.mean(mask, _inside(filled))[0]
    return filled if INKED[0] <= inked <= INKED[1] else None


def _outlined(mask: np.ndarray, most: float) -> np.ndarray | None:
    """(h, w) uint8, 1 within the outline of the largest piece of a mask; None where that fills less than
    LEAST or more than `most` of the picture, or is not nearly a rectangle."""
    if cv2.countNonZero(mask) < LEAST * mask.size:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    main = 1 + int(np.argmax(stats[1:, 4]))
    if not LEAST * mask.size <= stats[main, 4] <= most * mask.size:
        return None
    own = (labels == main).view(np.uint8)
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    (_, (a, b), _) = cv2.minAreaRect(outline)
    if min(a, b) < 12 or cv2.contourArea(outline) < RECTANGULAR * a * b:
        return None
    filled = np.zeros_like(own)
    cv2.drawContours(filled, [outline], -1, 1, -1)
    return filled


def _inside(filled: np.ndarray) -> np.ndarray:
    """The sheet without its edge, (h, w) uint8, 1 on the sheet."""
    edge = max(1, round(EDGE * min(cv2.boundingRect(filled)[2:])))
    return cv2.erode(filled, np.ones((2 * edge + 1,) * 2, np.uint8), borderValue=0)


def _is_sharp(small: np.ndarray, sheet: np.ndarray, filled: np.ndarray) -> bool:
    """Whether the sheet's edge is a step, unlike that of a shadow or of lamplight.

    small: (h, w) uint8. sheet, filled: of its shape, 1 on the sheet, with and without the holes that its
    writing leaves.
    """
    near = np.ones((5, 5), np.uint8)
    inner = (filled > 0) & (cv2.erode(filled, near, borderValue=0) == 0)
    outer = (filled == 0) & (cv2.dilate(filled, near) > 0)
    step = abs(float(np.median(small[inner])) - float(np.median(small[outer])))
    whole = abs(float(small[sheet > 0].mean()) - float(small[sheet == 0].mean()))
    return step >= SHARP * whole


def _cut_out(grey: np.ndarray, small: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, int, int]:
    """What `alone` returns. small: a copy of `grey` (h, w) uint8. inside: of the shape of `small`, uint8, 1
    on the sheet."""
    x, y, w, h = cv2.boundingRect(inside)
    across, down = grey.shape[1] / small.shape[1], grey.shape[0] / small.shape[0]
    left, top = round(x * across), round(y * down)
    right, bottom = round((x + w) * across), round((y + h) * down)
    part = grey[top:bottom, left:right]
    mask = cv2.resize(inside[y : y + h, x : x + w], part.shape[::-1], interpolation=cv2.INTER_NEAREST)
    if mask.all():
        return np.ascontiguousarray(part), left, top
    # The sheet's level, with the shade that lies on it there, continues beside it.
    width = round(AROUND_EDGE * min(small.shape)) | 1
    paper = cv2.medianBlur(small, 5).astype(np.float32)
    share = cv2.blur(inside.astype(np.float32), (width, width))
    level = cv2.blur(paper * inside, (width, width)) / np.maximum(share, 1e-3)
    level = np.where(share > 1e-3, level, np.median(small[inside > 0]))[y : y + h, x : x + w]
    level = cv2.resize(level.clip(0, 255).astype(np.uint8), part.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(mask > 0, part, level), left, top
