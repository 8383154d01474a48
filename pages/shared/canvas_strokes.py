"""The canvas's strokes as points, and points as its strokes: Fabric's paths, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from digitcore.errors import ImageError
from digitcore.preprocessing.drawing import PEN, Stroke
from pages.shared.canvas import INK
from pages.shared.language import _

_CURVE = 4  # straight pieces that a curve becomes: its ends lie a few pixels apart


def points(objects: list[dict[str, Any]]) -> tuple[list[list[tuple[float, float]]], float]:
    """The strokes of a canvas, as `drawing.rendered` takes them, and the width of the last one's pen.

    Raises ImageError where a browser has sent something else than paths.
    """
    try:
        pen = float(objects[-1]["strokeWidth"]) if objects else PEN
        return [_points(each["path"]) for each in objects], pen
    except (LookupError, TypeError, ValueError) as error:
        raise ImageError(
            _("The canvas holds something else than strokes; press Clear and draw again.")
        ) from error


def objects(strokes: list[Stroke], pen: float, scale: float = 1.0) -> list[dict[str, Any]]:
    """What the canvas loads to show these strokes, `scale` times as large."""
    return [_object(np.array(stroke, float) * scale, pen * scale) for stroke in strokes]


def _points(path: list[list[Any]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for command, *numbers in path:
        end = np.array(numbers[-2:], float)
        if command == "Q":
            start, bend = np.array(found[-1]), np.array(numbers[:2], float)
            for t in np.arange(1, _CURVE) / _CURVE:
                found.append(tuple((1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t * t * end))
        elif command not in ("M", "L"):
            raise ValueError(f"a path of {command!r}")
        found.append(tuple(end))
    return [(float(x), float(y)) for x, y in found]


def _object(corners: np.ndarray, pen: float) -> dict[str, Any]:
    if len(corners) == 1:
        corners = np.add(corners, [[-0.02, 0], [0.02, 0]])  # as Fabric makes a dot
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    commands = [["M" if place == 0 else "L", *corner] for place, corner in enumerate(corners.tolist())]
    return {
        "type": "Path",
        "originX": "center",
        "originY": "center",
        "left": (left + right) / 2,
        "top": (top + bottom) / 2,
        "width": right - left,
        "height": bottom - top,
        "fill": None,
        "stroke": INK,
        "strokeWidth": pen,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "path": commands,
    }
