"""What a picture holds besides the digits that were read from it: counted, and said in one sentence.

    LeftOut        how much of which kind; its `sentence`
    left_out_of    the ink of a picture, and the boxes of what was read -> LeftOut

It is counted from the ink that is in no answer's box, not by those that leave something out, so that nothing
can be dropped without a word. Specks, and the edges of a sheet at the picture's sides, are no writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from digitcore.reading import marks
from digitcore.reading.candidates import Box, within
from digitcore.reading.other_writing import Others
from digitcore.reading.parts import Parts, is_frame

FAINTEST, NOISE = 0.12, 5.0
"""Share of the contrast, and times the noise: ink that is weaker is not looked for. Chosen, as those below,
on the pages of the development sets, of which none may get a faint piece that is not there."""

AS_HIGH, STROKES, EDGE = (0.6, 1.5), 0.6, 7
"""Heights of a faint piece against the digits beside it; the share of its box that its ink fills at most, as
shadows do not; and the pixels around other ink in which there are its soft edges."""


@dataclass(frozen=True)
class LeftOut:
    """Pieces of ink that are in no answer.

    marks: what is no digit: dots, dashes, slashes, brackets, signs. letters: those of words. cut: what the
    picture's side cuts. lines: that are drawn or printed. around: shapes that something stands in. others:
    what is faint, or too small or too large to be one of the digits.
    """

    marks: int = 0
    letters: int = 0
    cut: int = 0
    lines: int = 0
    around: int = 0
    others: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Those of which there are some, by name."""
        return {name: count for name, count in asdict(self).items() if count}

    @property
    def sentence(self) -> str:
        """ "Left out: 2 marks that are no digits, 5 letters."; "" where nothing was."""
        said = [_SAID[name][count > 1].format(count) for name, count in self.counts.items()]
        return f"Left out: {', '.join(said)}." if said else ""


NOTHING = LeftOut()

_SAID = {
    "marks": ("{} mark that is no digit", "{:,} marks that are no digits"),
    "letters": ("{} letter", "{:,} letters"),
    "cut": ("{} piece that the picture's side cuts", "{:,} pieces that the picture's sides cut"),
    "lines": ("{} line", "{:,} lines"),
    "around": ("{} shape around others", "{:,} shapes around others"),
    "others": ("{} faint, small or large piece", "{:,} faint, small or large pieces"),
}


def left_out_of(parts: Parts, boxes: Sequence[Box], others: Others | None = None) -> LeftOut:
    """What of a picture's ink lies in none of these boxes, which are at the parts' size.

    others: which parts were found to be marks and letters.
    """
    height, width = parts.above.shape
    x, y, w, h = parts.boxes.T
    rest = parts.seen & ~within(parts.boxes, boxes)
    flat = marks.is_mark(parts.labels, parts.boxes, rest)
    letters = np.zeros(len(rest), bool)
    if others:  # wherever they stand: a slash leans over its neighbours
        flat |= others.marks
        letters |= others.letters
        rest |= parts.seen & (others.marks | others.letters)
    at_a_side = (x <= 1) | (y <= 1) | (x + w >= width - 1) | (y + h >= height - 1)
    counts = dict.fromkeys(_SAID, 0)
    for part in np.flatnonzero(rest):
        if letters[part]:
            counts["letters"] += 1
        elif flat[part]:
            counts["marks"] += 1
        elif is_frame(parts, part, parts.seen):
            counts["around"] += 1
        elif at_a_side[part]:
            counts["cut"] += 1
        else:
            counts["others"] += 1
    counts["lines"] = len(parts.lines)
    counts["others"] += _faint_beside(parts, boxes)
    return LeftOut(**counts)


def _faint_beside(parts: Parts, boxes: Sequence[Box]) -> int:
    """How many pieces stand beside these boxes, as high as they are, of ink too faint to be read."""
    if not len(boxes):
        return 0
    height, width = parts.above.shape
    left, top, wide, tall = np.array(boxes, float).T
    usual = float(np.median(tall))
    low = np.maximum(0, np.floor((left - 2 * usual, top - usual)).astype(int)).min(1)
    high = np.ceil((left + wide + 2 * usual, top + tall + usual)).astype(int).max(1)
    area = slice(low[1], min(height, high[1])), slice(low[0], min(width, high[0]))
    levels = parts.levels
    near = cv2.dilate((parts.labels[area] > 0).view(np.uint8), np.ones((EDGE, EDGE), np.uint8)).view(bool)
    faint = parts.above[area] > levels.paper + max(FAINTEST * levels.contrast, NOISE * levels.noise)
    _, _, stats, _ = cv2.connectedComponentsWithStats((faint & ~near).view(np.uint8), connectivity=8)
    count = 0
    for x, y, w, h, pixels in stats[1:]:
        if not (AS_HIGH[0] * usual <= h <= AS_HIGH[1] * usual and w <= AS_HIGH[1] * usual):
            continue
        x, y = x + low[0], y + low[1]
        shared = np.minimum(y + h, top + tall) - np.maximum(y, top)
        gap = np.maximum(x, left) - np.minimum(x + w, left + wide)
        beside = (shared >= AS_HIGH[0] * usual) & (gap <= usual)
        count += bool(pixels < STROKES * w * h and beside.any())
    return count
