"""A line's digits compared with what the line reader makes of the whole line.

    otherwise    before any character is cut: which are to be cut, because it reads them otherwise
    settled      afterwards: the digits as they stand, or those of its text where that is clearly likelier

A 1 that lies on its neighbour leaves ink that looks like one digit, of which the network that reads single
digits is sure; the line reader, which sees lines of overlapping digits while it learns, often says that there
are two. And where digits had to be cut apart, it needs no cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitcore.reading import ctc, written_anew
from digitcore.reading.candidates import Inked, Piece, around, laid_out
from digitcore.reading.line_reader import VIEWS, LineReader, View
from digitcore.reading.written_anew import text_of

LIKELIER = 1.0
"""By how much the log-probability of another text must exceed that of the digits as they were read, for the
characters to be cut that differ in it. Chosen by hand, on numbers composed of validation digits
(`python -m benchmarks.strings`)."""

AFTER_CUTS, AFTER_NONE = 0.25, 3.0
"""By how much it must exceed that of the digits as they now stand, to take their place: in a line in which
digits were cut apart, and in one of whole digits, of which the network that reads single digits knows more.
Chosen, like CLOSE and WEAK, on numbers composed of validation digits (`python -m benchmarks.strings`): of
1,000 that touch, that network and the cuts read 927, the line reader alone 951."""

CLOSE, WEAK = 0.5, 0.6
"""A text of digits some of which were cut is doubted where another one is likelier by less than AFTER_CUTS;
where a piece is weaker than WEAK (probability x digitness), where another one is less likely by no more than
CLOSE."""

MOST = 5
"""Texts of each view that are considered. Chosen by hand."""


@dataclass(frozen=True)
class _Said:
    """What the line reader says of a line: texts with their log-probabilities (n,), `own` being the number of
    the text as it was read; and the views that they come from, which begin at the column `left`."""

    texts: list[ctc.Text]
    values: np.ndarray
    own: int
    views: list[View]
    left: int

    def best_but(self, number: int) -> int:
        """The number of the likeliest text other than this one."""
        others = self.values.copy()
        others[number] = -np.inf
        return int(others.argmax())

    def share(self, number: int) -> float:
        """How likely a text is among all of them."""
        shares = np.exp(self.values - self.values.max())
        return float(shares[number] / shares.sum())

    def middles(self, number: int) -> np.ndarray:
        """(length,) columns of the page at which the digits of a text stand."""
        text = self.texts[number]
        places = [view.columns(ctc.places(view.frames, [text])[0]) for view in self.views]
        return self.left + np.mean(places, 0)


def otherwise(pieces: list[Piece], inks: list[Inked], height: float, reader: LineReader) -> np.ndarray:
    """(n,) bool: which of a line's characters the line reader clearly reads otherwise.

    pieces: what the network says of each, from left to right. inks: of each. height: of a digit.
    """
    # More views would take long on a page.
    said = _said(pieces, inks, height, reader, VIEWS[:1], 2)
    if not said:
        return np.zeros(len(pieces), bool)
    best = said.best_but(said.own)
    if said.values[best] < said.values[said.own] + LIKELIER:
        return np.zeros(len(pieces), bool)
    return _differs(pieces, said, best)


def settled(pieces: list[Piece], inks: list[Inked], height: float, reader: LineReader) -> list[Piece]:
    """The pieces of a line of which some were looked at again, after the line reader has seen all of it.

    inks: of the line's characters before they were cut. A piece that was cut and of which another likely text
    says otherwise is doubted."""
    said = _said(pieces, inks, height, reader, VIEWS, MOST)
    if not said:
        return pieces
    cut = any(piece.is_cut for piece in pieces)
    chosen, enough = said.own, said.values[said.own] + (AFTER_CUTS if cut else AFTER_NONE)
    for other in np.argsort(-said.values, kind="stable").tolist():
        if said.values[other] <= enough:
            break
        written = written_anew.as_text(
            pieces, inks, height, said.texts[other], said.middles(other), said.share(other)
        )
        if written:
            pieces, chosen = written, other
            break
    if chosen == said.own and not cut:
        return pieces
    pieces = written_anew.as_whole(pieces, inks, height, said.middles(chosen), said.share(chosen))
    rival = said.best_but(chosen)
    weak = min(piece.score for piece in pieces) < WEAK
    if said.values[rival] < said.values[chosen] - (CLOSE if weak else 0):
        return pieces
    doubts = _differs(pieces, said, rival)
    return [
        replace(piece, is_doubted=True) if doubt and piece.is_cut else piece
        for piece, doubt in zip(pieces, doubts, strict=True)
    ]


def _said(
    pieces: list[Piece],
    inks: list[Inked],
    height: float,
    reader: LineReader,
    of: Sequence[tuple[int, float]],
    most: int,
) -> _Said | None:
    """None where the line reader has no other text, or cannot say how likely the one that was read is.

    of: as for `LineReader.views`. most: how many texts of each view are considered."""
    box = around(inks)
    views = reader.views(laid_out(inks, box), height, of)
    own = text_of(pieces)
    likely = {text for view in views for text, _ in ctc.likeliest(view.frames)[:most]} | {own}
    texts = [text for text in sorted(likely) if text and all(view.holds(text) for view in views)]
    if own not in texts or len(texts) < 2:
        return None
    values = np.mean([ctc.likelihoods(view.frames, texts) for view in views], 0)
    return _Said(texts, values, texts.index(own), views, box[0])


def _differs(pieces: list[Piece], said: _Said, number: int) -> np.ndarray:
    """(n,) bool: which pieces are not that one digit in another text."""
    middles = said.middles(number)
    boxes = np.array([piece.box for piece in pieces])
    centres = boxes[:, 0] + boxes[:, 2] / 2
    outside = np.maximum(boxes[:, 0] - middles[:, None], middles[:, None] - boxes[:, 0] - boxes[:, 2])
    owner = np.lexsort((np.abs(centres - middles[:, None]), np.maximum(0, outside)), axis=1)[:, 0]
    there: list[list[int]] = [[] for _ in pieces]
    for digit, place in zip(said.texts[number], owner, strict=True):
        there[place].append(digit)
    return np.array([read != [digit] for read, digit in zip(there, text_of(pieces), strict=True)])
