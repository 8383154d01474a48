"""Boxes over a picture, one per digit, each with its answer.

Plain HTML, so that they scale with the picture and lie over the canvas without catching the pen's strokes.
"""

import base64
import html
from collections.abc import Sequence

import streamlit as st

from digitcore.reading.digit import Digit
from pages.shared.tiles import EDGE

# Okabe and Ito's blue, and their vermilion if the network is unsure: 3:1 on white paper and on black.
SURE, UNSURE = "#0072B2", "#D55E00"
BOX = (
    "position:absolute;box-sizing:border-box;border:2px solid {colour};border-radius:3px;"
    "left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"
)
LABEL = (
    "position:absolute;{side};left:-2px;padding:0 4px;background:{colour};color:#fff;border-radius:3px;"
    "font-size:12px;line-height:16px"
)
HIGHEST = 320
MARGIN = 4  # pixels between ink and box, so that the box hides none of it


def over_canvas(digits: Sequence[Digit], names: Sequence[str], size: tuple[int, int]) -> None:
    """Lay boxes over the canvas directly above, which has that (width, height) in pixels, however large it is
    shown (style.css), and z-index 10."""
    width, height = size
    st.html(
        '<div aria-hidden="true" style="position:relative;z-index:11;height:0;pointer-events:none">'
        '<div style="position:absolute;left:0;bottom:0;'
        f'width:calc(var(--paper) * {width / height:.4f});height:var(--paper)">'
        f"{_boxes(digits, names, size)}</div></div>"
    )


def over_picture(
    picture: bytes, digits: Sequence[Digit], names: Sequence[str], size: tuple[int, int], alt: str
) -> None:
    """Show a WebP as wide as the page allows, at most HIGHEST pixels high, with its digits' boxes.

    size: (width, height) of the upright picture, in whose pixels the boxes are.
    """
    data = base64.b64encode(picture).decode()
    wide = round(HIGHEST * size[0] / size[1])
    # The margin leaves room for the labels of the top row, all of which are above their boxes.
    st.html(
        f'<div style="position:relative;max-width:{wide}px;margin:20px 0">'
        f'<img src="data:image/webp;base64,{data}" alt="{html.escape(alt)}" '
        f'style="width:100%;display:block;{EDGE}">'
        f'<div aria-hidden="true">{_boxes(digits, names, size, needed=0)}</div></div>'
    )


def _boxes(digits: Sequence[Digit], names: Sequence[str], size: tuple[int, int], needed: float = 0.07) -> str:
    """needed: the share of the picture's height that a label above its box takes."""
    return "".join(_box(digit, names, *size, needed) for digit in digits)


def _box(digit: Digit, names: Sequence[str], width: int, height: int, needed: float) -> str:
    x, y, w, h = digit.box
    left, top = max(0, x - MARGIN), max(0, y - MARGIN)
    right, bottom = min(width, x + w + MARGIN), min(height, y + h + MARGIN)
    colour = SURE if digit.accepted else UNSURE
    style = BOX.format(
        colour=colour,
        left=100 * left / width,
        top=100 * top / height,
        width=100 * (right - left) / width,
        height=100 * (bottom - top) / height,
    )
    # Above the box if there is room, else below it.
    label = LABEL.format(colour=colour, side="bottom:100%" if top >= needed * height else "top:100%")
    text = names[digit.verdict.label] if digit.verdict.is_digit else ""
    text += "" if digit.accepted else "?"
    return f'<div style="{style}"><span style="{label}">{html.escape(text)}</span></div>'
