"""Digits spoilt in one way at a time and by a known amount, to measure how much a reader can cope with.

    for name, factor in corruption.FACTORS.items():
        for level in factor.levels:
            pictures = corruption.corrupt(images, name, level, seed=0)

Made here, from the digits and a seed, after the benchmarks MNIST-C (Mu and Gilmer, "MNIST-C: A Robustness
Benchmark for Computer Vision", 2019), ImageNet-C (Hendrycks and Dietterich, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations", ICLR 2019) and Morpho-MNIST (Castro et al.,
"Morpho-MNIST: Quantitative Assessment and Diagnostics for Representation Learning", JMLR 20, 2019); none of
their code or pictures is used. For measuring only; networks learn from `digitcore.augmentation`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 28
MIDDLE = (SIDE - 1) / 2
ENLARGED = 4
"""Pen widths are changed in pictures enlarged this many times: a stroke in MNIST is 2-4 pixels wide."""

_NEIGHBOURS = np.ones((3, 3), np.uint8)

Pictures = np.ndarray
Generators = list[np.random.Generator]


@dataclass(frozen=True)
class Factor:
    """One way to spoil a digit.

    kind: "geometry", "pen" or "picture".  levels: ascending, in `unit`s; `untouched` is the one of them that
    changes nothing.  apply: (pictures uint8, level, one generator per picture) -> pictures uint8.
    """

    title: str
    kind: str
    unit: str
    levels: tuple[float, ...]
    untouched: float
    apply: Callable[[Pictures, float, Generators], Pictures]


def corrupt(images: Pictures, name: str, level: float, seed: int = 0) -> Pictures:
    """A changed copy of each digit.

    images: (n, 28, 28) uint8, 0 paper to 255 ink.  name: one of FACTORS. level: any value from the first to
    the last of its levels.  Returns the same shape and type. What is random (a direction, the noise) depends
    only on seed, factor and the picture's index: it is the same at each level, and the same for the first of
    a thousand digits as for the first of ten.
    """
    if name not in FACTORS:
        raise ValueError(f"name: expected one of {', '.join(FACTORS)}, got {name!r}.")
    factor = FACTORS[name]
    if not factor.levels[0] <= level <= factor.levels[-1]:
        raise ValueError(f"level: {name} goes from {factor.levels[0]} to {factor.levels[-1]}, got {level}.")
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"images: expected (n, 28, 28) uint8, got {images.shape} {images.dtype}.")
    if level == factor.untouched or len(images) == 0:
        return images.copy()
    key = zlib.crc32(name.encode())
    return factor.apply(images, level, [np.random.default_rng((seed, key, i)) for i in range(len(images))])


def _rotated(images, degrees, _):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return _warped(images, [[cos, sin], [-sin, cos]])  # rows count downwards: this is counter-clockwise


def _sheared(images, degrees, _):
    return _warped(images, [[1, -np.tan(np.deg2rad(degrees))], [0, 1]])


def _scaled(images, factor, _):
    return _warped(images, [[factor, 0], [0, factor]])


def _shifted(images, pixels, generators):
    angles = np.array([rng.uniform(0, 2 * np.pi) for rng in generators])
    return _warped(images, np.eye(2), pixels * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _warped(images, matrix, shifts=None):
    """Transformed about the middle of the picture, then moved by `shifts` (n, 2) pixels to the right and
    down."""
    matrix = np.asarray(matrix, float)
    stay = np.array([MIDDLE, MIDDLE]) - matrix @ [MIDDLE, MIDDLE]
    changed = np.empty_like(images)
    for i, image in enumerate(images):
        move = stay if shifts is None else stay + shifts[i]
        cv2.warpAffine(
            image, np.column_stack([matrix, move]), (SIDE, SIDE), dst=changed[i], flags=cv2.INTER_CUBIC
        )
    return changed


def _pen(images, factor, _):
    """The same strokes, by a pen `factor` times as wide.

    In the enlarged picture, each point gets its distance to the edge of the ink (negative outside) and, from
    the nearest point of the ink's middle line, `reach`: half the width of the stroke there. The new edge lies
    (factor - 1) * reach outside the old one, so each stroke changes in proportion to its own width, and thin
    ones do not vanish beside thick ones.
    """
    changed = np.zeros_like(images)
    side = SIDE * ENLARGED
    for i, image in enumerate(images):
        large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
        ink = (large > 127).view(np.uint8)
        if not ink.any():
            changed[i] = image
            continue
        inside = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
        # On a slope of the distance some neighbour is farther from the edge by at least 1; on its ridge none
        # is.
        ridge = inside > np.maximum(cv2.dilate(inside, _NEIGHBOURS) - 0.6, 0)
        # Distances are between pixel centres: the edge is half a pixel nearer. In a stroke an even number of
        # pixels wide the middle line is half a pixel farther in; in an odd one it is on a pixel.
        reach = _spread((inside - 0.25) * ridge)
        edge = inside - 0.5
        if factor > 1:
            edge -= np.maximum(cv2.distanceTransform(1 - ink, cv2.DIST_L2, 5) - 1, 0)
        soft = np.clip(edge + (factor - 1) * reach + 0.5, 0, 1)
        changed[i] = np.rint(255 * cv2.resize(soft, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return changed


def _spread(reach):
    """Each point gets the value of the nearest point that has one: (h, w) float32, 0 for none."""
    height, width = reach.shape
    # Widths change slowly, so half the resolution is enough: the largest value of each 2x2 block.
    coarse = np.ascontiguousarray(cv2.dilate(reach, _NEIGHBOURS[:2, :2])[1::2, 1::2])
    known = coarse > 0
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros(nearest.max() + 1, np.float32)
    values[nearest[known]] = coarse[known]
    return cv2.resize(values[nearest], (width, height), interpolation=cv2.INTER_LINEAR)


def _blurred(images, sigma, _):
    return np.stack([cv2.GaussianBlur(image, (0, 0), sigma) for image in images])


def _moved_while_exposed(images, length, generators):
    """Motion blur: the mean along a path of `length` pixels."""
    side = 2 * int(np.ceil(length / 2)) + 1
    down, across = np.indices((side, side)) - side // 2
    changed = np.empty_like(images)
    for i, rng in enumerate(generators):
        angle = rng.uniform(0, np.pi)
        along = across * np.cos(angle) + down * np.sin(angle)
        beside = across * np.sin(angle) - down * np.cos(angle)
        kernel = np.clip(length / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(beside), 0, 1)
        changed[i] = cv2.filter2D(images[i], -1, kernel / kernel.sum(), borderType=cv2.BORDER_CONSTANT)
    return changed


def _noisy(images, sigma, generators):
    noise = np.stack([rng.standard_normal((SIDE, SIDE), np.float32) for rng in generators])
    return _uint8(images + 255 * sigma * noise)


def _impulses(images, share, generators):
    """Salt and pepper: that share of the pixels becomes paper or ink at random."""
    chance = np.stack([rng.random((SIDE, SIDE), np.float32) for rng in generators])
    return np.where(chance < share / 2, 0, np.where(chance > 1 - share / 2, 255, images)).astype(np.uint8)


def _striped(images, strength, generators):
    """Parallel lines, one pixel wide, over the whole picture, `strength` times as dark as the ink."""
    draws = np.array([rng.random(3) for rng in generators])
    angle, step, offset = draws[:, 0] * np.pi, 5 + 4 * draws[:, 1], draws[:, 2]
    down, across = np.indices((SIDE, SIDE))
    along = np.cos(angle)[:, None, None] * across + np.sin(angle)[:, None, None] * down
    phase = (along / step[:, None, None] + offset[:, None, None]) % 1
    lines = np.clip(1 - np.minimum(phase, 1 - phase) * step[:, None, None], 0, 1)
    return np.maximum(images, _uint8(255 * strength * lines))


def _fogged(images, strength, generators):
    """Fog of large and small clouds in front of the digit, as in ImageNet-C: added, then scaled back into
    range."""
    clouds = np.zeros(images.shape, np.float32)
    for i, rng in enumerate(generators):
        for cells, weight in ((3, 0.55), (6, 0.3), (12, 0.15)):
            grid = rng.random((cells, cells), np.float32)
            clouds[i] += weight * cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return _uint8((images + 255 * strength * np.clip(clouds, 0, 1)) / (1 + strength))


def _pale(images, contrast, _):
    """Paper and ink moved towards middle grey until they are `contrast` of the range apart."""
    return _uint8(127.5 + contrast * (images - 127.5))


def _brightened(images, lift, _):
    """Every value raised, and cut off at white: the paper gets brighter, the ink cannot."""
    return _uint8(images + 255.0 * lift)


def _jpeg(images, quality, _):
    changed = np.empty_like(images)
    for i, image in enumerate(images):
        packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])[1]
        changed[i] = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return changed


def _low_resolution(images, side, _):
    side = round(side)
    small = (cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images)
    return np.stack([cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for image in small])


def _uint8(values):
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


_TURNS = (-15, -10, -5, 0, 5, 10, 15)

FACTORS: dict[str, Factor] = {
    "rotation": Factor("Rotation", "geometry", "degrees, counter-clockwise", _TURNS, 0, _rotated),
    "shear": Factor("Slant", "geometry", "degrees, to the right", _TURNS, 0, _sheared),
    "scale": Factor("Size", "geometry", "times", (0.5, 0.65, 0.8, 0.9, 1, 1.1, 1.2), 1, _scaled),
    "shift": Factor("Shift", "geometry", "pixels", (0, 1, 2, 3, 4), 0, _shifted),
    "pen": Factor("Pen", "pen", "times as wide", (0.5, 0.6, 0.75, 1, 1.25, 1.5, 1.75, 2), 1, _pen),
    "blur": Factor("Blur", "picture", "pixels (sigma)", (0, 0.5, 1, 1.5, 2), 0, _blurred),
    "motion": Factor("Motion blur", "picture", "pixels", (0, 2, 4, 6, 8), 0, _moved_while_exposed),
    "noise": Factor("Noise", "picture", "of the ink (sigma)", (0, 0.1, 0.2, 0.3, 0.4), 0, _noisy),
    "impulses": Factor(
        "Salt and pepper", "picture", "of the pixels", (0, 0.02, 0.05, 0.1, 0.2), 0, _impulses
    ),
    "stripes": Factor("Stripes", "picture", "of the ink", (0, 0.2, 0.4, 0.6, 0.8), 0, _striped),
    "fog": Factor("Fog", "picture", "of the ink", (0, 0.25, 0.5, 0.75, 1), 0, _fogged),
    "contrast": Factor("Contrast", "picture", "of the range", (0.05, 0.1, 0.2, 0.4, 0.7, 1), 1, _pale),
    "brightness": Factor("Brightness", "picture", "of the range", (0, 0.2, 0.4, 0.6, 0.8), 0, _brightened),
    "jpeg": Factor("JPEG", "picture", "quality (100: none)", (5, 10, 20, 40, 70, 100), 100, _jpeg),
    "resolution": Factor(
        "Resolution", "picture", "pixels a side", (8, 10, 12, 16, 20, 28), 28, _low_resolution
    ),
}
"""By name, the geometric ones first."""
