"""Ink -> its photograph: paper, light, what lies around the paper, the place of the camera.

photograph    ink, what happens, and a seeded generator -> (h, w, 3) uint8 RGB
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.preprocessing.levels import scaled

EQUAL = (
    ((40, 110, 60), (200, 30, 30)),
    ((120, 120, 120), (200, 60, 200)),
    ((70, 90, 200), (50, 125, 50)),
    ((230, 140, 60), (120, 175, 120)),
    ((60, 130, 130), (190, 60, 120)),
)
"""Pairs of colours, ground and ink, that look almost the same in grey."""


def photograph(ink: np.ndarray, events: frozenset[str], rng: np.random.Generator) -> np.ndarray:
    """A photograph of the ink.

    ink: (h, w) float32, 0 to 1. events: some of "light" (shadow, gradient), "table edge", "fingers", "holes",
    "print through", "glare", "slant", "perspective", "sideways", "on a table", "board" (chalk, in a frame),
    "colour" (ink as bright as its ground), "no margin" (nothing may move).
    """
    height, width = ink.shape
    ground = np.full(3, rng.uniform(195, 250)) * rng.uniform(0.95, 1.0, 3)
    colour = np.full(3, rng.uniform(15, 80)) if rng.random() < 0.7 else np.array((30, 40, 150.0))
    if "colour" in events:
        pair = EQUAL[rng.integers(len(EQUAL))]
        ground, colour = (
            np.array(pair[0], float),
            _as_bright(np.array(pair[1], float), np.array(pair[0], float)),
        )
    if "board" in events:
        ground, colour = np.array((35, 60, 45.0)) * rng.uniform(0.8, 1.3), np.full(3, rng.uniform(190, 250))
    paper = np.broadcast_to(ground, (height, width, 3)).copy()
    if "print through" in events:
        behind = cv2.GaussianBlur(_print(ink.shape, rng), (0, 0), 1.2)
        paper *= 1 - rng.uniform(0.06, 0.16) * behind[..., None]
    picture = paper + ink[..., None] * (colour - paper)
    if "holes" in events:
        for share in (0.25, 0.75):
            at = round(0.03 * width), round((share + rng.normal(0, 0.02)) * height)
            cv2.circle(picture, at, round(0.012 * max(height, width)), (50.0, 45.0, 40.0), -1, cv2.LINE_AA)
    if events & {"slant", "perspective"}:
        picture = _seen_from(picture, ground, rng, 0.01 if "slant" in events else 0.05)
    if "table edge" in events:
        picture = _ends(picture, rng)
    if "on a table" in events:
        picture = _on_a_table(picture, rng)
    if "board" in events:
        thick = round(rng.uniform(0.04, 0.1) * max(height, width))
        frame = tuple(float(v) for v in rng.uniform(5, 30, 3)) if rng.random() < 0.6 else (150.0, 110.0, 60.0)
        picture = cv2.copyMakeBorder(picture, *[thick] * 4, cv2.BORDER_CONSTANT, value=frame)
    if "fingers" in events:
        _thumb(picture, rng)
    if "light" in events:
        picture = picture * _light(picture.shape[:2], rng)[..., None]
    if "glare" in events:
        picture = _glare(picture, ink, rng)
    if "no margin" not in events:
        unit = max(picture.shape) / 1000
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9) * max(1.0, unit))
        picture = picture + rng.normal(0, rng.uniform(0.5, 4), picture.shape)
    if "sideways" in events:
        picture = np.rot90(picture, int(rng.choice([1, 3])))
    return np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))


def _as_bright(colour, as_this):
    """A colour scaled to within a few grey levels of the brightness of another."""
    luma = np.array((0.299, 0.587, 0.114))
    return np.clip(colour * (as_this @ luma) / (colour @ luma), 0, 255)


def _print(shape, rng):
    height, width = shape
    page = np.zeros(shape, np.uint8)
    size = 0.4
    for top in range(30, height, 26):
        text = "".join(rng.choice(list("abcdefg hijklm nopqrstu"), width // 8))
        cv2.putText(page, text, (10, top), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 1, cv2.LINE_AA)
    return scaled(np.ascontiguousarray(page[:, ::-1]))


def _seen_from(picture, ground, rng, much):
    """The page seen from a place that is not straight above it."""
    height, width = picture.shape[:2]
    corners = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
    moved = corners + np.float32(rng.normal(0, much, (4, 2)) * (width, height))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-3, 3), 0.92)
    moved = np.float32(moved @ turn[:, :2].T + turn[:, 2])
    return cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(corners, moved),
        (width, height),
        borderValue=tuple(map(float, ground)),
    )


def _ends(picture, rng):
    """The paper ends inside the picture on one or two sides, a little askew, and the table begins there."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    level = rng.uniform(15, 110)
    for side in rng.permutation(4)[: rng.integers(1, 3)]:
        edge, along = ((across, down), (1 - across, down), (down, across), (1 - down, across))[side]
        out = edge < rng.uniform(0.015, 0.05) + rng.normal(0, 0.015) * (along - 0.5)
        picture[out] = level + rng.normal(0, 4)
    return picture


def _on_a_table(picture, rng):
    height, width = picture.shape[:2]
    more = [round(rng.uniform(0.1, 0.4) * max(height, width)) for _ in range(4)]
    level = rng.uniform(20, 150)
    return cv2.copyMakeBorder(picture, *more, cv2.BORDER_CONSTANT, value=(level, level * 0.95, level * 0.9))


def _thumb(picture, rng):
    height, width = picture.shape[:2]
    size = 0.05 * max(height, width)
    for _ in range(int(rng.integers(1, 3))):
        at = (0 if rng.random() < 0.5 else width, round(rng.uniform(0.85, 0.97) * height))
        axes = round(size * rng.uniform(0.6, 1.0)), round(size * 0.6)
        cv2.ellipse(picture, at, axes, 0, 0, 360, (150.0, 105.0, 85.0), -1, cv2.LINE_AA)


def _light(shape, rng):
    height, width = shape
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    slope = across * np.cos(angle) + down * np.sin(angle)
    light = 1 - rng.uniform(0.1, 0.3) * (slope + 1) / 2
    if rng.random() < 0.4:
        light *= 1 - rng.uniform(0.2, 0.4) / (
            1 + np.exp(-(slope - rng.uniform(-0.5, 0.5)) / rng.uniform(0.02, 0.1))
        )
    return light


def _glare(picture, ink, rng):
    """The reflection of a lamp on the paper, beside the ink."""
    height, width = picture.shape[:2]
    room = max(height, round(0.8 * width))
    picture = cv2.copyMakeBorder(picture, 0, room, 0, 0, cv2.BORDER_REPLICATE) * rng.uniform(0.75, 0.9)
    across, down = np.meshgrid(np.arange(width), np.arange(height + room))
    x, y = rng.uniform(0.2, 0.8) * width, height + 0.5 * room
    near = np.hypot((across - x) / (0.3 * width), (down - y) / (0.25 * room))
    lamp = np.clip(1.6 - near, 0, 1)[..., None]
    return picture + lamp * (255 - picture)
