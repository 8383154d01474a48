"""Pictures that are not digits: what a network must see in training to know what it does not know.

Letters and signs, handwritten, printed or of invented scripts, faces, scribbles and shapes, garments and
textures, and above all real handwriting that is no longer a digit: digits mirrored, lying on their side, cut
through, spliced, two or three in one box. All are in MNIST's format, as the reading pipeline would deliver
them. Learning from such pictures is called outlier exposure (Hendrycks, Mazeika & Dietterich, ICLR 2019).

No system fonts are used, and nothing from the sets that measure the result (Fashion-MNIST, notMNIST). The
shares are chosen, none is fitted; `python -m benchmarks.not_a_digit` measures what a network that saw them
refuses.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation import (
    damage,
    digit_parts,
    drawn_signs,
    imitation,
    invented_signs,
    pen_letters,
    scribbles,
    solids,
)
from digitcore.errors import DigitcoreError
from digitcore.preprocessing import normalisation

MADE = {
    scribbles.letter: 0.07,
    scribbles.scribble: 0.04,
    scribbles.tangle: 0.02,
    scribbles.shape: 0.03,
    pen_letters.draw: 0.09,
    drawn_signs.draw: 0.12,
    invented_signs.draw: 0.17,
    solids.garment: 0.03,
    solids.clothing: 0.16,
    solids.patch: 0.02,
}
"""Those made from scratch, (rng) -> a drawing of 56x56 pixels, each with its share."""

OF_DIGITS = {
    digit_parts.flipped: 0.07,
    digit_parts.several: 0.1,
    digit_parts.cut: 0.03,
    digit_parts.sliced: 0.01,
    digit_parts.ringed: 0.02,
    digit_parts.spliced: 0.02,
}
"""Those made from training digits, (images, labels, rng) -> a drawing, each with its share."""

_SOLID = solids.garment, solids.clothing
_KINDS = (*MADE, *OF_DIGITS)


def draw(
    n: int, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, of_digits: bool = True
) -> np.ndarray:
    """n pictures of non-digits, (n, 28, 28) uint8.

    images: (m, 28, 28) uint8 training digits from which some of them are made; labels: (m,), theirs.
    of_digits: False makes none from digits.
    """
    shares = np.array([*MADE.values(), *(share * of_digits for share in OF_DIGITS.values())])
    kinds = rng.choice(len(_KINDS), n, p=shares / shares.sum())
    pictures = np.zeros((n, 28, 28), np.uint8)
    for i in range(n):
        make = _KINDS[kinds[i]]
        while True:
            large = make(rng) if make in MADE else make(images, labels, rng)
            if make in _SOLID and rng.random() < 0.5:
                picture = _as_read(large)
            else:
                picture = imitation.in_box(large, 20 if rng.random() < 0.85 else int(rng.integers(14, 26)))
            if np.count_nonzero(picture > 60) >= 8:
                break
        pictures[i] = damage.in_the_picture(picture, rng) if rng.random() < 0.15 else picture
    return pictures


def _as_read(large):
    """A shaded drawing as the reading pipeline delivers it from a small picture: often only its edges, folds
    and shadows, which look like thin strokes. Empty if the pipeline refuses it."""
    x, y, w, h = cv2.boundingRect((large > 20).view(np.uint8))
    if min(w, h) < 2:
        return np.zeros((28, 28), np.uint8)
    scale = 28 / max(w, h)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    small = np.zeros((28, 28), np.uint8)
    left, top = (28 - size[0]) // 2, (28 - size[1]) // 2
    part = cv2.resize(large[y : y + h, x : x + w], size, interpolation=cv2.INTER_AREA)
    small[top : top + size[1], left : left + size[0]] = part
    try:
        return np.rint(normalisation.read(small).picture * 255).astype(np.uint8)
    except DigitcoreError:
        return np.zeros((28, 28), np.uint8)
