"""What hands, pens, papers and cameras make of a digit, and what the reading pipeline then makes of that.

`moves` shifts and turns a digit within its 28x28 pixels. Here it is written again at twice that size,
slanted, stretched, bent, with another pen, damaged as bitmaps and photographs are, and then put back into
MNIST's format as `normalisation.normalise` does, because that is what a network gets to see.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation import damage, european_strokes, moves, pen_digits
from digitcore.augmentation.pen import LARGE
from digitcore.networks.settings import Settings
from digitcore.preprocessing.normalisation import BOX, CENTRE, SIDE

ENLARGED = 1.5
"""How much a digit is enlarged in its drawing, which leaves room to slant and stretch it."""

MILD = Settings(shift=1.0, rotation=10.0, zoom=0.08, thickness=0.3)
"""The changes to digits that are changed only a little."""

FIELDS = 192
FULLER = 1.15
"""Makes up for the strength that a stroke loses by enlarging and reducing. It was set by hand and is a little
high (digits that are only boxed get 7 % more ink than they had: 2,000 training digits), but the networks that
ship learnt with it."""

THICKEST = 1.2
"""The limit of `with_pen` in training: a little beyond the doubled stroke that must be read."""

_PENS = [cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)) for size in (2, 3, 4, 5, 6, 7)]


def fields(seed: int) -> np.ndarray:
    """Smooth displacements of unit standard deviation, (FIELDS, 56, 56, 2) float32, for elastic distortions
    (Simard, Steinkraus & Platt, ICDAR 2003): noise blurred over 4 to 8 of the 28 pixels. Made once per run;
    each use takes one of them, mirrored and scaled at random."""
    rng = np.random.default_rng((seed, 0xE1A5))
    drawn = np.empty((FIELDS, LARGE, LARGE, 2), np.float32)
    for field in drawn:
        noise = rng.standard_normal((LARGE, LARGE, 2)).astype(np.float32)
        smooth = cv2.GaussianBlur(noise, (0, 0), float(rng.uniform(8, 16)), borderType=cv2.BORDER_REFLECT)
        field[:] = smooth / smooth.std()
    return drawn


def imitate(
    images: np.ndarray,
    labels: np.ndarray,
    settings: Settings,
    rng: np.random.Generator,
    bends: np.ndarray,
) -> np.ndarray:
    """A copy of each picture as if in another hand and on another paper.

    images: (n, 28, 28) uint8, 0 paper. labels: (n,), because some changes are for certain digits. bends: from
    `fields`. Returns (n, 28, 28) uint8. All randomness comes from `rng`.
    """
    n = len(images)
    chance = rng.random(n)
    plain, mild = (
        chance < settings.plain,
        (chance >= settings.plain) & (chance < settings.plain + settings.mild),
    )
    maps = _maps(n, settings, rng, bends)
    european = rng.random(n) < settings.european
    pens = np.where(rng.random(n) < settings.pen, rng.uniform(-1.0, THICKEST, n), 0.0)
    harmed = rng.random(n) < settings.damage
    boxed = rng.random(n) < settings.recentre
    drawn = rng.random(n) < settings.drawn if settings.drawn else np.zeros(n, bool)
    changed = np.empty_like(images)
    for i in range(n):
        source = images[i]
        if drawn[i]:
            large = pen_digits.draw(int(labels[i]), rng)
        elif plain[i] or mild[i]:
            changed[i] = source
            continue
        else:
            if european[i] and labels[i] in european_strokes.DIGITS:
                source = european_strokes.add(source, int(labels[i]), rng)
            large = cv2.remap(source, maps[i], None, cv2.INTER_CUBIC)
            large = with_pen(large, pens[i])
        if harmed[i]:
            large = damage.before_the_box(large, images[rng.integers(n)], rng)
        picture = in_box(large) if boxed[i] else loosely(large, settings, rng)
        changed[i] = damage.in_the_picture(picture, rng) if harmed[i] and rng.random() < 0.6 else picture
    mild &= ~drawn
    if mild.any():
        changed[mild] = moves.augment(changed[mild], MILD, rng)
    return changed


def _maps(n: int, settings: Settings, rng: np.random.Generator, bends: np.ndarray) -> np.ndarray:
    """Where in the pictures each pixel of the (56, 56) drawings comes from: (n, 56, 56, 2) float32."""
    angle = np.deg2rad(rng.uniform(-settings.rotation, settings.rotation, n))
    slant = rng.uniform(-settings.shear, settings.shear, n)
    width = np.exp(rng.uniform(-0.5, 0.5, n) * np.log1p(settings.stretch))
    cos, sin = np.cos(angle), np.sin(angle)
    # The inverse of: stretch, slant, turn, enlarge.
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)
    lean = np.zeros((n, 2, 2))
    lean[:, 0, 0], lean[:, 0, 1], lean[:, 1, 1] = 1 / width, -slant / width, width
    inverse = (lean @ turn / ENLARGED).astype(np.float32)
    along = np.arange(LARGE, dtype=np.float32) - (LARGE - 1) / 2
    maps = np.empty((n, LARGE, LARGE, 2), np.float32)
    for axis in (0, 1):  # a sum of one row and one column: products of whole grids take ten times as long
        across = inverse[:, axis, 0, None] * along + np.float32((SIDE - 1) / 2)
        np.add(across[:, None, :], (inverse[:, axis, 1, None] * along)[:, :, None], out=maps[..., axis])
    if settings.elastic:
        strengths = np.abs(rng.normal(0, settings.elastic, n)).tolist()
        chosen = rng.integers(len(bends), size=n)
        for one, strength, number in zip(maps, strengths, chosen, strict=True):
            cv2.scaleAdd(bends[number], strength if number % 2 else -strength, one, one)
    return maps


def with_pen(large: np.ndarray, amount: float) -> np.ndarray:
    """The drawing with a thinner (down to -1: about half) or thicker (up to 1: about double) pen."""
    if not amount:
        return large
    size = abs(amount) * (4.99 if amount > 0 else 2.99)
    pen = _PENS[int(size)]
    changed = cv2.dilate(large, pen) if amount > 0 else cv2.erode(large, pen)
    if amount < 0 and int(changed.sum()) * 3 < int(large.sum()):  # it would erase MNIST's thinnest strokes
        changed = cv2.addWeighted(changed, 0.5, large, 0.5, 0)
    return changed


def bent(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing turned and slanted a little, with another pen."""
    angle, slant = np.deg2rad(rng.uniform(-14, 14)), rng.uniform(-0.25, 0.25)
    cos, sin, scale = np.cos(angle), np.sin(angle), 0.78
    matrix = (
        scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[rng.uniform(0.7, 1.2), slant], [0, 1.0]])
    )
    centre = np.array([28.0, 28.0])
    matrix_at = np.column_stack([matrix, centre - matrix @ centre])
    moved = cv2.warpAffine(canvas, matrix_at, (LARGE, LARGE), flags=cv2.INTER_LINEAR)
    return with_pen(moved, float(rng.uniform(-0.6, 0.9))) if rng.random() < 0.5 else moved


def in_box(large: np.ndarray, box: int = BOX) -> np.ndarray:
    """A drawing in MNIST's format: long side 20, centre of mass on pixel 14; empty if the drawing is empty.

    large: (h, w) uint8. As in `normalisation`, the box ends where the ink falls to half its strength, and
    strokes are as full as MNIST's in spite of the scaling.
    """
    picture = np.zeros((SIDE, SIDE), np.uint8)
    strongest = int(large.max())
    if strongest < 20:
        return picture
    x, y, w, h = cv2.boundingRect((large > 0.45 * strongest).view(np.uint8))
    scale = box / max(w, h)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = cv2.resize(large[y : y + h, x : x + w], size, interpolation=method)
    part = cv2.convertScaleAbs(part, alpha=FULLER)
    moments = cv2.moments(part)
    mass = max(moments["m00"], 1e-6)
    left = min(max(round(CENTRE - moments["m10"] / mass), 0), SIDE - size[0])
    top = min(max(round(CENTRE - moments["m01"] / mass), 0), SIDE - size[1])
    picture[top : top + size[1], left : left + size[0]] = part
    return picture


def loosely(large: np.ndarray, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """A drawing a little larger or smaller than MNIST's and off centre, as if it had not been boxed."""
    zoom = 1.0 + rng.uniform(-settings.zoom, settings.zoom)
    picture = in_box(large, min(max(round(BOX * zoom), 8), SIDE))
    right, down = np.rint(rng.uniform(-settings.shift, settings.shift, 2)).astype(int)
    return cv2.warpAffine(picture, np.float32([[1, 0, right], [0, 1, down]]), (SIDE, SIDE))
