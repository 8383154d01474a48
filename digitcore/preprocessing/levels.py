"""Grey levels, the bytes in which pictures are kept -> the numbers that networks read."""

from __future__ import annotations

import numpy as np

BRIGHTEST = 255

NARROW = 128
"""Arrays of pictures whose largest value is below this do not use the range 0 to 255 (bitmaps have 0 and 1,
UCI's digits 0 to 16), and are stretched as a whole."""


def scaled(grey: np.ndarray) -> np.ndarray:
    """Grey levels, uint8 of any shape (h, w) or (n, h, w) -> float32 from 0 to 1, as all networks here take
    their pictures."""
    return grey.astype(np.float32) / np.float32(BRIGHTEST)
