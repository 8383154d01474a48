"""Pictures beside what was read from them, as one PNG: picture, what the network saw, probabilities."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitcore.reading import Row

MOST = 240
"""Pictures in one figure, which then has 1,900 by 12,600 pixels."""

PICTURE_SIDE = 128
CELL = (480, 210)
MARGIN = 12
SEEN_SIDE = 84
COLUMNS = 4

_INK, _FAINT, _LINE = "#1a1a1a", "#6b6b6b", "#d5d5d5"
_BAR, _BEST, _UNSURE = "#b9c4cf", "#0072b2", "#d55e00"  # Okabe and Ito's colours, told apart by all eyes


def png(rows: Sequence[Row], class_names: Sequence[str]) -> bytes:
    """The figure of at most MOST rows, a cell each in their order, as the bytes of a PNG.

    A row's thumbnail is drawn at most PICTURE_SIDE long. A row without an answer shows its error.
    """
    if not 0 < len(rows) <= MOST:
        raise ValueError(f"A figure shows 1 to {MOST} pictures, got {len(rows)}.")
    columns = min(COLUMNS, math.ceil(math.sqrt(len(rows))))
    width, height = CELL
    figure = Image.new("RGB", (width * columns, height * math.ceil(len(rows) / columns)), "white")
    draw = ImageDraw.Draw(figure)
    fonts = ImageFont.load_default(13), ImageFont.load_default(22)
    for number, row in enumerate(rows):
        _cell(figure, draw, fonts, row, class_names, (number % columns * width, number // columns * height))
    out = io.BytesIO()
    figure.save(out, "PNG")
    return out.getvalue()


def _cell(figure, draw, fonts, row, class_names, corner) -> None:
    small, large = fonts
    left, top = corner[0] + MARGIN, corner[1] + MARGIN
    inner = CELL[0] - 2 * MARGIN
    draw.rectangle((corner[0], corner[1], corner[0] + CELL[0], corner[1] + CELL[1]), outline=_LINE)
    draw.text((left, top), _fitting(row.name, small, inner, keep_end=True), _FAINT, small)
    top += 24
    right = left
    if row.thumbnail is not None:
        _paste(figure, draw, row.thumbnail, (left, top), PICTURE_SIDE)
        right += PICTURE_SIDE + MARGIN
    if row.verdict is None:
        for number, line in enumerate(_wrapped(row.error, small, left + inner - right)):
            draw.text((right, top + 18 * number), line, _UNSURE, small)
        return
    seen = (np.asarray(row.picture) * 255).round().astype(np.uint8)
    _paste(figure, draw, seen, (right, top), SEEN_SIDE, Image.Resampling.NEAREST)
    verdict = row.verdict
    colour = _BEST if verdict.accepted else _UNSURE
    answer = class_names[verdict.label] + ("" if verdict.accepted else "?")
    draw.text((right, top + SEEN_SIDE + 8), _fitting(answer, large, SEEN_SIDE + 40), colour, large)
    draw.text((right, top + SEEN_SIDE + 34), f"{verdict.confidence:.1%}", _FAINT, small)
    _bars(draw, small, row, class_names, (right + SEEN_SIDE + MARGIN, top), left + inner, colour)


def _bars(draw, font, row, class_names, corner, right, colour) -> None:
    left, top = corner
    step = (CELL[1] - 24 - 2 * MARGIN) / len(class_names)
    names = [_fitting(name, font, 60) for name in class_names]
    start = left + max(font.getlength(name) for name in names) + 6
    longest = right - start - 48
    for number, (name, probability) in enumerate(zip(names, row.probabilities, strict=True)):
        middle = top + step * (number + 0.5)
        draw.text((start - 6, middle), name, _INK, font, anchor="rm")
        length = max(1, round(longest * float(probability)))
        fill = colour if number == row.verdict.label else _BAR
        draw.rectangle((start, middle - step * 0.35, start + length, middle + step * 0.35), fill=fill)
        if probability >= 0.001:
            draw.text((start + length + 4, middle), f"{probability:.1%}", _FAINT, font, anchor="lm")


def _paste(figure, draw, grey, corner, side, method=Image.Resampling.BICUBIC) -> None:
    """A (h, w) uint8 picture, its long side made `side`, with a line around it."""
    height, width = grey.shape
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    figure.paste(Image.fromarray(grey).resize(size, method), corner)
    draw.rectangle((corner[0] - 1, corner[1] - 1, corner[0] + size[0], corner[1] + size[1]), outline=_LINE)


def _fitting(text: str, font, width: int, keep_end: bool = False) -> str:
    text = "".join(c if c.isprintable() else "�" for c in text[-500:])
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[1:] if keep_end else text[:-1]
    return "…" + text if keep_end else text + "…"


def _wrapped(text: str, font, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_fitting(word, font, width))
    return [line for line in lines if line][:7]
