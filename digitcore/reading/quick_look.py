"""Whether a picture may hold more than one digit, seen from its ink alone, before any network is asked.

may_hold_several     by the picture's size
looks_like_several   by its pieces of ink
"""

from __future__ import annotations

import numpy as np

from digitcore.errors import BlankError
from digitcore.preprocessing.ink import Ink
from digitcore.preprocessing.margin import padded
from digitcore.reading.parts import Parts
from digitcore.reading.taken_apart import TakenApart

SMALL = 32
"""Pictures whose sides have at most this many pixels hold one digit, unless they are far from square: these
are the bitmaps of data sets (28x28, 32x32), in which a wide digit may fill the whole width."""

WIDE_PICTURE, HIGH_PICTURE = 1.3, 2.0
"""Width over height, and height over width, from which even a small picture may hold several digits, side by
side or one above the other: those of data sets are nearly square. Chosen by hand, on kind "few pixels" of
`python -m benchmarks.pages`."""

QUICK_SECOND = 0.25
"""Share of the heaviest part's size: a second part this large makes it worth looking for several digits.
Chosen by hand, on the pages of the development sets (`python -m benchmarks.strings FOLDER`)."""

WIDE = 1.15
"""Width over height from which one connected piece may be several digits. Chosen by hand, on single digits of
the development sets, which must stay one digit, and on the touching numbers of `python -m
benchmarks.strings`."""

BESIDE = 0.4
"""Share of a digit's size: ink this large that is not writing would spoil the digit if all ink were taken for
one."""


def may_hold_several(shape: tuple[int, int]) -> bool:
    """Whether a picture of that shape (h, w) is more than a bitmap of one digit."""
    height, width = shape
    return max(shape) > SMALL or width >= WIDE_PICTURE * height or height >= HIGH_PICTURE * width


def looks_like_several(apart: TakenApart) -> bool:
    """By the quick map: whether there is more writing than one digit."""
    try:
        parts = apart.quick_without_lines
    except BlankError:
        return False
    able = parts.writing
    if not able.any():
        return True
    w, h = parts.boxes[able, 2:].T
    if (w > WIDE * h).any():
        return True
    main = int(np.argmax(parts.mass[able]))
    others = np.maximum(*parts.boxes[parts.seen & ~able, 2:].T)
    if parts.lines or (others > BESIDE * max(w[main], h[main])).any():
        return True
    large = np.maximum(w, h) > QUICK_SECOND * max(w[main], h[main])
    large[main] = False
    return bool(large.any()) or is_cut_tight(apart.ink, parts)


def is_cut_tight(ink: Ink, parts: Parts) -> bool:
    """Whether the picture's sides cut ink that is not seen for that reason, and belongs to a number that was
    cut out without a margin."""
    height, width = parts.above.shape
    x, y, w, h = parts.boxes[1:][~parts.seen[1:]].T
    cut = (x == 0) | (y == 0) | (x + w == width) | (y + h == height)
    return bool(cut.any()) and padded(ink)[1] > 0
