"""Silhouettes of garments, shoes and bags, drawn by code: solid things that a camera takes for ink.

For `negatives`. Every size and proportion is random within what people wear; nothing comes from a data set.
Each is a mask of 56x56 pixels, 0 outside and up to 1 inside, with darker seams and folds.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.preprocessing.levels import scaled

SIDE = 56


def draw(rng: np.random.Generator) -> np.ndarray:
    """One item, (56, 56) float32, 0 to 1, about 42 pixels high or wide."""
    mask = scaled(_THINGS[rng.choice(len(_THINGS), p=_SHARES)](rng))
    for _ in range(int(rng.integers(0, 4))):  # seams, folds, buttons, a print
        level = float(rng.uniform(0.2, 0.9))
        x, y = (int(v) for v in rng.integers(14, 42, 2))
        shade = np.ones_like(mask)
        kind = rng.integers(4)
        if kind == 0:
            cv2.line(shade, (x, 4), (x + int(rng.integers(-4, 5)), 52), level, int(rng.integers(1, 4)))
        elif kind == 1:
            cv2.line(shade, (4, y), (52, y), level, int(rng.integers(1, 6)))
        elif kind == 2:
            cv2.circle(shade, (x, y), int(rng.integers(1, 8)), level, -1)
        else:  # lit from one side
            shade[:] = np.linspace(level, 1, SIDE)[:: int(rng.choice((-1, 1)))]
        mask *= shade
    if rng.random() < 0.3:  # a paler inside, so that mostly the edges are seen
        inside = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=int(rng.integers(1, 4))) > 0
        mask[inside] *= float(rng.uniform(0.3, 0.9))
    return mask


def between(left, right, down) -> np.ndarray:
    """The area between two edges, given by their x (k,) at the heights `down` (k,); (56, 56) uint8."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    edge = np.concatenate([np.stack([left, down], 1), np.stack([right, down], 1)[::-1]])
    cv2.fillPoly(mask, [np.rint(edge * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
    return mask


def _trousers(rng):
    hip, hem = rng.uniform(5, 10), rng.uniform(2.5, 6)
    spread = rng.uniform(0.5, 6)  # between the legs, at the hems
    crotch = rng.uniform(14, 26)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for side in (-1, 1):
        outer = np.array([hip * rng.uniform(0.7, 1), hip, spread + 2 * hem])
        inner = np.array([0, rng.uniform(0, 0.8), spread * rng.uniform(0.1, 1)])
        down = np.array([7, crotch, 49])
        mask |= between(28 + side * inner, 28 + side * outer, down)
    return mask


def _top(rng):
    """Shirt, pullover, coat or dress: a trunk with sleeves of any length, or none."""
    chest, length = rng.uniform(7, 14), rng.uniform(26, 42)
    top = 28 - length / 2
    waist, hem = chest * rng.uniform(0.6, 1.05), chest * rng.uniform(0.7, 1.5)
    down = top + length * np.array([0, 0.08, 0.25, 0.55, 1])
    wide = np.array([chest * rng.uniform(0.4, 0.7), chest * rng.uniform(0.7, 1), chest, waist, hem])
    mask = between(28 - wide, 28 + wide, down)
    sleeve = rng.choice((0.0, rng.uniform(0.12, 0.35), rng.uniform(0.6, 0.95)), p=(0.3, 0.25, 0.45))
    if sleeve:
        away, cuff = rng.uniform(0.5, 9), int(rng.integers(3, 7))
        for side in (-1, 1):
            start = (round(28 + side * (wide[1] - 2)), round(top + length * 0.1) + 2)
            end = (round(28 + side * (chest + away)), round(top + length * sleeve))
            cv2.line(mask, start, end, 255, cuff, cv2.LINE_AA)
    if rng.random() < 0.6:  # the neck
        axes = (max(1, round(wide[0] * rng.uniform(0.5, 0.9))), int(rng.integers(1, 7)))
        cv2.ellipse(mask, (28, round(top)), axes, 0, 0, 180, 0, -1, cv2.LINE_AA)
    if rng.random() < 0.25:  # open in front
        cv2.line(mask, (28, round(top)), (28, 55), 0, int(rng.integers(1, 4)))
    return mask


def _dress(rng):
    """Tall and narrow: the garment most like a thick 1."""
    length = 42
    knots = np.array([0, 0.2, 0.4, 0.7, 1])
    wide = rng.uniform(3, 8) * np.array([rng.uniform(0.4, 0.9), 1, rng.uniform(0.6, 1), 1, 1])
    wide[3:] *= np.array([rng.uniform(0.9, 1.3), rng.uniform(0.8, 1.8)])
    mask = between(28 - wide, 28 + wide, 7 + length * knots)
    if rng.random() < 0.5:  # straps
        mask[7 : 7 + int(rng.integers(2, 8)), 28 - int(wide[0] / 2) : 29 + int(wide[0] / 2)] = 0
    return mask


def _shoe(rng):
    """Seen from the side: a sole, a heel, and a closed upper or straps."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    heel, sole = rng.uniform(0, 16), int(rng.integers(1, 5))
    left, right = 7, 49
    ball = rng.uniform(20, 30)
    ground = 38
    points = np.array([[left, ground - heel], [ball, ground - 0.2 * heel], [right, ground]])
    along = np.linspace(0, 1, 12)
    curve = (
        (1 - along)[:, None] ** 2 * points[0]
        + 2 * (along * (1 - along))[:, None] * points[1]
        + along[:, None] ** 2 * points[2]
    )
    cv2.polylines(mask, [np.rint(curve * 8).astype(np.int32)], False, 255, sole, cv2.LINE_AA, 3)
    if heel > 4:
        cv2.line(
            mask,
            (left + 2, round(ground - heel)),
            (left + 2 + int(rng.integers(-2, 4)), ground),
            255,
            int(rng.integers(1, 6)),
            cv2.LINE_AA,
        )
    if rng.random() < 0.5:  # closed, low or up to the knee
        shaft = rng.uniform(4, 28)
        opening = rng.uniform(8, 20)
        upper = np.array(
            [
                [left, ground - heel],
                [left + rng.uniform(-2, 3), ground - heel - shaft],
                [left + opening, ground - heel - shaft],
                [left + opening + rng.uniform(0, 12), ground - heel * 0.5 - rng.uniform(4, 9)],
                [right, ground - rng.uniform(1, 5)],
                [right, ground],
            ]
        )
        cv2.fillPoly(mask, [np.rint(upper).astype(np.int32)], 255, cv2.LINE_AA)
    else:
        for _ in range(int(rng.integers(1, 5))):
            at = curve[rng.integers(12)]
            centre = (round(at[0] + rng.uniform(-3, 3)), round(at[1]))
            axes = (int(rng.integers(3, 12)), int(rng.integers(4, 14)))
            cv2.ellipse(
                mask,
                centre,
                axes,
                float(rng.uniform(-40, 40)),
                180,
                360,
                255,
                int(rng.integers(1, 4)),
                cv2.LINE_AA,
            )
    if rng.random() < 0.3:
        mask = np.ascontiguousarray(mask[:, ::-1])
    return mask


def _bag(rng):
    wide, high = rng.uniform(12, 21), rng.uniform(12, 26)
    narrower = rng.uniform(0.7, 1)
    top = 48 - high
    mask = between(
        np.array([28 - wide * narrower, 28 - wide]), np.array([28 + wide * narrower, 28 + wide]),
        np.array([top, 48]),
    )  # fmt: skip
    axes = (round(wide * rng.uniform(0.3, 0.8)), int(rng.integers(4, max(5, int(top) - 2))))
    cv2.ellipse(mask, (28, round(top)), axes, 0, 180, 360, 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    return mask


_THINGS = (_trousers, _top, _dress, _shoe, _bag)
_SHARES = (0.2, 0.25, 0.2, 0.25, 0.1)
"""Chosen, not fitted; `python -m benchmarks.not_a_digit` measures how many of Fashion-MNIST's are refused."""
