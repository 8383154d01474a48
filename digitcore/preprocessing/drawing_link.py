"""A drawing as a short text for the part of an address after "#", which browsers send to no server.

`18.280.280_70.60.200.60.120.230`: the pen, the paper's width and height, and after each "_" the points of a
stroke.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.errors import ImageError
from digitcore.preprocessing import drawing

LONGEST = 16_000
"""Characters: more than any drawing of a number takes, and fewer than messengers cut off at."""

NEAR = 0.6
"""Pixels by which a stroke may differ from the one that was drawn: less than a thirtieth of the usual pen."""

_FORM = re.compile(
    r"[0-9]{1,3}\.[0-9]{1,4}\.[0-9]{1,4}(_-?[0-9]{1,5}\.-?[0-9]{1,5}(\.-?[0-9]{1,5}\.-?[0-9]{1,5})*)+"
)


@dataclass(frozen=True)
class Drawing:
    """Strokes as `drawing.rendered` takes them, in pixels of a paper of width x height."""

    strokes: list[list[tuple[float, float]]]
    pen: float = drawing.PEN
    width: int = drawing.SIDE
    height: int = drawing.SIDE


def text(drawn: Drawing) -> str:
    """The drawing as text, without points that a stroke does not need (Douglas and Peucker 1973).

    Raises ImageError for what is not a drawing, or is too long for an address.
    """
    drawing.check(drawn.strokes, drawn.pen, drawn.width, drawn.height)
    parts = [(round(drawn.pen), drawn.width, drawn.height), *map(_few, drawn.strokes)]
    told = "_".join(".".join(map(str, part)) for part in parts)
    if len(told) > LONGEST:
        raise ImageError("This drawing has more strokes than a link can carry; save the picture instead.")
    return told


def read(told: str) -> Drawing:
    """The inverse of `text`. Raises ImageError for any other text."""
    if len(told) > LONGEST or not _FORM.fullmatch(told):
        raise ImageError(
            "The drawing in this link cannot be read, it is cut off or changed: ask for it again."
        )
    (pen, width, height), *strokes = [[int(number) for number in part.split(".")] for part in told.split("_")]
    points = [list(zip(stroke[::2], stroke[1::2], strict=True)) for stroke in strokes]
    drawing.check(points, pen, width, height)
    return Drawing(points, pen, width, height)


def _few(stroke: Sequence[tuple[float, float]]) -> list[int]:
    points = np.array(stroke, np.float32)
    fewer = cv2.approxPolyDP(points[:, np.newaxis], NEAR, False)[:, 0] if len(points) > 2 else points
    return np.rint(fewer).astype(int).ravel().tolist()
