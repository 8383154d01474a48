"""Text in print, to stand beside written digits, for `written_lines`."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PILLOWS = -1
"""The sans serif that comes with Pillow."""

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
    *(PILLOWS, PILLOWS, PILLOWS),
)
"""OpenCV's, by their numbers, and Pillow's, as often as three of them: offices print most like it."""


def draw(text: str, height: float, font: int, rng: np.random.Generator) -> np.ndarray:
    """Text in print, (h, w) float32, 0 paper to 1, cut at its sides. A digit `height` high has its middle in
    the middle of the picture. font: one of FONTS."""
    ink, line = _by_pillow(text, height, rng) if font == PILLOWS else _by_opencv(text, height, font, rng)
    columns = np.flatnonzero(ink.max(0) > 0.1)
    ink = ink[:, columns[0] : columns[-1] + 1]
    middle = line - height / 2
    half = int(np.ceil(max(middle, len(ink) - middle))) + 1
    padded = np.zeros((2 * half, ink.shape[1]), np.float32)
    top = half - round(middle)
    padded[top : top + len(ink)] = ink
    return padded


def _by_pillow(text: str, height: float, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """(ink, row of the base line)."""
    font = ImageFont.load_default(round(height / 0.7))
    left, _, right, bottom = font.getbbox(text, anchor="ls")
    above = round(1.2 * height)
    picture = Image.new("L", (round(right - left) + 8, above + max(2, round(bottom)) + 6))
    ImageDraw.Draw(picture).text(
        (4 - left, above), text, 255, font, "ls", stroke_width=int(rng.integers(0, 2))
    )
    return np.asarray(picture, np.float32) / 255, above


def _by_opencv(text: str, height: float, font: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    thick = max(1, round(height * rng.uniform(0.04, 0.12)))
    scale = cv2.getFontScaleFromHeight(font, round(height), thick)
    (w, h), below = cv2.getTextSize(text, font, scale, thick)
    line = h + thick + 2
    picture = np.zeros((line + below + thick + 6, w + 2 * thick + 8), np.uint8)
    cv2.putText(picture, text, (thick + 4, line), font, scale, 255, thick, cv2.LINE_AA)
    return picture.astype(np.float32) / 255, line
