"""Solid things that a camera takes for ink, for `negatives`: garments, patches, and their textures.

Garments, shoes and bags of the usual cuts are drawn in `clothes`.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation import clothes
from digitcore.augmentation.imitation import LARGE


def garment(rng):
    """A silhouette of any outline, mostly symmetric and upright, filled with a tone or a pattern."""
    knots = int(rng.integers(3, 9))
    down = np.linspace(7, 49, knots)
    wide = rng.uniform(3, 22, knots)
    if rng.random() < 0.6:
        wide = cv2.blur(wide[:, None], (1, 3)).ravel()
    skew = rng.uniform(-8, 8, knots) if rng.random() < 0.2 else np.zeros(knots)
    mask = clothes.between(28 - wide + skew, 28 + wide + skew, down)
    if rng.random() < 0.2:
        mask = np.ascontiguousarray(np.rot90(mask))
    return (mask * _texture(rng)).astype(np.uint8)


def clothing(rng):
    """A garment, a shoe or a bag."""
    return (255 * clothes.draw(rng) * _texture(rng)).astype(np.uint8)


def patch(rng):
    """A texture seen through a box or a disc, or filling everything."""
    mask = np.zeros((LARGE, LARGE), np.uint8)
    kind = rng.integers(3)
    if kind == 0:
        cv2.rectangle(mask, (10, 10), tuple(int(v) for v in rng.integers(36, 47, 2)), 255, -1)
    elif kind == 1:
        cv2.circle(mask, (28, 28), int(rng.integers(10, 22)), 255, -1)
    else:
        mask[:] = 255
    texture = _texture(rng)
    if rng.random() < 0.5:
        texture = (texture >= np.median(texture)).astype(np.float32)
    return (mask * texture).astype(np.uint8)


def _texture(rng):
    """(56, 56) float32, 0 to 1: even, graded, striped, checked or cloudy."""
    y, x = np.mgrid[0:LARGE, 0:LARGE].astype(np.float32) / LARGE
    kind = rng.integers(5)
    if kind == 0:
        texture = np.full_like(x, rng.uniform(0.5, 1))
    elif kind == 1:
        texture = rng.uniform(0, 1) * x + rng.uniform(0, 1) * y + rng.uniform(0, 0.5)
    elif kind == 2:
        angle, waves = rng.uniform(0, np.pi), rng.uniform(2, 12)
        texture = 0.5 + 0.5 * np.sin(2 * np.pi * waves * (x * np.cos(angle) + y * np.sin(angle)))
    elif kind == 3:
        waves = rng.uniform(2, 8, 2)
        texture = 0.5 + 0.5 * np.sign(np.sin(6.3 * waves[0] * x) * np.sin(6.3 * waves[1] * y))
    else:
        size = int(rng.integers(3, 20))
        texture = cv2.resize(rng.random((size, size)).astype(np.float32), (LARGE, LARGE))
    return np.clip(texture, 0, 1).astype(np.float32)
