"""What is written on a page: its lines of digits, and which parts are none. Lines that were drawn beside the
digits are taken out first; strokes of digits that happen to stand in one line are not.

written_on    TakenApart -> Written
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from digitcore.errors import TooMuchError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.drawn_lines import Segment
from digitcore.reading import character_kinds, lines
from digitcore.reading.candidates import Piece
from digitcore.reading.other_writing import Others, others_in
from digitcore.reading.parts import Parts
from digitcore.reading.taken_apart import TakenApart

DRAWN = 28.0
"""Length over thickness from which a line cannot be strokes of digits that happen to stand in one line. Of
1,000 numbers composed of validation digits that touch (`python -m benchmarks.strings`), 10 hold such strokes,
of 10 to 18; the lines on which 25 numbers stand (`python -m benchmarks.pages --kinds "on its line"`) have 45
and more."""


class Written(NamedTuple):
    """The parts without lines, which of them are no digits, the pieces of each line of digits, and the parts
    (n,) bool that these come from."""

    parts: Parts
    others: Others
    rows: list[list[Piece]]
    able: np.ndarray


def written_on(apart: TakenApart, classifier: Classifier) -> Written:
    """What is written on a page. Raises BlankError where there is no ink, and as its Budget does."""
    found = _read(apart.full_without_lines, classifier)
    taken_out = found.parts.lines
    if taken_out and len(found.rows) <= 1 and not any(map(_is_drawn, taken_out)):
        return _with_lines(apart.full, found, classifier)
    return found


def _read(parts: Parts, classifier: Classifier) -> Written:
    others = others_in(parts, parts.writing, character_kinds.shipped(), classifier)
    return Written(parts, others, *lines.best_lines(parts, others.digits, classifier))


def _is_drawn(line: Segment) -> bool:
    """Whether this is surely a line beside digits."""
    return line.length > DRAWN * line.thickness


def _with_lines(parts: Parts, without: Written, classifier: Classifier) -> Written:
    """A number as it stands where that reads better than `without` what looked like lines."""
    try:
        found = _read(parts, classifier)
    except TooMuchError:
        return without
    pieces, before = ([piece for row in each.rows for piece in row] for each in (found, without))
    if len(found.rows) != 1 or len(pieces) < max(2, len(before)):
        return without
    return found if lines.weakest(pieces) > lines.weakest(before) else without
