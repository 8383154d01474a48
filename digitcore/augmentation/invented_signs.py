"""Signs of scripts that nobody writes, for `negatives`: by seeing ever new ones a network learns what makes
a digit, not a list of what is none.

Real letters are put together like this: a few strokes, each a line, a corner, a hook, a bow, a loop or a
wave, and each begun where another begins, ends or turns, or beside it (Lake, Salakhutdinov & Tenenbaum,
"Human-level concept learning through probabilistic program induction", Science 2015). One stroke alone is
often a digit, and so is a line or a corner with one line, so these are not drawn.
"""

from __future__ import annotations

import numpy as np

from digitcore.augmentation import pen
from digitcore.augmentation.pen import Stroke

STROKES = {1: 0.1, 2: 0.28, 3: 0.4, 4: 0.22}
"""How many strokes a sign has, with the share of such signs. Chosen, not fitted."""

PENS = 0.033, 0.17
"""The width of pens as a share of a sign's height: with a thicker one it would be a blot."""

_TURN = np.pi / 4
"""Pens mostly go level, upright or aslant."""


def draw(rng: np.random.Generator) -> np.ndarray:
    """A sign, (56, 56) uint8, 0 paper."""
    count = int(rng.choice(list(STROKES), p=list(STROKES.values())))
    while True:
        drawn = [_long(rng)] if count == 1 else _sign(count, rng)
        corners = np.concatenate([stroke.points for stroke in drawn])
        low, size = corners.min(0), np.ptp(corners, axis=0)
        if min(size) > 0.3 * max(size):
            break
    fitted = tuple(Stroke((stroke.points - low) / size, stroke.smooth) for stroke in drawn)
    return pen.write(fitted, rng, (0.5, 1.2), pen=np.exp(rng.uniform(*np.log(PENS))))


def _sign(count, rng) -> list[Stroke]:
    drawn = []
    # Of two strokes, one at least is more than a line or a corner.
    kinds = [_SHAPES[rng.integers(len(_SHAPES))] for _ in range(count)]
    if count == 2 and not set(kinds) & set(_RICH):
        kinds[0] = _RICH[rng.integers(len(_RICH))]
    for kind in kinds:
        stroke = kind(rng)
        drawn.append(Stroke(stroke.points + _place(drawn, rng), stroke.smooth))
    return drawn


def _place(drawn, rng) -> np.ndarray:
    """Where the next stroke begins: on one of those drawn already, or beside it."""
    if not drawn:
        return np.zeros(2)
    points = drawn[rng.integers(len(drawn))].points
    at = points[rng.choice((0, -1, len(points) // 2))]
    return at if rng.random() < 0.65 else at + rng.normal(0, 0.45, 2)


def _towards(turn) -> np.ndarray:
    return np.array([np.cos(turn), np.sin(turn)])


def _path(rng, corners, smooth, turns) -> Stroke:
    """A stroke of so many parts; turns: the least and the most that it turns between two, in eighths."""
    turn = rng.integers(8) * _TURN + rng.normal(0, 0.15)
    points = [np.zeros(2)]
    side = rng.choice((-1, 1))
    for _ in range(corners):
        points.append(points[-1] + rng.uniform(0.35, 1.0) * _towards(turn))
        turn += side * rng.uniform(*turns) * _TURN
        if turns[0] < 0:
            side = -side
    return Stroke(np.array(points), smooth)


def _line(rng) -> Stroke:
    return _path(rng, 1, False, (0, 0))


def _corner(rng) -> Stroke:
    return _path(rng, 2, False, (1.5, 3))


def _bow(rng) -> Stroke:
    return _path(rng, 3, True, (0.7, 1.7))


def _hook(rng) -> Stroke:
    stroke = _path(rng, 1, False, (0, 0))
    end = stroke.points[-1]
    along = end / (np.linalg.norm(end) + 1e-9)
    across = np.array([-along[1], along[0]]) * rng.choice((-1, 1))
    size = rng.uniform(0.12, 0.3)
    back = [end + size * (across - 0.2 * along), end + size * (across - along)]
    return Stroke(np.array([np.zeros(2), end * 0.6, end, *back]), True)


def _loop(rng) -> Stroke:
    wide, tall = rng.uniform(0.15, 0.4, 2)
    return pen.ring(0, 0, wide, tall, rng.uniform(-3, 3), rng.uniform(0.75, 1.1))


def _wave(rng) -> Stroke:
    return _path(rng, int(rng.integers(3, 5)), bool(rng.random() < 0.6), (-3, -1.5))


def _box(rng) -> Stroke:
    return _path(rng, 3, False, (1.8, 2.2))


def _long(rng) -> Stroke:
    """One stroke with so many turns that it is no digit."""
    if rng.random() < 0.4:
        return _path(rng, int(rng.integers(5, 8)), bool(rng.random() < 0.6), (-3.2, -2))
    points = np.cumsum(rng.uniform(-1, 1, (int(rng.integers(6, 9)), 2)), 0)
    return Stroke(points, bool(rng.random() < 0.6))


_RICH = _bow, _hook, _loop, _wave, _box
_SHAPES = _line, _line, _corner, *_RICH
