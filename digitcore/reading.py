"""Picture files -> answers: decode, find the digit, ask the network; one picture in memory at a time.

Upload and `python -m digitcore predict` both read through here. A file that cannot be read is a row that
says why, and the others are read all the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from digitcore import images, preprocessing
from digitcore.classifier import Classifier, Verdict
from digitcore.errors import DigitcoreError
from digitcore.ink import reduced

BATCH = 32
"""Pictures a call of the network: a call for each costs twice the time, larger ones save nothing."""

THUMBNAIL_SIDE = 96


@dataclass(frozen=True)
class Row:
    """One file and what was read from it.

    error: None, or one sentence that says why there is no answer; then only name and, if the file could
    be decoded at all, thumbnail and size are there.
    picture: (28, 28) float32, what the network saw. probabilities: (classes,) float32.
    box: (x, y, w, h) of the digit in pixels of the upright picture, whose size is (width, height).
    thumbnail: (h, w) uint8, long side at most `thumbnail_side`.
    """

    name: str
    error: str | None = None
    verdict: Verdict | None = None
    probabilities: np.ndarray | None = None
    picture: np.ndarray | None = None
    box: tuple[int, int, int, int] | None = None
    size: tuple[int, int] | None = None
    thumbnail: np.ndarray | None = None


def read_pictures(
    items: Iterable[tuple[str, bytes | DigitcoreError]],
    classifier: Classifier,
    progress: Callable[[int, str], None] | None = None,
    polarity: str = "auto",
    thumbnail_side: int = THUMBNAIL_SIDE,
) -> Iterator[Row]:
    """Yields a Row for each item, in order.

    items: (name, bytes of a picture file), taken one by one so that an iterator that loads them late
    never holds two; in place of bytes, the DigitcoreError that says why there are none.
    progress: called as progress(how many are done, name of the last) after each.
    polarity: as for `preprocessing.locate`.
    """
    waiting: list[Row] = []
    for done, (name, data) in enumerate(items, 1):
        waiting.append(_prepare(name, data, polarity, thumbnail_side))
        if progress:
            progress(done, name)
        if len(waiting) == BATCH:
            yield from _answered(waiting, classifier)
            waiting = []
    yield from _answered(waiting, classifier)


def _prepare(name: str, data: bytes | DigitcoreError, polarity: str, thumbnail_side: int) -> Row:
    """Everything but the answer."""
    if isinstance(data, DigitcoreError):
        return Row(name, error=str(data))
    seen = Row(name)
    try:
        grey = images.decode(data)
        seen = replace(seen, size=grey.shape[::-1], thumbnail=reduced(grey, thumbnail_side))
        reading = preprocessing.read(grey, polarity)
    except DigitcoreError as error:
        return replace(seen, error=str(error))
    return replace(seen, picture=reading.picture, box=reading.located.box_in_picture())


def _answered(rows: list[Row], classifier: Classifier) -> Iterator[Row]:
    readable = [row.picture for row in rows if row.error is None]
    answers = iter(classifier.predict(np.stack(readable))) if readable else iter(())
    for row in rows:
        if row.error is None:
            probabilities = next(answers)
            row = replace(row, probabilities=probabilities, verdict=classifier.verdict(probabilities))
        yield row
