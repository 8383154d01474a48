"""A picture that Pillow has opened, in any of its modes -> grey levels.

grey_of    (h, w) uint8: luma, 16 bits reduced to 8, transparency laid on white or black
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

EVEN = 6
"""Grey levels: a frame that spans fewer is blank."""

LOW_RANGE = 64
"""Of 256: a 16-bit picture that uses less of its range is stretched to the whole of it; some cameras fill
only ten or twelve bits."""

STRIP_ROWS = 256
"""Rows that are converted at a time: copying the whole picture for each step would take half a gigabyte."""

Image.MAX_IMAGE_PIXELS = 2**30


def is_jpeg(image: Image.Image) -> bool:
    """Whether the picture is a JPEG, which libjpeg can decode at a smaller size."""
    return image.format in ("JPEG", "MPO")  # MPO: a JPEG with further pictures behind it


def grey_of(image: Image.Image, most_pixels: int) -> np.ndarray:
    """A picture in any mode that the allowed formats have -> (h, w) uint8.

    A JPEG with more than `most_pixels` is decoded at 1/2, 1/4 or 1/8 of its size.
    """
    if is_jpeg(image) and image.mode != "CMYK":
        scale = 1
        while image.width * image.height > scale * scale * most_pixels:
            scale *= 2
        # libjpeg can decode luma alone, in a third of the memory and time, and at 1/2, 1/4 or 1/8 size.
        image.draft("L", (-(-image.width // scale), -(-image.height // scale)))
    if image.mode.startswith("I"):  # 16-bit grey; convert("L") would clip instead of scale
        return _of_sixteen_bits(image)
    if image.has_transparency_data:
        small = "LA" if image.mode in ("L", "1", "LA", "La") else "RGBA"
        alpha = _by_strips(image, lambda strip: strip.convert(small).getchannel("A"))
        if small == "LA":
            grey = _by_strips(image, lambda strip: strip.convert("LA").convert("L"))
        else:
            grey = _by_strips(image, lambda strip: strip.convert("RGBA").convert("RGB").convert("L"))
        return _composite(grey, alpha)
    if image.mode == "CMYK":
        return _by_strips(image, lambda strip: strip.convert("RGB").convert("L"))
    if image.mode == "L":
        return np.array(image)
    return _by_strips(image, lambda strip: strip.convert("L"))


def _of_sixteen_bits(image: Image.Image) -> np.ndarray:
    """(h, w) uint8: the upper eight bits; or, where the picture uses only a small part of its range, that
    part stretched to the whole."""
    image.load()
    low, high = image.getextrema()
    low, high = max(0, low), min(0xFFFF, high)
    if high - low >= LOW_RANGE << 8 or high - low < 2 * EVEN:
        return _by_strips(image, lambda strip: np.clip(np.asarray(strip, np.int64) >> 8, 0, 255))
    factor = 255 / (high - low)
    return _by_strips(image, lambda strip: np.clip((np.asarray(strip, np.float32) - low) * factor, 0, 255))


def _by_strips(image: Image.Image, convert: Callable[[Image.Image], Any]) -> np.ndarray:
    """(h, w) uint8: what `convert` makes of the picture, `STRIP_ROWS` rows at a time."""
    image.load()
    width, height = image.size
    out = np.empty((height, width), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, height)
        out[top:bottom] = np.asarray(convert(image.crop((0, top, width, bottom))))
    return out


def _composite(grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on white or black, whichever keeps what is drawn on it readable. Changes
    `grey`.

    grey, alpha: (h, w) uint8. Strokes alone on a transparent ground get the ground that they stand out from.
    A picture that is mostly opaque and has strokes of its own (rounded corners, a cut-out card) gets the
    ground that continues its paper.
    """
    if alpha.min() == 255:
        return grey
    solid = grey[alpha >= 128]
    if solid.size == 0:
        return np.full(grey.shape, 255, np.uint8)
    low, middle, high = np.percentile(solid, (5, 50, 95))
    card = solid.size > 0.5 * grey.size and high - low > 64
    ground = 255 if (middle >= 128) == card else 0
    for top in range(0, len(grey), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        opaque = alpha[rows].astype(np.uint16)
        grey[rows] = (grey[rows] * opaque + np.uint16(ground) * (255 - opaque) + 127) // 255
    return grey
