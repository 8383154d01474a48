"""What bitmaps, papers and cameras do to a digit, for training: coarse pixels, blur, noise, fog, stripes.

Each picture gets one or two of these, chosen and scaled at random. How well a network stands such damage is
measured with `corruption`, which is deliberately separate code: a measurement must not use what the network
was trained on.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 28


def before_the_box(large: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A drawing with one kind of damage, done before the drawing is boxed.

    large: (56, 56) uint8, 0 paper. other: (28, 28) uint8, another digit, whose edge may get into the box.
    """
    kind = rng.integers(9)
    if kind >= 7:
        return _cut_from(large, other, rng)
    if kind <= 1:  # the few pixels of an old bitmap: 6 to 16 across a digit
        x, y, w, h = cv2.boundingRect((large > 40).view(np.uint8))
        if not w:
            return large
        count = int(rng.integers(6, 17))
        part = large[y : y + h, x : x + w]
        if rng.random() < 0.3:  # stretched to a square, as in USPS and other data sets
            size = (count, count)
        else:
            scale = count / max(w, h)
            size = max(2, round(w * scale)), max(2, round(h * scale))
        coarse = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        if rng.random() < 0.4:
            coarse = _binary(coarse, rng)
        return np.pad(coarse, 2)
    if kind == 2:
        return cv2.GaussianBlur(large, (0, 0), float(rng.uniform(0.8, 3.0)))
    if kind == 3:
        return _binary(large, rng)
    if kind == 4:  # a faint pen, or one that was not pressed evenly
        level = rng.uniform(0.35, 0.9)
        shade = rng.uniform(0.3, 1.0, (3, 3)).astype(np.float32) ** rng.choice([0.3, 1.0])
        shade = cv2.resize(shade, (large.shape[1], large.shape[0]), interpolation=cv2.INTER_LINEAR)
        return (large * (shade * np.float32(level))).astype(np.uint8)
    if kind == 5:  # a blot, or the remains of a neighbour's stroke at one side
        marked = large.copy()
        if rng.random() < 0.5:
            x, y = (int(v) for v in rng.integers(8, 48, 2))
            cv2.circle(marked, (x, y), int(rng.integers(1, 4)), int(rng.integers(120, 256)), -1)
            return marked
        rows = cv2.resize(other, (56, 56))
        wide = int(rng.integers(1, 4))  # a whole stroke would look like another digit
        x, _, w, _ = cv2.boundingRect((large > 40).view(np.uint8))
        if rng.random() < 0.5:
            at = max(x - wide, 0)
            marked[:, at : at + wide] = np.maximum(marked[:, at : at + wide], rows[:, 40 - wide : 40])
        else:
            at = min(x + w, 56 - wide)
            marked[:, at : at + wide] = np.maximum(marked[:, at : at + wide], rows[:, 16 : 16 + wide])
        return marked
    broken = large.copy()  # a worn pen: ink missing in small patches
    for _ in range(int(rng.integers(1, 5))):
        x, y = (int(v) for v in rng.integers(6, 50, 2))
        cv2.circle(broken, (x, y), int(rng.integers(1, 4)), 0, -1)
    return broken


def _cut_from(large, other, rng):
    """What a cut leaves of a digit that touched or overlapped its neighbour: part of its own edge may be
    missing, part of the neighbour's may remain."""
    mirrored = rng.random() < 0.5  # the neighbour is on the left
    x, _, w, _ = cv2.boundingRect((large > 40).view(np.uint8))
    columns = np.flatnonzero((other > 40).any(0))
    if not w or not len(columns):
        return large
    size = 28 * 3 // 2
    part = cv2.resize(other[:, columns[0] : columns[-1] + 1], (len(columns) * 3 // 2, size))
    canvas = np.pad(large[:, ::-1] if mirrored else large, ((0, 0), (0, 64)))
    right = 56 - x if mirrored else x + w
    overlap = int(rng.integers(0, 7))
    top, left = 7 + int(rng.integers(-5, 6)), max(right - overlap, 0)
    there = canvas[top : top + size, left : left + part.shape[1]]
    np.maximum(there, part[:, : there.shape[1]], out=there)
    rows = np.arange(56)[:, None] - 28
    edge = right - overlap / 2 + rng.uniform(-2, 2) + rng.uniform(-0.25, 0.25) * rows
    canvas[np.arange(canvas.shape[1])[None] > edge] = 0
    return np.ascontiguousarray(canvas[:, :56][:, ::-1] if mirrored else canvas[:, :60])


def in_the_picture(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One kind of damage to the 28x28 picture itself, which no pipeline removes. uint8 in and out."""
    kind = rng.integers(8)
    ink = picture.astype(np.float32)
    if kind == 0:
        ink += rng.normal(0, rng.uniform(8, 60), ink.shape).astype(np.float32)
    elif kind == 1:  # salt and pepper
        chance, level = rng.random(ink.shape), rng.uniform(0.01, 0.18)
        ink[chance < level / 2] = 0
        ink[chance > 1 - level / 2] = 255
    elif kind == 2:  # shot noise: stronger where there is more light
        photons = rng.uniform(6, 60)
        ink = rng.poisson(ink * (photons / 255)).astype(np.float32) * np.float32(255 / photons)
    elif kind == 3:  # another level of paper, of ink, or of both
        low, high = rng.uniform(0, 130), rng.uniform(120, 255)
        ink = low + ink * (max(high - low, 60) / 255)
    elif kind == 4:  # fog: a smooth cloud, and less contrast
        cloud = cv2.resize(rng.random((int(rng.integers(3, 8)),) * 2).astype(np.float32), (SIDE, SIDE))
        ink = ink * np.float32(rng.uniform(0.4, 0.9)) + cloud * np.float32(rng.uniform(60, 190))
    elif kind == 5:  # lines that were on the paper, or a frame's side
        level = float(rng.uniform(80, 255))
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(0, SIDE))
            if rng.random() < 0.5:
                ink[at] = np.maximum(ink[at], level) if rng.random() < 0.7 else 0
            else:
                ink[:, at] = np.maximum(ink[:, at], level) if rng.random() < 0.7 else 0
    elif kind == 6:  # only the outline, or a camera that shook
        if rng.random() < 0.4:
            kernel = np.ones((3, 3), np.uint8)
            ink = cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, kernel).astype(np.float32)
        else:
            length = int(rng.integers(3, 8))
            trace = np.zeros((length, length), np.float32)
            cv2.line(trace, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0)
            ink = cv2.filter2D(ink, -1, (trace if rng.random() < 0.5 else trace.T) / trace.sum())
    else:  # splashes, and pixels that changed places as if behind rough glass
        if rng.random() < 0.5:
            for _ in range(int(rng.integers(2, 8))):
                x, y = (int(v) for v in rng.integers(0, SIDE, 2))
                level = float(rng.uniform(60, 220))
                cv2.circle(ink, (x, y), int(rng.integers(0, 2)), level, -1)
        else:
            rows, columns = np.mgrid[0:SIDE, 0:SIDE] + rng.integers(-1, 2, (2, SIDE, SIDE))
            ink = ink[rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)]
    return np.clip(ink, 0, 255).astype(np.uint8)


def _binary(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(ink > rng.uniform(60, 160), 255, 0).astype(np.uint8)
