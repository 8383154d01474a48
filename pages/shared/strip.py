"""The strip: what the pipeline made of a picture, step by step, until the 28x28 that the network sees."""

import cv2
import numpy as np
import streamlit as st

from digitcore.preprocessing import Reading

# Drawn at twice the size at which it is shown, so that pixels stay crisp on phones and Retina screens.
SHOWN = 112
DRAWN = 2 * SHOWN
FRAME = 128


def strip(reading: Reading) -> None:
    """Show every step of a reading in order, each with its caption."""
    with st.container(horizontal=True, gap="small"):
        for number, (title, array) in enumerate(reading.steps, 1):
            st.image(enlarged(array), f"{number}. {title}", width=SHOWN, output_format="PNG")


def enlarged(array: np.ndarray, side: int = DRAWN) -> np.ndarray:
    """A step as a square of `side` pixels, uint8: small ones by whole pixels (each stays a sharp square),
    large ones averaged down; centred on their own ground, within a thin frame that shows on any page.

    array: (h, w) or (h, w, 3) uint8, or float32 from 0 to 1.
    """
    # Steps made of ink lie on black; a picture's own ground is its most common tone.
    ground = 0 if array.dtype != np.uint8 else np.median(array.reshape(-1, *array.shape[2:]), axis=0)
    if array.dtype != np.uint8:
        array = (np.clip(array, 0, 1) * 255).round().astype(np.uint8)
    factor = side / max(array.shape[:2])
    if factor >= 2:
        array = array.repeat(int(factor), 0).repeat(int(factor), 1)
    else:
        size = [max(1, round(length * factor)) for length in array.shape[1::-1]]
        array = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    height, width = array.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    square = np.empty((side, side, *array.shape[2:]), np.uint8)
    square[:] = ground
    square[top : top + height, left : left + width] = array
    for edge in (square[:2], square[-2:], square[:, :2], square[:, -2:]):
        edge[:] = FRAME
    return square
