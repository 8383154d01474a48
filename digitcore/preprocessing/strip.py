"""The strip: how a picture became the 28x28 that a network sees, step by step, as pages show it.

It is drawn from the values of a reading, only when somebody looks at it; nothing is found again.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.preprocessing.normalisation import Reading

STEPS = {
    "ink": ("Ink", "Grey as it came"),
    "box": ("Box", "Whole picture"),
    "scale": ("20 × 20", "Stretched to 28 × 28"),
    "centre": ("Centred", "In the middle"),
}
"""The steps that a reading can leave out, each with its title in the strip when it is done and when it is
left out."""

FRAME = 230, 110, 0
"""Colour of the frame around the box."""


def steps(reading: Reading) -> tuple[tuple[str, np.ndarray], ...]:
    """Five (title, array) in order: the picture as it came, and what each of STEPS made of it, whether it was
    done or left out; the last is what the network sees. Arrays are uint8, grey (h, w) or RGB (h, w, 3), or
    float32 (h, w) from 0 to 1."""
    titles = {step: names[step in reading.without] for step, names in STEPS.items()}
    if "scale" in reading.without:
        titles["centre"] = "Nothing left to centre"
    located = reading.located
    return (
        ("Picture", located.grey),
        (titles["ink"], located.ink),
        (titles["box"], _boxed(located.grey, located.box)),
        (titles["scale"], reading.scaled),
        (titles["centre"], reading.picture),
    )


def _boxed(grey: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """The picture with a frame around the box, (h, w, 3) uint8."""
    x, y, w, h = box
    boxed = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    line = max(1, round(max(boxed.shape) / 150))
    height, width = grey.shape
    start = max(0, x - line), max(0, y - line)
    end = min(width, x + w + line) - 1, min(height, y + h + line) - 1
    cv2.rectangle(boxed, start, end, FRAME, line)
    return boxed
