"""Grey levels, the bytes in which pictures are kept -> the numbers that networks read."""

from __future__ import annotations

import numpy as np

BRIGHTEST = 255


def scaled(grey: np.ndarray) -> np.ndarray:
    """Grey levels, uint8 of any shape (h, w) or (n, h, w) -> float32 from 0 to 1, as all networks here take
    their pictures."""
    return grey.astype(np.float32) / np.float32(BRIGHTEST)
