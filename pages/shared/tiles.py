"""Rows of 28x28 pictures that wrap on any screen, each pixel a sharp square.

One piece of HTML instead of `st.image`: forty digits are 15 kB in it, and forty requests there.
"""

import base64
import html
import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import streamlit as st
from PIL import Image

ROW = "display:flex;flex-wrap:wrap;gap:{gap}px"
# The tiles are black, as the page may be.
EDGE = "outline:1px solid rgba(128,128,128,0.4)"
# Whole multiples of 28, so that no pixel is drawn wider than its neighbour.
PICTURE = "width:{size}px;height:{size}px;image-rendering:pixelated;border-radius:4px;display:block;{edge}"


def tiles(images: Sequence[np.ndarray], alt: str, size: int = 56) -> None:
    """Show `(28, 28) uint8` images as they are stored, bright ink on black; `alt` tells what they are."""
    row = "".join(picture(image, "", size) for image in images)
    st.html(f'<div role="img" aria-label="{html.escape(alt)}" style="{ROW.format(gap=6)}">{row}</div>')


def captioned_tiles(images: Sequence[np.ndarray], captions: Sequence[str], alt: str, size: int = 112) -> None:
    """Show `(28, 28) uint8` images with a caption below each; `alt` is the alternative text's beginning."""
    figures = (
        f'<figure style="margin:0;width:{size}px">{picture(image, f"{alt} {caption}", size)}'
        f'<figcaption style="text-align:center;line-height:1.3;font-size:0.875rem">{html.escape(caption)}'
        "</figcaption></figure>"
        for image, caption in zip(images, captions, strict=True)
    )
    st.html(f'<div style="{ROW.format(gap=12)}">{"".join(figures)}</div>')


def picture(image: np.ndarray, alt: str, size: int, style: str = "") -> str:
    """HTML of a `(28, 28) uint8` image, `size` pixels wide; `style` overrules its own."""
    style = f"{PICTURE.format(size=size, edge=EDGE)};{style}"
    data = _png(image.tobytes(), image.shape)
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" style="{style}">'


@lru_cache(maxsize=1024)  # a page that follows a training shows the same pictures twice a second
def _png(pixels: bytes, shape: tuple[int, int]) -> str:
    file = io.BytesIO()
    Image.fromarray(np.frombuffer(pixels, np.uint8).reshape(shape)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
