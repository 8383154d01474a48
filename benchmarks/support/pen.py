"""Drawings by a pen: digits in two styles, pairs of them, and things that are not digits (see `glyphs`).

For measuring only; what networks learn from is separate code on purpose (`digitcore.augmentation`).
Everything is made from a name and a seeded generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from benchmarks.support.glyphs import LETTERS, SIGNS, Stroke, arc
from benchmarks.support.scripts import FOREIGN
from digitcore.preprocessing.levels import scaled

SMOOTH = 8
"""Points for each piece of a stroke's curve."""


@dataclass(frozen=True)
class Hand:
    """How somebody writes. slant: columns for each row. width: against height. wobble: of the points. pen:
    its width as a share of the height."""

    slant: float
    width: float
    wobble: float
    pen: float

    @classmethod
    def of(cls, rng: np.random.Generator) -> Hand:
        return cls(
            rng.normal(0.08, 0.1), rng.uniform(0.85, 1.15), rng.uniform(0.005, 0.02), rng.uniform(0.06, 0.13)
        )


def strokes(glyph: tuple[Stroke, ...], hand: Hand, rng: np.random.Generator) -> list[np.ndarray]:
    """A glyph as a hand writes it this time: smooth lines (n, 2) in heights of the glyph."""
    turn = np.radians(rng.normal(0, 2))
    move = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    slant = np.array([[hand.width, -hand.slant], [0, 1]])
    # Points that meet before the hand wobbles also meet afterwards.
    wobble: dict[tuple[float, float], np.ndarray] = {}
    found = []
    for stroke in glyph:
        points = [
            np.array(p) + wobble.setdefault((round(p[0], 2), round(p[1], 2)), rng.normal(0, hand.wobble, 2))
            for p in stroke
        ]
        found.append((smooth(np.array(points)) - (0.3, 0.5)) @ (slant.T @ move.T) + (0.3, 0.5))
    return found


def smooth(points: np.ndarray) -> np.ndarray:
    """A smooth line through points (n, 2): Catmull and Rom's spline."""
    if len(points) < 3:
        return points
    knots = np.vstack([points[:1], points, points[-1:]])
    before, start, end, after = (knots[i : len(knots) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, SMOOTH, endpoint=False)[None, :, None]
    bent = (
        2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    ) / 2  # fmt: skip
    return np.vstack([bent.reshape(-1, 2), points[-1:]])


def inked(lines: list[np.ndarray], height: float, pen: float, margin: int = 0) -> np.ndarray:
    """Lines in heights of a glyph, drawn `height` pixels high by a pen of that width (a share of the height):
    (h, w) float32 from 0 to 1, cut to the ink and `margin` pixels around it."""
    every = np.vstack(lines) * height
    wide = max(1, round(pen * height))
    low = np.floor(every.min(0)) - wide - margin
    size = np.ceil(every.max(0)) + wide + margin + 1 - low
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    for line in lines:
        points = np.rint((line * height - low) * 16).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, wide, cv2.LINE_AA, 4)
    x, y, w, h = cv2.boundingRect(canvas)
    part = scaled(canvas[y : y + h, x : x + w])
    return np.pad(part, margin)


def pair(first: str, second: str, gap: float, hand: Hand, style, height: float, rng) -> np.ndarray:
    """Two digits side by side, `gap` widths of the narrower one apart (negative: one over the other): (h, w)
    uint8, dark on light with a margin."""
    one, other = (inked(strokes(style[name], hand, rng), height, hand.pen) for name in (first, second))
    apart = round(gap * min(one.shape[1], other.shape[1]))
    width = one.shape[1] + apart + other.shape[1]
    tall = max(len(one), len(other)) + round(0.1 * height)
    canvas = np.zeros((tall, width), np.float32)
    for part, left in ((one, 0), (other, one.shape[1] + apart)):
        top = int(rng.integers(0, tall - len(part) + 1))
        area = canvas[top : top + len(part), left : left + part.shape[1]]
        np.maximum(area, part, out=area)
    return np.uint8(255 * (1 - np.pad(canvas, round(0.4 * height))))


def digit(name: str, hand: Hand, style, rng: np.random.Generator, side: int = 280) -> np.ndarray:
    """One digit alone on a drawing, (side, side) uint8, dark on light."""
    height = side * rng.uniform(0.4, 0.75)
    return _in_the_middle(inked(strokes(style[name], hand, rng), height, hand.pen), side)


def _in_the_middle(ink: np.ndarray, side: int) -> np.ndarray:
    canvas = np.zeros((side, side), np.float32)
    h, w = (min(side, n) for n in ink.shape)
    top, left = (side - h) // 2, (side - w) // 2
    canvas[top : top + h, left : left + w] = ink[:h, :w]
    return np.uint8(255 * (1 - canvas))


def none(kind: str, rng: np.random.Generator, side: int = 280) -> np.ndarray:
    """A drawing of something that is not a digit, one of NONE: (side, side) uint8, dark on light."""
    return _drawn(NONE[kind], rng, side)


def foreign(name: str, rng: np.random.Generator, side: int = 280) -> np.ndarray:
    """A sign of another script, one of `scripts.FOREIGN`: (side, side) uint8, dark on light."""
    return _drawn(lambda _: FOREIGN[name], rng, side)


def _drawn(glyph, rng, side):
    """What `glyph(rng)` returns, drawn by any hand."""
    hand = Hand.of(rng)
    height = side * rng.uniform(0.35, 0.7)
    return _in_the_middle(inked(strokes(glyph(rng), hand, rng), height, hand.pen), side)


def _smiley(rng):
    face = arc(0.3, 0.5, 0.5, 0.5, 0, 362, 16)
    eyes = [[(x, 0.36), (x + 0.01, 0.4)] for x in (0.14, 0.46)]
    mouth = arc(0.3, 0.55, 0.26, rng.uniform(0.1, 0.28), 10, 170)
    return (face, *eyes, mouth)


def _stick_man(rng):
    arm = rng.uniform(-0.15, 0.15)
    return (
        arc(0.3, 0.14, 0.13, 0.14, -90, 275),
        [(0.3, 0.28), (0.3, 0.66)],
        [(0.04, 0.42 + arm), (0.3, 0.4), (0.56, 0.42 - arm)],
        [(0.3, 0.66), (0.1, 1.0)],
        [(0.3, 0.66), (0.5, 1.0)],
    )


def _heart(rng):
    left = [(0.3, 0.24), (0.18, 0.02), (-0.08, 0.08), (-0.12, 0.36), (0.06, 0.68), (0.3, 1.0)]
    return (left, [(0.6 - x, y) for x, y in left])


def _question(rng):
    return (
        [(0.04, 0.22), (0.16, 0.02), (0.42, 0.04), (0.46, 0.26), (0.28, 0.44), (0.25, 0.7)],
        [(0.25, 0.94), (0.26, 0.96)],
    )


def _scribble(rng):
    return ([tuple(p) for p in rng.uniform(0, 1, (int(rng.integers(10, 24)), 2))],)


def _polygon(rng):
    corners = int(rng.integers(3, 5))  # more of them would make a 0
    angles = rng.uniform(0, 360) + np.linspace(0, 360, corners, endpoint=False)
    points = [(0.5 + 0.5 * float(np.cos(a)), 0.5 + 0.5 * float(np.sin(a))) for a in np.radians(angles)]
    return tuple([a, b] for a, b in zip(points, points[1:] + points[:1], strict=True))


def _star(rng):
    angles = np.radians(-90 + 144 * np.arange(6))
    points = [(0.5 + 0.5 * float(np.cos(a)), 0.5 + 0.5 * float(np.sin(a))) for a in angles]
    return tuple([a, b] for a, b in pairwise(points))


def _filled_circle(rng):
    inner = [arc(0.3, 0.5, 0.24, 0.24, 0, 362), [(0.14, 0.5), (0.46, 0.5)], [(0.3, 0.34), (0.3, 0.66)]]
    return (arc(0.3, 0.5, 0.5, 0.5, 0, 362, 16), *inner[: int(rng.integers(1, 4))])


def _one_of(glyphs):
    return lambda rng: glyphs[list(glyphs)[rng.integers(len(glyphs))]]


def _bar(rng):
    return ([(0.0, 0.5), (rng.uniform(0.5, 1.2), 0.5 + rng.uniform(-0.08, 0.08))],)


def _arrow(rng):
    return ([(0.0, 0.5), (1.0, 0.5)], [(0.7, 0.25), (1.0, 0.5)], [(0.7, 0.75), (1.0, 0.5)])


NONE = {
    "bars": _bar,
    "equals": lambda rng: SIGNS["="],
    "plus": lambda rng: SIGNS["+"],
    "crosses": lambda rng: LETTERS["X"],
    "question marks": _question,
    "smileys": _smiley,
    "hearts": _heart,
    "stick men": _stick_man,
    "letters": _one_of(LETTERS),
    "scribbles": _scribble,
    "polygons": _polygon,
    "stars": _star,
    "circles with something in them": _filled_circle,
    "arrows": _arrow,
}
"""Drawings of things that are not digits. A tick is not among them, because a handwritten 1 or 7 may look
like one."""
