"""Pictures beside what was read from them, as one PNG: picture, what the network saw, probabilities; and the
boxes of several digits, drawn over their picture."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitcore.reading.batch import Row
from digitcore.reading.digit import Digit

MOST = 240
"""Pictures in one figure, which then measures 1,900 by 12,600 pixels."""

PICTURE_SIDE = 128
CELL = (480, 210)
MARGIN = 12
SEEN_SIDE = 84
COLUMNS = 4

Draw = ImageDraw.ImageDraw
Font = ImageFont.FreeTypeFont
Corner = tuple[float, float]

_INK, _FAINT, _LINE = "#1a1a1a", "#6b6b6b", "#d5d5d5"
# Okabe and Ito's colours, which colour-blind people can tell apart.
_BAR, _BEST, _UNSURE = "#b9c4cf", "#0072b2", "#d55e00"


def png(rows: Sequence[Row], class_names: Sequence[str]) -> bytes:
    """The figure of at most MOST rows, one cell for each in their order, as the bytes of a PNG.

    A row's thumbnail is drawn with a long side of PICTURE_SIDE. A row without an answer shows its error.
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


def _cell(
    figure: Image.Image,
    draw: Draw,
    fonts: tuple[Font, Font],
    row: Row,
    class_names: Sequence[str],
    corner: Corner,
) -> None:
    small, large = fonts
    left, top = corner[0] + MARGIN, corner[1] + MARGIN
    inner = CELL[0] - 2 * MARGIN
    draw.rectangle((corner[0], corner[1], corner[0] + CELL[0], corner[1] + CELL[1]), outline=_LINE)
    draw.text((left, top), _fitting(row.name, small, inner, keep_end=True), _FAINT, small)
    top += 24
    right = left
    if row.error is not None:
        if row.thumbnail is not None:
            _paste(figure, draw, row.thumbnail, (left, top), PICTURE_SIDE)
            right += PICTURE_SIDE + MARGIN
        _sentence(draw, small, row.error, (right, top), left + inner)
        return
    if len(row.digits) > 1:
        _several(figure, draw, large, row, class_names, (left, top))
        return
    (digit,) = row.digits
    if row.thumbnail is not None:
        _paste(figure, draw, row.thumbnail, (left, top), PICTURE_SIDE)
        right += PICTURE_SIDE + MARGIN
    seen = (np.asarray(digit.picture) * 255).round().astype(np.uint8)
    _paste(figure, draw, seen, (right, top), SEEN_SIDE, Image.Resampling.NEAREST)
    verdict = digit.verdict
    colour = _BEST if verdict.accepted else _UNSURE
    answer = _fitting(_name(digit, class_names), large, SEEN_SIDE + 40)
    draw.text((right, top + SEEN_SIDE + 8), answer, colour, large)
    beside = right + SEEN_SIDE + MARGIN
    if verdict.is_digit:
        draw.text((right, top + SEEN_SIDE + 34), verdict.sureness, _FAINT, small)
        _bars(draw, small, digit, class_names, (beside, top), left + inner, colour)
    else:
        _sentence(draw, small, verdict.text, (beside, top), left + inner)


def _name(digit: Digit, class_names: Sequence[str]) -> str:
    """The answer, with "?" where the network is not sure of it, or "?" alone where the ink is not a digit."""
    name = class_names[digit.verdict.label] if digit.verdict.is_digit else ""
    return name + ("" if digit.accepted else "?")


def _sentence(draw: Draw, font: Font, text: str, corner: Corner, right: float) -> None:
    left, top = corner
    for number, line in enumerate(_wrapped(text, font, right - left)):
        draw.text((left, top + 18 * number), line, _UNSURE, font)


def with_boxes(
    grey: np.ndarray, size: tuple[int, int], digits: Sequence[Digit], class_names: Sequence[str]
) -> np.ndarray:
    """A picture with a box around each digit and its answer above: blue where the network is sure, orange
    with a "?" where it is not.

    grey: (h, w) uint8, the picture or a thumbnail of it. size: (width, height) of the picture, in whose
    pixels the digits' boxes are. Returns (h, w, 3) uint8.
    """
    canvas = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(canvas)
    scale = max(grey.shape) / max(size)
    heights = [digit.box[3] * scale for digit in digits]
    font = ImageFont.load_default(min(28, max(9, float(np.median(heights or [9])) / 2)))
    for digit in digits:
        x, y, w, h = (value * scale for value in digit.box)
        colour = _BEST if digit.accepted else _UNSURE
        draw.rectangle((x - 2, y - 2, x + w + 1, y + h + 1), outline=colour)
        name = _name(digit, class_names)
        middle = min(max(x + w / 2, font.size / 2), canvas.width - font.size / 2)
        draw.text(
            (middle, max(y - 3, font.size)), name, colour, font, "ms", stroke_width=2, stroke_fill="white"
        )
    return np.asarray(canvas)


def _several(
    figure: Image.Image, draw: Draw, font: Font, row: Row, class_names: Sequence[str], corner: Corner
) -> None:
    """A cell for several digits: the picture with their boxes, and the text below."""
    left, top = corner
    width, height = CELL[0] - 2 * MARGIN, CELL[1] - 24 - 2 * MARGIN - 34
    boxed = with_boxes(row.thumbnail, row.size, row.digits, class_names)
    scale = min(width / boxed.shape[1], height / boxed.shape[0])
    _paste(figure, draw, boxed, corner, scale * max(boxed.shape))
    colour = _BEST if all(digit.accepted for digit in row.digits) else _UNSURE
    text = _fitting(row.text.replace("\n", " / "), font, width)
    draw.text((left, top + height + 6), text, colour, font)


def _bars(
    draw: Draw,
    font: Font,
    digit: Digit,
    class_names: Sequence[str],
    corner: Corner,
    right: float,
    colour: str,
) -> None:
    left, top = corner
    step = (CELL[1] - 24 - 2 * MARGIN) / len(class_names)
    names = [_fitting(name, font, 60) for name in class_names]
    start = left + max(font.getlength(name) for name in names) + 6
    longest = right - start - 48
    for number, (name, probability) in enumerate(zip(names, digit.probabilities, strict=True)):
        middle = top + step * (number + 0.5)
        draw.text((start - 6, middle), name, _INK, font, anchor="rm")
        length = max(1, round(longest * float(probability)))
        fill = colour if number == digit.verdict.label else _BAR
        draw.rectangle((start, middle - step * 0.35, start + length, middle + step * 0.35), fill=fill)
        if probability >= 0.001:
            # Never 100 %: no network can be certain.
            share = ">99.9%" if probability >= 0.9995 else f"{probability:.1%}"
            draw.text((start + length + 4, middle), share, _FAINT, font, anchor="lm")


def _paste(
    figure: Image.Image,
    draw: Draw,
    grey: np.ndarray,
    corner: Corner,
    side: float,
    method: Image.Resampling = Image.Resampling.BICUBIC,
) -> None:
    """A (h, w) or (h, w, 3) uint8 picture, its long side made `side`, with a line around it."""
    height, width = grey.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    figure.paste(Image.fromarray(grey).resize(size, method), corner)
    draw.rectangle((corner[0] - 1, corner[1] - 1, corner[0] + size[0], corner[1] + size[1]), outline=_LINE)


def _fitting(text: str, font: Font, width: float, keep_end: bool = False) -> str:
    text = _drawable(text[-500:])
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[1:] if keep_end else text[:-1]
    return "…" + text if keep_end else text + "…"


def _drawable(text: str) -> str:
    """Letters without their accents: Pillow's own font has ASCII and a few signs, but neither "×" nor "é"."""
    plain = unicodedata.normalize("NFKD", text.replace("×", "x").replace("–", "-"))
    return "".join(c if c.isprintable() else "�" for c in plain if not unicodedata.combining(c))


def _wrapped(text: str, font: Font, width: float) -> list[str]:
    lines = [""]
    for word in _drawable(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_fitting(word, font, width))
    return [line for line in lines if line][:7]
