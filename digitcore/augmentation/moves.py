"""What a hand and a pen do to a digit: shifted, turned, larger or smaller, thinner or thicker.

One warp and at most one morphological step per picture, in OpenCV: 55,000 pictures take about a second.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.networks.settings import Settings

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def augment(images: np.ndarray, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """A changed copy of each picture; `settings` limits how far each change goes.

    images: (n, 28, 28) uint8, 0 paper. Returns the same shape and type. All randomness comes from `rng`.
    """
    n = len(images)
    angles = np.deg2rad(rng.uniform(-settings.rotation, settings.rotation, n))
    zooms = 1.0 + rng.uniform(-settings.zoom, settings.zoom, (n, 2))
    shifts = rng.uniform(-settings.shift, settings.shift, (n, 2))
    pens = rng.uniform(-1.0, 1.0, n) * (rng.random(n) < settings.thickness)
    cos, sin = np.cos(angles), np.sin(angles)
    # Turn and zoom about the centre of the picture, (13.5, 13.5) in pixel centres, then shift.
    matrices = np.empty((n, 2, 3))
    matrices[:, 0, 0], matrices[:, 0, 1] = zooms[:, 0] * cos, -zooms[:, 1] * sin
    matrices[:, 1, 0], matrices[:, 1, 1] = zooms[:, 0] * sin, zooms[:, 1] * cos
    centre = np.array([13.5, 13.5])
    matrices[:, :, 2] = centre + shifts - matrices[:, :, :2] @ centre
    changed = np.empty_like(images)
    for i in range(n):
        picture = cv2.warpAffine(images[i], matrices[i], (28, 28), flags=cv2.INTER_LINEAR)
        if pens[i]:
            bolder = cv2.dilate(picture, _CROSS) if pens[i] > 0 else cv2.erode(picture, _CROSS)
            # A full erosion would erase MNIST's thinnest strokes, so blend it in, half at most.
            part = abs(pens[i]) * (0.9 if pens[i] > 0 else 0.5)
            picture = cv2.addWeighted(bolder, part, picture, 1.0 - part, 0.0)
        changed[i] = picture
    return changed
