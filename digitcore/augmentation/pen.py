"""A pen in an unsteady hand, guided along strokes that are given as points: digits, letters, signs.

    strokes   "0,1 .5,0 1,1 | ~.2,.6 .8,.6" -> two strokes; ~ smooths the curve, else corners are sharp
    line      a stroke -> the points that a steady pen goes along
    write     strokes -> a drawing of 56x56 pixels, different each time

Points are (right, down), in a box from 0 to 1. For `pen_digits`, `pen_letters` and `drawn_signs`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.preprocessing.normalisation import SIDE

LARGE = 2 * SIDE
"""The side of a drawing: half a pixel of a network's picture tells pens apart."""

TALL = 36.0
"""The height of the box in pixels of a drawing; pens and slants reach beyond it."""

THINNEST, THICKEST = 1.2, 8.5
"""The width of pens in pixels of a drawing; MNIST's are about 4 wide."""

_FINER = 2
"""Strokes are drawn this many times as large and then reduced, so that a pen can have any width."""


@dataclass(frozen=True)
class Stroke:
    """points: (k, 2) float, k >= 1; one point is a dot. smooth: a curve through them, not a polyline."""

    points: np.ndarray
    smooth: bool = False


def strokes(text: str) -> tuple[Stroke, ...]:
    """The strokes that a text describes."""
    made = []
    for part in text.split("|"):
        part = part.strip()
        numbers = [[float(value) for value in pair.split(",")] for pair in part.lstrip("~").split()]
        made.append(Stroke(np.array(numbers), part.startswith("~")))
    return tuple(made)


def ring(x: float, y: float, wide: float, tall: float, start: float = -1.6, turns: float = 1.0) -> Stroke:
    """An ellipse that begins at the angle `start`; with other `turns`, an arc or a coil."""
    angle = start + np.linspace(0, 2 * np.pi * turns, max(4, round(10 * abs(turns))))
    return Stroke(np.stack([x + wide * np.cos(angle), y + tall * np.sin(angle)], 1), True)


def line(stroke: Stroke) -> np.ndarray:
    """(n, 2) float: where a steady pen goes, straight from point to point, close enough for the eye."""
    return _round(stroke.points) if stroke.smooth and len(stroke.points) > 2 else stroke.points


def write(
    drawn: tuple[Stroke, ...],
    rng: np.random.Generator,
    wide: tuple[float, float] = (0.55, 1.05),
    turn: float = 12.0,
    unsteady: float = 0.035,
    pen: float | None = None,
) -> np.ndarray:
    """The strokes in another hand and with another pen, (56, 56) uint8, 0 paper.

    wide: the limits of the box's width, as a share of its height. turn: degrees, either way. unsteady: how
    far points stray, as a share of the box. pen: its width, as a share of the box's height; None for any.
    """
    stray = abs(rng.normal(0, unsteady))
    turned, slant = np.deg2rad(rng.uniform(-turn, turn)), rng.normal(0, 0.15)
    cos, sin = np.cos(turned), np.sin(turned)
    size = np.array([[rng.uniform(*wide), slant], [0, 1]]) * TALL
    placing = np.array([[cos, -sin], [sin, cos]]) @ size
    bend, phase = rng.normal(0, 0.03, 2), rng.uniform(0, 6.3, 2)
    width = np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST))) if pen is None else pen * TALL
    canvas = np.zeros((LARGE * _FINER, LARGE * _FINER), np.uint8)
    for stroke in drawn:
        points = stroke.points + rng.normal(0, stray + 1e-9, stroke.points.shape)
        points += rng.normal(0, stray + 1e-9, 2) * 0.5  # the whole stroke is a little out of place
        points = _round(points) if stroke.smooth and len(points) > 2 else _finely(points)
        points = points + bend * np.sin(3 * points[:, ::-1] + phase)
        at = (placing @ (points - 0.5).T).T + LARGE / 2
        fixed = np.rint(at * _FINER * 16).astype(np.int32)
        if len(fixed) == 1:
            x, y = (int(value) for value in fixed[0])
            radius = round(width * _FINER * 16 * rng.uniform(0.5, 0.9))
            cv2.circle(canvas, (x, y), max(16, radius), 255, -1, cv2.LINE_AA, 4)
        else:
            cv2.polylines(canvas, [fixed], False, 255, max(1, round(width * _FINER)), cv2.LINE_AA, 4)
    return cv2.resize(canvas, (LARGE, LARGE), interpolation=cv2.INTER_AREA)


def _round(knots: np.ndarray) -> np.ndarray:
    """A smooth line through points (n, 2): a Catmull-Rom spline, 8 points per piece."""
    knots = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    before, start, end, after = (knots[i : len(knots) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 8, endpoint=False)[None, :, None]
    bent = 2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2
    bent = (bent + (3 * start - before - 3 * end + after) * t**3) / 2
    return np.concatenate([bent.reshape(-1, 2), knots[-2:-1]])


def _finely(points: np.ndarray) -> np.ndarray:
    """Points along straight lines, close enough together to be bent with the paper."""
    if len(points) == 1:
        return points
    along = np.linspace(0, len(points) - 1, 6 * (len(points) - 1) + 1)
    return np.stack([np.interp(along, np.arange(len(points)), points[:, k]) for k in (0, 1)], 1)
