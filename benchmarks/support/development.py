"""The development sets: folders of labelled single digits that guide choices and are never trained on.

A folder holds `*.npz` files with `images (n, h, w) uint8` and `labels (n,)`, and sub-folders with a
`labels.csv` whose columns are file, label and, if there are several kinds, kind. The two ways to prepare
their pictures that the benchmarks compare are here as well: our pipeline, and what most demos do.
"""

from __future__ import annotations

import csv

import cv2
import numpy as np

from digitcore.errors import BlankError, ImageError
from digitcore.preprocessing import images, normalisation
from digitcore.preprocessing.levels import scaled

EMPTY = np.zeros((normalisation.SIDE, normalisation.SIDE), np.float32)


def load(folder, every=1):
    """{name: (grey pictures, labels (n,))} of each set in the folder; files that hold no set are passed over.

    every: keep every n-th picture only.
    """
    sets = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            if {"images", "labels"} <= set(file) and not path.stem.startswith("ood"):
                sets[path.stem] = file["images"][::every], file["labels"][::every].astype(int)
    for path in sorted(folder.glob("*/labels.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if (row.get("label") or "").isdigit()]
        kinds = sorted({row.get("kind") or path.parent.name for row in rows})
        for kind in kinds:
            mine = [row for row in rows if (row.get("kind") or path.parent.name) == kind][::every]
            pictures = [decoded(path.parent / row["file"]) for row in mine]
            sets[kind] = pictures, np.array([int(row["label"]) for row in mine])
    return sets


def decoded(path):
    try:
        return images.decode(path.read_bytes(), path.name)
    except ImageError:
        return np.full((28, 28), 255, np.uint8)  # nothing to see: counted as a miss, not left out


def or_empty(read, picture):
    """What `read` makes of a picture, or an empty picture where it refuses."""
    try:
        return read(picture)
    except BlankError:
        return EMPTY


def through_the_pipeline(pictures):
    """Our reader: (n, 28, 28) float32, and (n,) bool, whether the pipeline refused the picture, which is then
    empty."""
    ready = [or_empty(lambda grey: normalisation.read(grey).picture, picture) for picture in pictures]
    return np.stack(ready), np.array([picture is EMPTY for picture in ready])


def only_resized(pictures):
    """The usual reader: grey, resized to 28x28, inverted when dark on light, scaled to 0 to 1; (n, 28, 28).

    The border tells the polarity: of each picture where they are files, and of all of them together where
    they are one array, because a single bitmap without a margin does not show it.
    """
    if isinstance(pictures, np.ndarray):
        inverted = [np.median(np.concatenate([border(picture) for picture in pictures])) > 127] * len(
            pictures
        )
    else:
        inverted = [border(picture).mean() > 127 for picture in pictures]
    small = [cv2.resize(picture, EMPTY.shape, interpolation=cv2.INTER_AREA) for picture in pictures]
    upright = [255 - picture if invert else picture for picture, invert in zip(small, inverted, strict=True)]
    return scaled(np.stack(upright))


def border(picture):
    """The values along the four sides."""
    return np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
