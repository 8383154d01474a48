"""The strip: what the pipeline made of a picture, step by step, until the 28x28 that the network sees."""

import cv2
import numpy as np
import streamlit as st

from digitcore.preprocessing import Reading

# Drawn at twice the size at which it is shown, so that pixels stay crisp on phones and Retina screens.
SHOWN = 112
DRAWN = 2 * SHOWN


def strip(reading: Reading) -> None:
    """Show every step of a reading in order, each with its caption."""
    st.image(
        [enlarged(array) for _, array in reading.steps],
        caption=[f"{number}. {title}" for number, (title, _) in enumerate(reading.steps, 1)],
        width=SHOWN,
        output_format="PNG",
    )


def enlarged(array: np.ndarray, side: int = DRAWN) -> np.ndarray:
    """A step as a square of `side` pixels, uint8: small ones by whole pixels (each stays a sharp square),
    large ones averaged down; centred on their own ground.

    array: (h, w) or (h, w, 3) uint8, or float32 from 0 to 1.
    """
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
    ground = array[0, 0].tolist()
    return cv2.copyMakeBorder(
        array, top, side - height - top, left, side - width - left, cv2.BORDER_CONSTANT, value=ground
    )
