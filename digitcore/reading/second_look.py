"""Which characters of a line the line reader reads otherwise than the network that reads single digits.

A 1 that lies on its neighbour leaves ink that looks like one digit, of which that network is sure; the line
reader, which sees lines of overlapping digits while it learns, often says that there are two.
"""

from __future__ import annotations

import numpy as np

from digitcore.reading import ctc
from digitcore.reading.candidates import Inked, Piece, around, laid_out
from digitcore.reading.line_reader import VIEWS, LineReader

LIKELIER = 1.0
"""By how much the log-probability of another text must exceed that of the digits as they were read, for the
characters to be doubted that differ in it. Chosen by hand, on numbers composed of validation digits
(`python -m benchmarks.strings`)."""


def otherwise(pieces: list[Piece], inks: list[Inked], height: float, reader: LineReader) -> np.ndarray:
    """(n,) bool: which of a line's characters the line reader clearly reads otherwise.

    pieces: what the network says of each, from left to right. inks: of each. height: of a digit.
    """
    box = around(inks)
    left, ink = box[0], laid_out(inks, box)
    own = tuple(int(piece.probabilities.argmax()) for piece in pieces)
    views = reader.views(ink, height, VIEWS[:1])  # more would take long on a page
    likely = {text for view in views for text, _ in ctc.likeliest(view.frames)[:2]} | {own}
    texts = [text for text in sorted(likely) if text and all(view.holds(text) for view in views)]
    if own not in texts:
        return np.zeros(len(pieces), bool)
    values = np.mean([ctc.likelihoods(view.frames, texts) for view in views], 0)
    best = texts[int(values.argmax())]
    if values.max() < values[texts.index(own)] + LIKELIER:
        return np.zeros(len(pieces), bool)
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
