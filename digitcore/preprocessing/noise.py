"""Noise and grain of small pictures: smoothed away, and what is left of them counted as noise.

The numbers were chosen by hand on degraded validation digits: `python -m benchmarks.pipeline FOLDER` counts
the misses with and without each step.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from digitcore.preprocessing.paper import Levels

SMALL = 24 * 24
LARGE = 64 * 64
"""Pixels. Below SMALL, soft edges outnumber bare paper, so that noise cannot be told from them; above LARGE,
strokes are so wide that noise can be told without smoothing. Chosen by hand, on degraded validation digits
(`benchmarks.pipeline`, columns "no smoothing" and "no unrest")."""


def quiet(grey: np.ndarray) -> np.ndarray:
    """The picture without noise, if it is small: in a small picture strokes are hardly wider than grain.

    grey: (h, w) uint8. Lone specks and holes, where there are too many to be a stroke's, take the level of
    what is around them; grain is smoothed along the edges of strokes, not across. Returns `grey` itself where
    it is clean, too small to tell, or so large that noise is lost on the way to 28 pixels. The weights were
    chosen by hand on "noise", "impulses" and "stripes" of `benchmarks.pipeline`.
    """
    if grey.size < SMALL or grey.size > LARGE:
        return grey
    span = float(np.ptp(grey))
    around = grey
    ring = np.ones((3, 3), np.uint8)
    ring[1, 1] = 0
    specks = cv2.subtract(grey, cv2.dilate(grey, ring)) + cv2.subtract(cv2.erode(grey, ring), grey)
    middle = cv2.medianBlur(grey, 3)
    apart = cv2.absdiff(grey, middle)
    if (specks > 0.3 * span).mean() > 0.01:
        around = np.where(apart > 0.4 * span, middle, grey)
        apart = cv2.absdiff(around, middle)
    grain = 1.5 * float(np.median(apart))
    if grain > 0.03 * span:
        around = cv2.bilateralFilter(around, 5, 7 * grain, 1.5)
    return around


def unrest(above: np.ndarray, levels: Levels) -> Levels:
    """The Levels of `above` (h, w), with what is left of noise, fog or stripes in a small picture counted as
    noise.

    What counts is the ground away from the strokes, and at most a seventh of the contrast, so that faint
    strokes do not count. A clean ground, and a picture that is very small or large enough, keep their Levels.
    The weights were chosen by hand on degraded validation digits (`benchmarks.pipeline`, column "no unrest").
    """
    if not SMALL <= above.size <= LARGE:
        return levels
    contrast = levels.contrast
    strong = (above > levels.paper + 0.5 * contrast).view(np.uint8)
    ground = above[cv2.dilate(strong, np.ones((3, 3), np.uint8)) == 0] - levels.paper
    spread = float(np.percentile(ground, 90)) / 1.28 if ground.size else 0.0  # of a normal distribution
    if spread < 0.05 * contrast:
        return levels
    return replace(levels, noise=max(levels.noise, min(spread, contrast / 7)))
