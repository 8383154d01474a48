"""All digits of a picture in reading order: one, a number, or a sheet of rows.

    find            grey picture -> Found: one digit made ready, or several that the network has read
    settle          that one digit, or the pair that it is, once the network has been asked about it
    Found.digits    the same as Digits

The path of a picture stands here; each step on it is a module of this folder. A picture is opened once
(`preprocessing.ink`), and one digit and several are looked for in the same ink. A picture of one digit gives
exactly the box and the picture that `normalisation.read` gives.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from digitcore import process
from digitcore.errors import BlankError, DigitcoreError, TooMuchError, UnreadError
from digitcore.networks.classifier import Answers, Classifier
from digitcore.preprocessing import normalisation, sheet
from digitcore.preprocessing.ink import Ink, opened
from digitcore.preprocessing.margin import padded
from digitcore.preprocessing.polarity import POLARITIES
from digitcore.reading import as_one, cells, lines, pairs, turns
from digitcore.reading.budget import Budget
from digitcore.reading.digit import Digit
from digitcore.reading.found import Found, one_digit
from digitcore.reading.left_out import left_out_of
from digitcore.reading.parts import is_around_something
from digitcore.reading.quick_look import looks_like_several, may_hold_several
from digitcore.reading.taken_apart import TakenApart
from digitcore.reading.written import written_on

_log = logging.getLogger(__name__)

LARGE = 2**19
"""Pixels of a picture from which memory is given back to the system after reading, which takes some
milliseconds."""


WAITS = 2**17
"""Pixels of the largest picture that is kept open while others are made ready, until the network is asked
about all of them at once."""


def find(
    grey: np.ndarray,
    classifier: Classifier,
    polarity: str = "auto",
    budget: Budget | None = None,
    settled: bool = True,
) -> Found:
    """The one digit in a picture, or several.

    grey: (h, w) uint8. polarity: as for `ink.opened`. The network is asked only where there may be several
    digits, and only a network whose classes are the ten digits reads several. settled: False for a caller
    who asks the network about many pictures at once: whether one digit is two is then left to `settle`, in
    small pictures. Raises BlankError where there is no ink, TooMuchError and Abandoned as Budget does, and
    UnreadError for a fault of this program.
    """
    try:
        with _faults_named(grey.shape):
            return _found(grey, classifier, polarity, budget or Budget(), settled or grey.size > WAITS)
    finally:
        if grey.size > LARGE:  # the process would keep the megabytes of its maps, in pieces
            process.return_freed_memory()


def settle(found: Found, answers: Answers, classifier: Classifier, budget: Budget) -> Found:
    """What `find` left to this: the two digits, where the one is a pair. answers: what the network says of
    `found.pictures`. Raises as `find` does."""
    ink = found.perhaps_pair
    if ink is None:
        return found
    with _faults_named(ink.turned.shape):
        return pairs.pair_in(found, answers, TakenApart(ink, budget), classifier)


@contextlib.contextmanager
def _faults_named(shape: tuple[int, ...]) -> Iterator[None]:
    """A fault of one picture, of that shape, must not end the reading of all others with it."""
    try:
        yield
    except DigitcoreError:
        raise
    except Exception as error:
        _log.exception("A picture of %s pixels could not be read.", shape)
        raise UnreadError.because_of(error) from error


def read(
    grey: np.ndarray, classifier: Classifier, polarity: str = "auto", budget: Budget | None = None
) -> tuple[Digit, ...]:
    """All digits of a grey picture (h, w) uint8 in reading order. Raises as `find` does."""
    found = find(grey, classifier, polarity, budget)
    return found.digits(classifier.answer(found.pictures), classifier)


def _found(grey: np.ndarray, classifier: Classifier, polarity: str, budget: Budget, settled: bool) -> Found:
    """What `find` returns for a picture (h, w) uint8: its whole path, without what it does about faults and
    memory."""
    if not classifier.reads_digits:
        return one_digit(normalisation.reading_of(opened(grey, polarity), symbol=True))
    if not may_hold_several(grey.shape):
        return one_digit(normalisation.reading_of(opened(grey, polarity)))
    part, left, top = sheet.alone(grey)
    ink = opened(part, polarity)
    apart = TakenApart(ink, budget)
    other_way_round = functools.cache(lambda: _other_way_round(part, ink, classifier, budget))
    found = None
    if several := looks_like_several(apart):
        found = _several(part, apart, polarity, classifier, other_way_round)
        if (not found or found.reading) and is_around_something(apart.quick):
            raise BlankError("A shape with something in it is here: expected a digit.")
    if not found:
        try:
            found = one_digit(normalisation.reading_of(ink))
        except BlankError:
            found = None
            if polarity == "auto" and not ink.is_certain:
                found = other_way_round()
            if not found:
                raise
    if found.picture is not None and part.size > WAITS and polarity == "auto" and not ink.is_certain:
        found = replace(found, asked=classifier.answer(found.pictures))
        if as_one.score(found.asked) < as_one.TOGETHER:
            found = other_way_round() or found
    if several and found.reading:
        found = pairs.with_left_out(found, apart)
    if found.picture is not None and pairs.may_be_pair(found, apart):
        if not settled and part is grey:
            return replace(found, perhaps_pair=ink)
        answers = found.asked or classifier.answer(found.pictures)
        found = pairs.pair_in(found, answers, apart, classifier)
    return found if part is grey else found.moved(left, top)


def _several(
    part: np.ndarray,
    apart: TakenApart,
    polarity: str,
    classifier: Classifier,
    other_way_round: Callable[[], Found | None],
) -> Found | None:
    """What a picture that may hold several digits holds: read as it came, with ink and ground swapped, or
    turned by a quarter. None where all of its ink may be one digit.

    part: (h, w) uint8, the sheet; apart: its ink. other_way_round: as `_other_way_round`.
    """
    ink, budget = apart.ink, apart.budget

    @functools.cache
    def turned(quarters: int) -> Found:
        """What there is in that turn, which is read once. What lies on its side looks as if it touched, and
        may have taken most of what may be taken."""
        apart.forget_full()
        grey = np.ascontiguousarray(np.rot90(part, quarters))
        return turns.lying_back(_found_in(grey, polarity, classifier, budget.afresh()), quarters, part.shape)

    def lying() -> Found | None:
        """Several digits of a page that lies on its side: as it came, no character is sure, and every way to
        cut it would be tried. None where no turn is clearly better by the whole characters, or nothing can be
        read in that turn."""
        quarters = turns.likeliest(apart.characters, classifier.answer)
        found = turned(quarters) if quarters else Found()
        return found if found.several else None

    is_page = part.size > WAITS
    found = lying() if is_page and turns.of_characters(apart, classifier.answer, quick=True) else None
    if found and turns.standing(found.several, found.left_out.letters) >= turns.CLEAR:
        return found
    try:
        found = _looked_through(apart, classifier)
    except TooMuchError:
        if found := lying():
            return found
        raise
    if polarity == "auto" and not ink.is_certain and not (found and turns.is_clear(found)):
        other = other_way_round()
        # With ink and ground swapped, the holes of an eight read as two noughts.
        several = other and (len(other.several) >= turns.FEWEST or not as_one.is_one_digit(ink, classifier))
        if several and (not found or len(other.several) > sum(digit.accepted for digit in found.several)):
            return other
    # Digits on their side look like letters.
    may_lie = not found or found.left_out.letters + found.left_out.others > len(found.several)
    if may_lie and (other := lying()):
        return other
    if not found or not (quarters := turns.of_characters(apart, classifier.answer)):
        return found
    return turns.best(found, lambda: turned(quarters))


def _looked_through(apart: TakenApart, classifier: Classifier) -> Found | None:
    """Several digits, or the one digit that is wide or has something drawn around it. None where all of the
    ink may be one digit."""
    ink = apart.ink
    if (wide := as_one.wide_digit(apart, classifier)) is not None:
        return one_digit(wide)
    wider, margin = padded(ink)
    if margin:
        apart = TakenApart(wider, apart.budget)
    try:
        parts = apart.full
    except BlankError:
        return None
    margin = -round(margin / ink.scale)
    if (table := cells.table_of(wider.full, parts)) and (digits := cells.digits_in(table, classifier)):
        boxes = [tuple(value * table.parts.scale for value in digit.box) for digit in digits]
        return Found(digits, left_out=left_out_of(table.parts, boxes)).moved(margin, margin)
    parts, others, rows, able = written_on(apart, classifier)
    if lines.count_sure(rows) >= 2 or (others.are_none and lines.are_neighbours(rows)):
        if reading := as_one.as_one(ink, rows, parts.scale, classifier):
            return one_digit(reading)
        found = Found(lines.digits_of(rows, parts.scale, classifier, others.doubted))
    elif not (found := as_one.framed(rows, parts, able, ink, classifier)):
        return None
    boxes = [piece.box for row in rows for piece in row]
    found = replace(found, left_out=left_out_of(parts, boxes, others)).moved(margin, margin)
    if not margin:
        return found
    height, width = (round(side / ink.scale) for side in ink.turned.shape)
    return found.clipped(width, height)


def _other_way_round(part: np.ndarray, ink: Ink, classifier: Classifier, budget: Budget) -> Found | None:
    """Several clear digits that appear when ink and ground of a picture (h, w) uint8 are swapped, because the
    evidence for its polarity was wrong, as it is where half of a page lies in shadow; else None."""
    other = next(each for each in POLARITIES[1:] if each != ink.polarity)
    found = _found_in(part, other, classifier, budget)
    return found if len(found.several) >= 2 and turns.standing(found.several) >= turns.CLEAR else None


def _found_in(grey: np.ndarray, polarity: str, classifier: Classifier, budget: Budget) -> Found:
    """What there is in a picture (h, w) uint8 that holds several digits; nothing where it holds one, is blank
    or too much to read."""
    try:
        found = _looked_through(TakenApart(opened(grey, polarity), budget), classifier)
    except (BlankError, TooMuchError):
        return Found()
    return found if found and found.several else Found()
