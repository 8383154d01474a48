"""Which characters of a line the line reader reads otherwise than the network that reads single digits.

    otherwise    before any is cut: what is to be cut
    doubted      afterwards: what is not sure

A 1 that lies on its neighbour leaves ink that looks like one digit, of which that network is sure; the line
reader, which sees lines of overlapping digits while it learns, often says that there are two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitcore.reading import ctc
from digitcore.reading.candidates import Inked, Piece, around, laid_out
from digitcore.reading.line_reader import VIEWS, LineReader

LIKELIER = 1.0
"""By how much the log-probability of another text must exceed that of the digits as they were read, for the
characters to be doubted that differ in it. Chosen by hand, on numbers composed of validation digits
(`python -m benchmarks.strings`)."""


CLOSE, WEAK = 0.5, 0.6
"""A text of digits some of which were cut is doubted where another one is likelier; where a piece is weaker
than WEAK (probability x digitness), where another one is less likely by no more than CLOSE. Chosen on 500
numbers composed of validation digits that touch (`python -m benchmarks.strings`): of 31 wrong ones without a
"?", 14 get one, and 3 of 461 exact ones. A threshold for the pieces alone takes one exact number for each
wrong one."""


def otherwise(pieces: list[Piece], inks: list[Inked], height: float, reader: LineReader) -> np.ndarray:
    """(n,) bool: which of a line's characters the line reader clearly reads otherwise.

    pieces: what the network says of each, from left to right. inks: of each. height: of a digit.
    """
    # More views would take long on a page.
    return _apart_in_another(pieces, inks, height, reader, VIEWS[:1], 2, LIKELIER)


def doubted(pieces: list[Piece], inks: list[Inked], height: float, reader: LineReader) -> np.ndarray:
    """(n,) bool: which pieces that were cut are otherwise in a text that the line reader, seeing the whole
    line, takes for as likely. What is whole stays as sure as it was: of that, the network that reads single
    digits knows more. inks: of the line's characters before they were cut."""
    cut = np.array([piece.is_cut for piece in pieces])
    if not cut.any():
        return cut
    weak = min(piece.score for piece in pieces) < WEAK
    return cut & _apart_in_another(pieces, inks, height, reader, VIEWS, 3, -CLOSE if weak else 0.0)


def _apart_in_another(
    pieces: list[Piece],
    inks: list[Inked],
    height: float,
    reader: LineReader,
    of: Sequence[tuple[int, float]],
    most: int,
    likelier: float,
) -> np.ndarray:
    """(n,) bool: in which pieces the likeliest other text differs, where its log-probability exceeds that of
    the digits as they were read by at least `likelier`.

    of: as for `LineReader.views`. most: how many texts of each view are considered.
    """
    none = np.zeros(len(pieces), bool)
    box = around(inks)
    left, ink = box[0], laid_out(inks, box)
    own = tuple(int(piece.probabilities.argmax()) for piece in pieces)
    views = reader.views(ink, height, of)
    likely = {text for view in views for text, _ in ctc.likeliest(view.frames)[:most]} | {own}
    texts = [text for text in sorted(likely) if text and all(view.holds(text) for view in views)]
    if own not in texts or len(texts) < 2:
        return none
    values = np.mean([ctc.likelihoods(view.frames, texts) for view in views], 0)
    number = texts.index(own)
    least = values[number] + likelier
    values[number] = -np.inf
    best = texts[int(values.argmax())]
    if values.max() < least:
        return none
    places = [view.columns(ctc.places(view.frames, [best])[0]) for view in views]
    middles = left + np.mean(places, 0)
    boxes = np.array([piece.box for piece in pieces])
    centres = boxes[:, 0] + boxes[:, 2] / 2
    outside = np.maximum(boxes[:, 0] - middles[:, None], middles[:, None] - boxes[:, 0] - boxes[:, 2])
    owner = np.lexsort((np.abs(centres - middles[:, None]), np.maximum(0, outside)), axis=1)[:, 0]
    said: list[list[int]] = [[] for _ in pieces]
    for digit, number in zip(best, owner, strict=True):
        said[number].append(digit)
    return np.array([read != [digit] for read, digit in zip(said, own, strict=True)])
