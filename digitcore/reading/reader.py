"""All digits of a picture in reading order: one, a number, or a sheet of rows.

    find            grey picture -> Found: one digit made ready, or several that the network has read
    Found.digits    the same as Digits

The path of a picture stands here; each step on it is a module of this folder. A picture is opened once
(`preprocessing.ink`), and one digit and several are looked for in the same ink. A picture of one digit gives
exactly the box and the picture that `normalisation.read` gives.
"""

from __future__ import annotations

import logging

import numpy as np

from digitcore import process
from digitcore.errors import BlankError, DigitcoreError, TooMuchError, UnreadError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import normalisation, sheet
from digitcore.preprocessing.ink import Ink, opened
from digitcore.preprocessing.margin import padded
from digitcore.preprocessing.polarity import POLARITIES
from digitcore.reading import as_one, cells, lines, pairs, turns
from digitcore.reading.budget import Budget
from digitcore.reading.digit import Digit
from digitcore.reading.form import without_lines
from digitcore.reading.found import Found, one_digit
from digitcore.reading.parts import is_around_something, parts_of
from digitcore.reading.quick_look import looks_like_several, may_hold_several

_log = logging.getLogger(__name__)

LARGE = 2**19
"""Pixels of a picture from which memory is given back to the system after reading, which takes some
milliseconds."""


def find(
    grey: np.ndarray, classifier: Classifier, polarity: str = "auto", budget: Budget | None = None
) -> Found:
    """The one digit in a picture, or several.

    grey: (h, w) uint8. polarity: as for `ink.opened`. The network is asked only where there may be several
    digits, and only a network whose classes are the ten digits reads several. Raises BlankError where there
    is no ink, TooMuchError and Abandoned as Budget does, and UnreadError for a fault of this program.
    """
    try:
        return _found(grey, classifier, polarity, budget or Budget())
    except DigitcoreError:
        raise
    except Exception as error:  # a fault of one picture must not end the reading of all others with it
        _log.exception("A picture of %s pixels could not be read.", grey.shape)
        raise UnreadError.because_of(error) from error
    finally:
        if grey.size > LARGE:  # the process would keep the megabytes of its maps, in pieces
            process.return_freed_memory()


def read(
    grey: np.ndarray, classifier: Classifier, polarity: str = "auto", budget: Budget | None = None
) -> tuple[Digit, ...]:
    """All digits of a grey picture (h, w) uint8 in reading order. Raises as `find` does."""
    found = find(grey, classifier, polarity, budget)
    return found.digits(classifier.answer(found.pictures), classifier)


def _found(grey: np.ndarray, classifier: Classifier, polarity: str, budget: Budget) -> Found:
    """What `find` returns for a picture (h, w) uint8: its whole path, without what it does about faults and
    memory."""
    if not classifier.reads_digits or not may_hold_several(grey.shape):
        return one_digit(normalisation.reading_of(opened(grey, polarity)))
    part, left, top = sheet.alone(grey)
    ink = opened(part, polarity)
    found = None
    if looks_like_several(ink, budget):
        found = _several(part, ink, polarity, classifier, budget)
        if (not found or found.reading) and is_around_something(parts_of(ink.quick)):
            raise BlankError("A shape with something in it is here: expected a digit.")
    if not found:
        try:
            found = one_digit(normalisation.reading_of(ink))
        except BlankError:
            found = None
            if polarity == "auto":
                found = _other_way_round(part, ink, classifier, budget)
            if not found:
                raise
    if found.picture is not None:
        found = pairs.pair_in(found, ink, classifier, budget)
    return found if part is grey else found.moved(left, top)


def _several(
    part: np.ndarray, ink: Ink, polarity: str, classifier: Classifier, budget: Budget
) -> Found | None:
    """What a picture that may hold several digits holds: read as it came, with ink and ground swapped, or
    turned by a quarter. None where all of its ink may be one digit.

    part: (h, w) uint8, the sheet; ink: the same, opened.
    """
    found = _looked_through(ink, classifier, budget)
    if polarity == "auto" and not (found and _is_clear(found)):
        other = _other_way_round(part, ink, classifier, budget)
        # With ink and ground swapped, the holes of an eight read as two noughts.
        if other and (len(other.several) >= turns.FEWEST or not as_one.is_one_digit(ink, classifier)):
            return other
    if found:
        turned, quarters = turns.best(
            part, found.several, lambda grey: _digits_of(grey, polarity, classifier, budget)
        )
        if quarters:
            return Found(turned, turns=quarters)
    return found


def _looked_through(ink: Ink, classifier: Classifier, budget: Budget) -> Found | None:
    """Several digits, or the one digit that is wide or has something drawn around it. None where all of the
    ink may be one digit."""
    if (wide := as_one.wide_digit(ink, classifier, budget)) is not None:
        return one_digit(wide)
    wider, margin = padded(ink)
    try:
        parts = parts_of(wider.full, budget)
    except BlankError:
        return None
    margin = -round(margin / ink.scale)
    if (table := cells.table_of(wider.full, parts)) and (digits := cells.digits_in(table, classifier)):
        return Found(digits).moved(margin, margin)
    parts = without_lines(parts)
    rows, able = lines.best_lines(parts, classifier)
    if lines.count_sure(rows) >= 2:
        if reading := as_one.as_one(ink, rows, parts.scale, classifier):
            return one_digit(reading)
        return Found(lines.digits_of(rows, parts.scale, classifier)).moved(margin, margin)
    alone = as_one.framed(rows, parts, able)
    return alone.moved(margin, margin) if alone else None


def _other_way_round(part: np.ndarray, ink: Ink, classifier: Classifier, budget: Budget) -> Found | None:
    """Several clear digits that appear when ink and ground of a picture (h, w) uint8 are swapped, because the
    evidence for its polarity was wrong, as it is where half of a page lies in shadow; else None."""
    other = next(each for each in POLARITIES[1:] if each != ink.polarity)
    several = _digits_of(part, other, classifier, budget)
    return Found(several) if len(several) >= 2 and turns.standing(several) >= turns.CLEAR else None


def _digits_of(grey: np.ndarray, polarity: str, classifier: Classifier, budget: Budget) -> tuple[Digit, ...]:
    """The digits of a picture (h, w) uint8 that holds several; none where it holds one, is blank or too much
    to read."""
    try:
        found = _looked_through(opened(grey, polarity), classifier, budget)
    except (BlankError, TooMuchError):
        return ()
    return found.several if found else ()


def _is_clear(found: Found) -> bool:
    """Whether one digit was found, or several of which the network is sure of one at least."""
    return found.picture is not None or any(digit.accepted for digit in found.several)
