"""Pictures of nothing, made here: what people draw, tap and photograph that is not a digit.

For measuring whether such a picture is refused (`benchmarks.not_a_digit`). What networks learn from is
`digitcore.augmentation.negatives`, which is separate code on purpose. Everything is made from a kind and a
seeded generator.
"""

import cv2
import numpy as np

from benchmarks.support import papers

SIDE = 280
"""Of a drawing, in pixels, as on the Draw page."""

EMPTY_PAPERS = ("plain", "noise", "gradient", "shadow", "ruled", "squared", "cell", "specks", "board", "jpeg")
"""Kinds of `papers.photograph` on which there is something, but no digit."""

BLANK = np.zeros((28, 28), np.uint8)


def draw(kind, rng):
    """A grey picture of one of KINDS: (h, w) uint8, dark on light except for some of the papers."""
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    return KINDS[kind](rng)


def _scribble(rng):
    """One long line to and fro that crosses itself many times."""
    return _line(_curve(rng.uniform(40, 240, (int(rng.integers(12, 30)), 2))), rng)


def _zigzag(rng):
    teeth = int(rng.integers(6, 13))
    across = np.linspace(30, 250, teeth)
    down = 140 + rng.uniform(30, 90) * (-1) ** np.arange(teeth) + rng.normal(0, 8, teeth)
    points = np.stack([across, down], 1)
    return _line(points if rng.random() < 0.5 else points[:, ::-1], rng)


def _wave(rng):
    along = np.linspace(0, 1, 120)
    turns = rng.uniform(2.5, 6)
    down = 140 + rng.uniform(20, 60) * np.sin(2 * np.pi * turns * along + rng.uniform(0, 6.3))
    return _line(np.stack([30 + 220 * along, down], 1), rng)


def _dots(rng):
    """One to eight dots, as slipped taps leave them."""
    paper = _paper()
    radius = rng.uniform(4, 16)
    for _ in range(int(rng.integers(1, 9))):
        at = tuple(int(value) for value in rng.integers(30, 250, 2))
        cv2.circle(paper, at, max(2, round(radius * rng.uniform(0.7, 1.3))), 0, -1, cv2.LINE_AA)
    return paper


def _dash(rng):
    """A lying stroke, at most 25 degrees from level: an upright one would be a 1."""
    middle, angle = rng.uniform(110, 170, 2), np.deg2rad(rng.uniform(-25, 25))
    half = rng.uniform(25, 100) * np.array([np.cos(angle), np.sin(angle)])
    return _line(np.stack([middle - half, middle + half]), rng)


def _shape(rng):
    """A triangle, a square, a star with five or six points, or a cross, in outline or filled. Circles are
    left out, because they are noughts."""
    corners = int(rng.choice([3, 4, 10, 12, 0]))
    turn = rng.uniform(0, 2 * np.pi)
    if not corners:
        arms = turn + np.array([0, np.pi / 2]) + rng.normal(0, 0.1, 2)
        ends = 90 * np.stack([np.cos(arms), np.sin(arms)], 1)
        paper, pen = _paper(), _pen(rng)
        for end in ends:
            cv2.polylines(paper, [_fixed(np.stack([140 - end, 140 + end]))], False, 0, pen, cv2.LINE_AA, 4)
        return paper
    angles = turn + 2 * np.pi * np.arange(corners) / corners
    radius = np.where(np.arange(corners) % 2, 1 if corners < 10 else rng.uniform(0.35, 0.6), 1)
    points = 140 + rng.uniform(50, 105) * radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    if rng.random() < 0.3:
        paper = _paper()
        cv2.fillPoly(paper, [_fixed(points)], 0, cv2.LINE_AA, 4)
        return paper
    return _line(np.vstack([points, points[:1]]), rng)


def _empty_paper(rng):
    """A photograph of ruled, squared or shaded paper on which nothing is written."""
    shot = papers.photograph(BLANK, EMPTY_PAPERS[rng.integers(len(EMPTY_PAPERS))], rng)
    return cv2.cvtColor(shot, cv2.COLOR_RGB2GRAY)


KINDS = {
    "scribbles": _scribble,
    "zigzags": _zigzag,
    "waves": _wave,
    "dots": _dots,
    "dashes": _dash,
    "shapes": _shape,
    "empty papers": _empty_paper,
}


def _paper():
    return np.full((SIDE, SIDE), 255, np.uint8)


def _pen(rng):
    return int(rng.integers(6, 22))


def _curve(knots):
    """A smooth line through points (n, 2): Catmull and Rom's spline, 8 points for each piece."""
    before, start, end, after = (knots[i : len(knots) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 8, endpoint=False)[None, :, None]
    bent = (2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2) / 2
    return (bent + (3 * start - before - 3 * end + after) * t**3 / 2).reshape(-1, 2)


def _line(points, rng):
    """Points (n, 2), right and down, joined by a pen."""
    paper = _paper()
    cv2.polylines(paper, [_fixed(points)], False, 0, _pen(rng), cv2.LINE_AA, 4)
    return paper


def _fixed(points):
    """Points in sixteenths of a pixel, as OpenCV takes them."""
    return np.rint(points * 16).astype(np.int32)
