"""Between the bytes in which pictures are kept and the numbers that networks read."""

from __future__ import annotations

import numpy as np

BRIGHTEST = 255


def scaled(grey: np.ndarray) -> np.ndarray:
    """Grey levels, uint8 of any shape -> float32 of 0 to 1, as every network here takes its pictures."""
    return grey.astype(np.float32) / np.float32(BRIGHTEST)
