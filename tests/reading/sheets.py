"""Small pages of digits, made for a test."""

import numpy as np

SIDE = 84
"""Pixels of a clear digit's picture; the digit itself is about 60 high."""


def page(clear, rows, step=90, slope=0.0, line=120):
    """Rows of text, dark on white, `step` pixels from one digit to the next, falling by `slope`, `line`
    pixels from one row to the next."""
    longest = max(map(len, rows))
    fall = round(abs(slope) * step * longest)
    ink = np.zeros((len(rows) * line + 80 + fall, longest * step + 80), np.uint8)
    for row, text in enumerate(rows):
        for column, name in enumerate(text):
            if name == " ":
                continue
            top, left = 40 + row * line + round(slope * step * column), 40 + column * step
            top += fall if slope < 0 else 0
            part = ink[top : top + SIDE, left : left + SIDE]
            np.maximum(part, clear[int(name)], out=part)
    return 255 - ink
