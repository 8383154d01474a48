"""Marks with no meaning, or with a meaning other than a digit's, for `negatives`: printed letters, scribbles,
tangles, geometrical shapes."""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation.imitation import LARGE, bent

LETTERS = "ABCDEFGHJKLMNPQRTUVWXY" * 2 + "acdefhkmnprtuvwxy&#@?%+=<>"
"""Without those that some people write like a digit: I l i 1, O o 0, Z z 2, S s $ 5, b 6, q g 9, j."""

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)


def letter(rng):
    """A letter or sign, thin to very thick, upright, slanted or turned a little; sometimes two of them."""
    canvas = np.zeros((LARGE, LARGE), np.uint8)
    text = "".join(rng.choice(list(LETTERS), 1 if rng.random() < 0.9 else 2))
    font = int(rng.choice(_FONTS))
    thick = int(rng.integers(1, 9))
    (width, height), _ = cv2.getTextSize(text, font, 1.0, thick)
    scale = rng.uniform(26, 38) / max(width, height)
    (width, height), base = cv2.getTextSize(text, font, scale, thick)
    at = (LARGE - width) // 2, (LARGE + height) // 2 - base // 4
    cv2.putText(canvas, text, at, font, scale, 255, thick, cv2.LINE_AA)
    return bent(canvas, rng)


def scribble(rng):
    """One to five meaningless strokes: bent, straight, looped."""
    canvas = np.zeros((LARGE, LARGE), np.uint8)
    pen = int(rng.integers(1, 8))
    for _ in range(int(rng.integers(2, 6))):
        _stroke(canvas, rng, pen, int(rng.integers(2, 6)))
    return canvas


def tangle(rng):
    """One long stroke that crosses itself many times."""
    canvas = np.zeros((LARGE, LARGE), np.uint8)
    _stroke(canvas, rng, int(rng.integers(1, 5)), int(rng.integers(7, 16)))
    return canvas


def shape(rng):
    """A polygon, star, cross, arrow, dash, dot or group of dots, outlined or filled."""
    canvas = np.zeros((LARGE, LARGE), np.uint8)
    kind, pen = rng.integers(6), int(rng.integers(1, 7))
    if kind <= 1:  # 3 to 6 corners, or a star
        corners = int(rng.integers(3, 7)) * (2 if kind else 1)
        radius = np.where(np.arange(corners) % 2 == 1, rng.uniform(0.3, 0.6), 1.0) if kind else 1.0
        angle = np.arange(corners) * 2 * np.pi / corners + rng.uniform(0, 6.3)
        points = 28 + 19 * np.stack([np.cos(angle), np.sin(angle)], 1) * np.reshape(radius, (-1, 1))
        points = np.rint(points * rng.uniform(0.75, 1.1, 2)).astype(np.int32)
        if rng.random() < 0.4:
            cv2.fillPoly(canvas, [points], 255, cv2.LINE_AA)
        else:
            cv2.polylines(canvas, [points], True, 255, pen, cv2.LINE_AA)
    elif kind == 2:  # lines that cross: plus, times, grid
        lines = int(rng.integers(1, 4))
        turned = rng.uniform(0, 90)
        for at in np.linspace(14, 42, lines) if lines > 1 else [28]:
            cv2.line(canvas, (10, round(at)), (46, round(at)), 255, pen, cv2.LINE_AA)
            cv2.line(canvas, (round(at), 10), (round(at), 46), 255, pen, cv2.LINE_AA)
        canvas = cv2.warpAffine(canvas, cv2.getRotationMatrix2D((28, 28), turned, 1), (LARGE, LARGE))
    elif kind == 3:  # one or two dashes, level or nearly so (an upright one would be a 1)
        for at in (28,) if rng.random() < 0.6 else (22, 34):
            tilt = int(rng.integers(-7, 8))
            cv2.line(canvas, (8, at - tilt), (48, at + tilt), 255, pen, cv2.LINE_AA)
    elif kind == 4:  # dots
        for _ in range(int(rng.integers(1, 9))):
            x, y = (int(v) for v in rng.integers(8, 48, 2))
            cv2.circle(canvas, (x, y), int(rng.integers(2, 8)), 255, -1, cv2.LINE_AA)
    else:  # a filled patch
        axes = tuple(int(v) for v in rng.integers(8, 22, 2))
        cv2.ellipse(canvas, (28, 28), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    return canvas


def _stroke(canvas, rng, pen, knots):
    points = rng.uniform(8, 48, (knots, 2))
    along = np.linspace(0, knots - 1, 8 * knots)
    if rng.random() < 0.7:  # rounded corners
        points = np.stack([np.interp(along, np.arange(knots), points[:, k]) for k in (0, 1)], 1)
        points = cv2.blur(points.astype(np.float64), (1, 7), borderType=cv2.BORDER_REPLICATE)
    cv2.polylines(canvas, [np.rint(points * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)
