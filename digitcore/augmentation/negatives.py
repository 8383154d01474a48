"""Pictures that are not a digit, made here: what a network must see to know what it does not know.

Letters (OpenCV's Hershey strokes), scribbles and shapes, garments and textures, and above all real
handwriting that is no digit any more: digits mirrored, lying on their side, cut through, spliced, two or
three in one box. All in MNIST's format, as the reading pipeline would deliver them. Learning from things made
on purpose is called outlier exposure (Hendrycks, Mazeika & Dietterich, ICLR 2019).

No system fonts, and nothing from the sets that measure it (Fashion-MNIST, notMNIST).
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation import clothes, damage, imitation
from digitcore.errors import DigitcoreError
from digitcore.preprocessing import normalisation

LETTERS = "ABCDEFGHJKLMNPQRTUVWXY" * 2 + "acdefhkmnprtuvwxy&#@?%+=<>"
"""Without those that some hand writes as a digit: I l i 1, O o 0, Z z 2, S s $ 5, b 6, q g 9, j."""

FLIPPED = {"mirrored": (3, 4, 6, 7, 9), "on its side": (2, 3, 4, 5, 6, 7, 9), "upside down": (4, 7)}
"""Digits that are none after it. A 0, 1 or 8 stays one; a mirrored 2 is much like a 5."""

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
_LARGE = imitation.LARGE


def draw(
    n: int, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, of_digits: bool = True
) -> np.ndarray:
    """n pictures of what is not a digit, (n, 28, 28) uint8.

    images: (m, 28, 28) uint8 training digits to make some of them from; labels: (m,), theirs.
    of_digits: False leaves those out.
    """
    shares = np.array(_SHARES) * [of_digits or make not in _OF_DIGITS for make in _KINDS]
    kinds = rng.choice(len(_KINDS), n, p=_SHARES if of_digits else shares / shares.sum())
    pictures = np.zeros((n, 28, 28), np.uint8)
    for i in range(n):
        make = _KINDS[kinds[i]]
        while True:
            large = make(images, labels, rng)
            if make in _SOLID and rng.random() < 0.5:
                picture = _as_read(large)
            else:
                picture = imitation.in_box(large, 20 if rng.random() < 0.85 else int(rng.integers(14, 26)))
            if np.count_nonzero(picture > 60) >= 8:
                break
        pictures[i] = damage.in_the_picture(picture, rng) if rng.random() < 0.15 else picture
    return pictures


def _as_read(large):
    """A drawing of tones as the reading pipeline delivers it from a small picture: often only the edges,
    folds and shadows of it, which look like thin strokes. Empty where the pipeline refuses it."""
    x, y, w, h = cv2.boundingRect((large > 20).view(np.uint8))
    if min(w, h) < 2:
        return np.zeros((28, 28), np.uint8)
    scale = 28 / max(w, h)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    small = np.zeros((28, 28), np.uint8)
    left, top = (28 - size[0]) // 2, (28 - size[1]) // 2
    part = cv2.resize(large[y : y + h, x : x + w], size, interpolation=cv2.INTER_AREA)
    small[top : top + size[1], left : left + size[0]] = part
    try:
        return np.rint(normalisation.read(small).picture * 255).astype(np.uint8)
    except DigitcoreError:
        return np.zeros((28, 28), np.uint8)


def _letter(images, labels, rng):
    """A letter or sign, thin to very thick, upright, slanted or turned a little; sometimes two."""
    canvas = np.zeros((_LARGE, _LARGE), np.uint8)
    text = "".join(rng.choice(list(LETTERS), 1 if rng.random() < 0.9 else 2))
    font = int(rng.choice(_FONTS))
    thick = int(rng.integers(1, 9))
    (width, height), _ = cv2.getTextSize(text, font, 1.0, thick)
    scale = rng.uniform(26, 38) / max(width, height)
    (width, height), base = cv2.getTextSize(text, font, scale, thick)
    at = (_LARGE - width) // 2, (_LARGE + height) // 2 - base // 4
    cv2.putText(canvas, text, at, font, scale, 255, thick, cv2.LINE_AA)
    return _bent(canvas, rng)


def _scribble(images, labels, rng):
    """One to five strokes without a meaning: bent, straight, looped."""
    canvas = np.zeros((_LARGE, _LARGE), np.uint8)
    pen = int(rng.integers(1, 8))
    for _ in range(int(rng.integers(2, 6))):
        _stroke(canvas, rng, pen, int(rng.integers(2, 6)))
    return canvas


def _tangle(images, labels, rng):
    """One long stroke that crosses itself many times."""
    canvas = np.zeros((_LARGE, _LARGE), np.uint8)
    _stroke(canvas, rng, int(rng.integers(1, 5)), int(rng.integers(7, 16)))
    return canvas


def _stroke(canvas, rng, pen, knots):
    points = rng.uniform(8, 48, (knots, 2))
    along = np.linspace(0, knots - 1, 8 * knots)
    if rng.random() < 0.7:  # rounded corners
        points = np.stack([np.interp(along, np.arange(knots), points[:, k]) for k in (0, 1)], 1)
        points = cv2.blur(points.astype(np.float64), (1, 7), borderType=cv2.BORDER_REPLICATE)
    cv2.polylines(canvas, [np.rint(points * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)


def _shape(images, labels, rng):
    """A polygon, star, cross, arrow, dash, dot or set of dots, in outline or filled."""
    canvas = np.zeros((_LARGE, _LARGE), np.uint8)
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
        canvas = cv2.warpAffine(canvas, cv2.getRotationMatrix2D((28, 28), turned, 1), (_LARGE, _LARGE))
    elif kind == 3:  # a dash, level or nearly so (an upright one is a 1), or two
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


def _garment(images, labels, rng):
    """A silhouette of any outline, mostly mirror-symmetric and upright, filled with a tone or a pattern."""
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


def _patch(images, labels, rng):
    """A texture seen through a box, a disc or nothing."""
    mask = np.zeros((_LARGE, _LARGE), np.uint8)
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
    y, x = np.mgrid[0:_LARGE, 0:_LARGE].astype(np.float32) / _LARGE
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
        texture = cv2.resize(rng.random((size, size)).astype(np.float32), (_LARGE, _LARGE))
    return np.clip(texture, 0, 1).astype(np.float32)


def _flipped(images, labels, rng):
    """A digit mirrored, on its side or upside down, where that is no digit."""
    how = list(FLIPPED)[rng.integers(len(FLIPPED))]
    while True:
        number = rng.integers(len(images))
        if labels[number] in FLIPPED[how]:
            break
    picture = images[number]
    if how == "mirrored":
        picture = picture[:, ::-1]
    elif how == "on its side":
        picture = np.rot90(picture, int(rng.choice((1, 3))))
    else:
        picture = picture[::-1]
    return _bent(cv2.resize(np.ascontiguousarray(picture), (_LARGE, _LARGE)), rng)


def _several(images, labels, rng):
    """Two or three digits side by side, apart, touching or overlapping; now and then one above another."""
    count = 2 if rng.random() < 0.8 else 3
    canvas = np.zeros((_LARGE, 3 * _LARGE // 2), np.uint8)
    at = 2
    for _ in range(count):
        number = rng.integers(len(images))
        if rng.random() < 0.15:  # a 1 is most easily taken for a part of its neighbour
            number = rng.choice(np.flatnonzero(labels == 1)) if (labels == 1).any() else number
        picture = images[number]
        columns = np.flatnonzero((picture > 40).any(0))
        part = picture[:, columns[0] : columns[-1] + 1]
        height = int(rng.integers(24, 33))
        part = cv2.resize(part, (max(part.shape[1] * height // 28, 2), height))
        top = int(rng.integers(0, 8)) + (_LARGE - height) // 2 - 4
        width = min(part.shape[1], canvas.shape[1] - at)
        if width <= 0:
            break
        there = canvas[top : top + height, at : at + width]
        np.maximum(there, part[:, :width], out=there)
        at = max(at + part.shape[1] + int(rng.integers(-4, 6)), 2)
    return np.ascontiguousarray(canvas.T) if rng.random() < 0.1 else canvas


def _cut(images, labels, rng):
    """Part of a digit: a half of it gone, along a line that is nearly upright or nearly level.

    0s and 8s cut through are no digits; what is left of others may be one, so they are left out but for
    the upper halves of 2, 3, 4, 5 and 6 and the left halves of 3, 4, 7 and 9."""
    while True:
        number = rng.integers(len(images))
        label = int(labels[number])
        side = {0: "lrtb", 8: "lr", 2: "t", 3: "tl", 4: "l", 5: "lt", 6: "t", 9: "l"}.get(label)
        if side:
            break
    large = cv2.resize(images[number], (_LARGE, _LARGE))
    kept = rng.choice(list(side))
    cut = int(rng.integers(24, 33))
    if kept == "l":
        large[:, cut:] = 0
    elif kept == "r":
        large[:, :cut] = 0
    elif kept == "t":
        large[cut:] = 0
    else:
        large[:cut] = 0
    return large


def _spliced(images, labels, rng):
    """The left of one digit and the right of another, or the top and the bottom, mirrored."""
    first, second = images[rng.integers(len(images), size=2)]
    picture = first.copy()
    if rng.random() < 0.5:
        picture[:, 14:] = second[:, ::-1][:, 14:]
    else:
        picture[14:] = second[:, ::-1][14:]
    return _bent(cv2.resize(picture, (_LARGE, _LARGE)), rng)


def _bent(canvas, rng):
    """Turned and slanted a little, with another pen."""
    angle, slant = np.deg2rad(rng.uniform(-14, 14)), rng.uniform(-0.25, 0.25)
    cos, sin, scale = np.cos(angle), np.sin(angle), 0.78
    matrix = (
        scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[rng.uniform(0.7, 1.2), slant], [0, 1.0]])
    )
    centre = np.array([28.0, 28.0])
    moved = np.column_stack([matrix, centre - matrix @ centre])
    bent = cv2.warpAffine(canvas, moved, (_LARGE, _LARGE), flags=cv2.INTER_LINEAR)
    return imitation.with_pen(bent, float(rng.uniform(-0.6, 0.9))) if rng.random() < 0.5 else bent


def _clothes(images, labels, rng):
    """A garment, a shoe or a bag."""
    return (255 * clothes.draw(rng) * _texture(rng)).astype(np.uint8)


_KINDS = (
    _letter,
    _scribble,
    _tangle,
    _shape,
    _garment,
    _clothes,
    _patch,
    _flipped,
    _several,
    _cut,
    _spliced,
)
_SHARES = (0.22, 0.08, 0.02, 0.07, 0.04, 0.21, 0.03, 0.10, 0.16, 0.04, 0.03)
_SOLID = (_garment, _clothes)
_OF_DIGITS = (_flipped, _several, _cut, _spliced)
