"""What a picture holds besides the digits that were read from it: counted, and said in one sentence.

    LeftOut        how much of which kind; its `sentence`
    left_out_of    the ink of a picture, and the boxes of what was read -> LeftOut

It is counted from the ink that is in no answer's box, not by those that leave something out, so that nothing
can be dropped without a word. Specks, and the edges of a sheet at the picture's sides, are no writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from digitcore.reading import marks
from digitcore.reading.candidates import Box, within
from digitcore.reading.other_writing import Others
from digitcore.reading.parts import Parts, is_frame


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
    return LeftOut(**counts)
