"""Picture files -> answers: decode, find the digits, ask the network; one picture in memory at a time.

Upload and `python -m digitcore predict` both read through here. A file that cannot be read becomes a row that
says why; the other files are still read.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from digitcore.errors import Abandoned, DigitcoreError, UnreadError
from digitcore.networks.classifier import Answers, Classifier
from digitcore.preprocessing import images
from digitcore.preprocessing.paper import reduced
from digitcore.reading import reader
from digitcore.reading.budget import Budget
from digitcore.reading.digit import Digit, text_of
from digitcore.reading.found import Found
from digitcore.reading.left_out import NOTHING, LeftOut

BATCH = 32
"""28x28 pictures in one call of the network: a call for each picture takes twice as long, and larger batches
save nothing."""

THUMBNAIL_SIDE = 96
SEVERAL = 4
"""The thumbnail of a picture with several digits is this many times as large, so that its digits can be
seen."""

Stop = Callable[[], bool]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One file and what was read from it.

    error: None, or one sentence that says why there is no answer; then there are no digits, and thumbnail and
    size only if the file could be decoded.
    digits: in reading order, with their boxes in pixels of the upright picture, whose size is (width,
    height). thumbnail: (h, w) uint8, long side at most `thumbnail_side`, or SEVERAL times that where there
    are several digits; None where nobody asked for one.
    text: "2026", rows separated by a line break, "?" for each digit that the network is not sure of.
    guess: the same with the network's best guess in place of each "?".
    left_out: what else there is in the picture; its sentence says it.
    """

    name: str
    error: str | None = None
    digits: tuple[Digit, ...] = ()
    text: str = ""
    guess: str = ""
    size: tuple[int, int] | None = None
    thumbnail: np.ndarray | None = None
    left_out: LeftOut = NOTHING


def read_pictures(
    items: Iterable[tuple[str, bytes | DigitcoreError]],
    classifier: Classifier,
    progress: Callable[[int, str], None] | None = None,
    polarity: str = "auto",
    thumbnail_side: int | None = THUMBNAIL_SIDE,
    stop: Stop | None = None,
) -> Iterator[Row]:
    """Yields a Row for each item, in order. Raises Abandoned once `stop` says that nobody is waiting any
    more.

    items: (name, bytes of a picture file), taken one by one, so that an iterator that loads them late never
    holds two; in place of the bytes, the DigitcoreError that says why there are none.
    progress: called as progress(how many are done, name of the last) after each item.
    polarity: as for `ink.opened`. thumbnail_side: None for no thumbnails.
    """
    waiting: list[tuple[Row, Found | None]] = []
    pieces = 0
    for done, (name, data) in enumerate(items, 1):
        row, found = _prepare(name, data, classifier, polarity, thumbnail_side, Budget(stop))
        waiting.append((row, found))
        pieces += len(found.pictures) if found else 0
        if progress:
            progress(done, name)
        if pieces >= BATCH or len(waiting) == BATCH:
            yield from _answered(waiting, classifier, stop)
            waiting, pieces = [], 0
    yield from _answered(waiting, classifier, stop)


def _prepare(
    name: str,
    data: bytes | DigitcoreError,
    classifier: Classifier,
    polarity: str,
    thumbnail_side: int | None,
    budget: Budget,
) -> tuple[Row, Found | None]:
    """Everything except the answer of the network."""
    if isinstance(data, DigitcoreError):
        return Row(name, error=str(data)), None
    seen = Row(name)
    try:
        grey = images.decode(data)
        seen = Row(name, size=grey.shape[::-1])
        if thumbnail_side:
            seen = replace(seen, thumbnail=reduced(grey, thumbnail_side))
        found = reader.find(grey, classifier, polarity, budget, settled=False)
        if found.several and thumbnail_side:
            seen = replace(seen, thumbnail=reduced(grey, SEVERAL * thumbnail_side))
        return seen, found.light
    except Abandoned:
        raise
    except DigitcoreError as error:
        return replace(seen, error=str(error)), None


def _answered(
    waiting: list[tuple[Row, Found | None]], classifier: Classifier, stop: Stop | None
) -> list[Row]:
    """The rows with their answers. The network is asked about all of them at once; where that fails, about
    one after the other, so that a fault costs only the pictures that it concerns."""
    try:
        return _asked_at_once(waiting, classifier, stop)
    except DigitcoreError:
        raise
    except Exception as error:
        if len(waiting) > 1:
            return [row for each in waiting for row in _answered([each], classifier, stop)]
        row = waiting[0][0]
        _log.exception("The network could not answer for a picture of %s pixels.", row.size)
        return [replace(row, error=str(UnreadError.because_of(error)))]


def _asked_at_once(
    waiting: list[tuple[Row, Found | None]], classifier: Classifier, stop: Stop | None
) -> list[Row]:
    asked = [found.pictures for _, found in waiting if found]
    answers = classifier.answer(np.concatenate(asked)) if asked else None
    rows = []
    start = 0
    for row, found in waiting:
        if found:
            end = start + len(found.pictures)
            mine = Answers(answers.probabilities[start:end], answers.digitness[start:end])
            row = _read(row, found, mine, classifier, Budget(stop))
            start = end
        rows.append(row)
    return rows


def _read(row: Row, found: Found, answers: Answers, classifier: Classifier, budget: Budget) -> Row:
    """The row with the digits of its picture. answers: what the network says of `found.pictures`."""
    try:
        found = reader.settle(found, answers, classifier, budget)
    except Abandoned:
        raise
    except DigitcoreError as error:
        return replace(row, error=str(error))
    digits, names = found.digits(answers, classifier), classifier.class_names
    return replace(
        row,
        digits=digits,
        text=text_of(digits, names),
        guess=text_of(digits, names, unsure=None),
        left_out=found.left_out,
    )
