"""All digits of a picture in reading order: one, a number, or a sheet of rows.

    find            grey picture -> Found: one digit made ready, or several that the network has read
    Found.digits    the same as Digits

A picture is opened once (`preprocessing.ink`); one digit and several are looked for in the same ink. A
picture of one digit gives exactly the box and the picture that `normalisation.read` gives.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from digitcore import process
from digitcore.errors import BlankError, DigitcoreError, TooMuchError, UnreadError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import normalisation, sheet
from digitcore.preprocessing.ink import Ink, InkMap, opened
from digitcore.preprocessing.margin import padded
from digitcore.preprocessing.normalisation import Reading
from digitcore.preprocessing.polarity import POLARITIES
from digitcore.reading import characters, layout, line_reader, marks, turns
from digitcore.reading.budget import Budget
from digitcore.reading.candidates import Piece
from digitcore.reading.digit import Cell, Digit, judged
from digitcore.reading.form import without_lines
from digitcore.reading.found import Found, one_digit
from digitcore.reading.grid import Grid, grid_of
from digitcore.reading.parts import Parts, is_around_something, parts_of, without_largest

_log = logging.getLogger(__name__)

SMALL = 32
"""Pictures of at most so many pixels a side hold one digit, unless they are VERY_WIDE: the bitmaps of data
sets (28x28, 32x32), where even a digit's width says nothing."""

VERY_WIDE = 2

LARGE = 2**19
"""Pixels from which memory is given back to the system after reading, which takes some milliseconds."""

QUICK_SECOND = 0.25
"""Of the heaviest part's size: a second one so large makes it worth looking for several. By hand, as
SECOND."""

SECOND = 0.45
"""Of a line's usual height: what is lower is no digit of it, unless the network is sure. By hand, on the
pages of the development sets (`python -m benchmarks.strings FOLDER`)."""

WIDE = 1.15
"""Width over height from which one connected piece may be several digits. By hand, on single digits of the
development sets, which must stay one, and touching numbers of `python -m benchmarks.strings`."""

WIDEST = 2.0
"""Width over height of a digit with a long foot or hat; 99 % of each kind of MNIST's are below 1.7."""

BESIDE = 0.4
"""Of a digit's size: ink so large that is no writing spoils the digit where all ink is taken for one."""

POOR = 0.3
"""Probability x digitness that half of a line's pieces must reach. By hand, as SECOND: print that shows
through and the edges of shadows stay below it."""

TOGETHER = 0.5
"""Probability x digitness from which ink that could be cut, or lies above one another, is one digit. By hand,
as WIDE."""

SLIM_PAIR = 0.5
"""Width over height from which what is no digit may be two slim ones that touch."""

CLEAR = 0.93
"""Probability x digitness of both of them. On pairs drawn by a pen (`python -m benchmarks.pages`) 232 of 240
reach it, of drawings that are no digit 4 of 280, and of those single digits of the development sets that are
none as a whole not one."""

SURE = 0.8
"""Probability x digitness of at least two pieces for a picture to hold several digits. By hand, as WIDE."""

SURE_OF_WHOLE, SURE_OF_CUT = 0.45, 0.5
"""Probability x digitness from which a digit of a number is not "?". One alone is unsure, or none, earlier:
where a second guess can be told, and where no neighbours say that it is one of a number's digits; in a number
of five that would put a "?" into every twentieth. What was cut from a neighbour is sure where it is rather
right than wrong. By hand, on numbers composed of validation digits (`python -m benchmarks.strings`)."""


def find(
    grey: np.ndarray, classifier: Classifier, polarity: str = "auto", budget: Budget | None = None
) -> Found:
    """The one digit in a picture, or several.

    grey, polarity: as for `ink.opened`. Raises BlankError, and as Budget does. The network is asked only
    where there may be several, and only one that knows nothing but digits reads several.
    """
    try:
        return _found(grey, classifier, polarity, budget or Budget())
    except DigitcoreError:
        raise
    except Exception as error:  # one picture's, and not that of all that are read with it
        _log.exception("A picture of %s pixels could not be read.", grey.shape)
        raise UnreadError.because_of(error) from error
    finally:
        if grey.size > LARGE:  # megabytes of maps, which would stay with the process in pieces
            process.return_freed_memory()


def _found(grey: np.ndarray, classifier: Classifier, polarity: str, budget: Budget) -> Found:
    if not classifier.reads_digits or not _may_hold_several(grey.shape):
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
        found = _looked_into(found, ink, classifier, budget)
    return found if part is grey else found.moved(left, top)


def _looked_into(found: Found, ink: Ink, classifier: Classifier, budget: Budget) -> Found:
    """Two digits that touch, or stand one above the other, in what was taken for one and is none; else
    `found`. Where the shape may be two, the network is asked here."""
    w, h = found.box[2:]
    if not found.reading or (w < SLIM_PAIR * h and np.count_nonzero(parts_of(ink.quick, budget).seen) < 2):
        return found
    answers = classifier.answer(found.pictures)
    found = replace(found, asked=answers)
    if answers.probabilities.max() * answers.digitness[0] >= TOGETHER:
        return found
    try:
        parts = without_lines(parts_of(ink.full, budget))
    except BlankError:
        return found
    lines = _read_lines(parts, parts.writing, classifier)
    pieces = [piece for line in lines for piece in line]
    below = len(lines) == 2 and not any(piece.is_cut for piece in pieces)
    if len(pieces) != 2 or not (len(lines) == 1 or below):
        return found
    if all(piece.score >= CLEAR and piece.box[2] < WIDE * piece.box[3] for piece in pieces):
        return Found(_digits(lines, parts.scale, classifier))
    return found


def _several(
    part: np.ndarray, ink: Ink, polarity: str, classifier: Classifier, budget: Budget
) -> Found | None:
    """What there is in a picture that may hold several digits: as it came, the other way round, or turned.
    None where it holds one."""
    found = _looked_through(ink, classifier, budget)
    if polarity == "auto" and not (found and _is_clear(found)):
        other = _other_way_round(part, ink, classifier, budget)
        # The holes of an eight are two noughts.
        if other and (len(other.several) >= turns.FEWEST or not _is_one_digit(ink, classifier)):
            return other
    if found:
        turned, quarters = turns.best(
            part, found.several, lambda grey: _digits_of(grey, polarity, classifier, budget)
        )
        if quarters:
            return Found(turned, turns=quarters)
    return found


def _is_clear(found: Found) -> bool:
    return found.picture is not None or any(digit.accepted for digit in found.several)


def _is_one_digit(ink: Ink, classifier: Classifier) -> bool:
    try:
        picture = normalisation.reading_of(ink).picture
    except BlankError:
        return False
    answers = classifier.answer(picture[np.newaxis])
    return float(answers.probabilities.max() * answers.digitness[0]) >= TOGETHER


def _digits_of(grey: np.ndarray, polarity: str, classifier: Classifier, budget: Budget) -> tuple[Digit, ...]:
    try:
        found = _looked_through(opened(grey, polarity), classifier, budget)
    except (BlankError, TooMuchError):
        return ()
    return found.several if found else ()


def _other_way_round(part: np.ndarray, ink: Ink, classifier: Classifier, budget: Budget) -> Found | None:
    """What the picture holds if the evidence for its polarity was wrong, as under half a shadow: digits that
    stand clear; else None."""
    other = next(each for each in POLARITIES[1:] if each != ink.polarity)
    several = _digits_of(part, other, classifier, budget)
    return Found(several) if len(several) >= 2 and turns.standing(several) >= turns.CLEAR else None


def _looked_through(ink: Ink, classifier: Classifier, budget: Budget) -> Found | None:
    """Several digits, one that something is drawn around, or a wide one. None where all ink may be one."""
    if (wide := _wide_digit(ink, classifier, budget)) is not None:
        return one_digit(wide)
    wider, margin = padded(ink)
    try:
        parts = parts_of(wider.full, budget)
    except BlankError:
        return None
    margin = -round(margin / ink.scale)
    if (table := _table(wider.full, parts)) and (digits := _in_cells(table, classifier)):
        return Found(digits).moved(margin, margin)
    parts = without_lines(parts)
    lines, able = _lines(parts, classifier)
    if _sure(lines) >= 2:
        if reading := _as_one(ink, lines, parts.scale, classifier):
            return one_digit(reading)
        return Found(_digits(lines, parts.scale, classifier)).moved(margin, margin)
    alone = _alone(lines, parts, able)
    return alone.moved(margin, margin) if alone else None


def read(
    grey: np.ndarray, classifier: Classifier, polarity: str = "auto", budget: Budget | None = None
) -> tuple[Digit, ...]:
    """All digits of a grey picture in reading order. Raises as `find` does."""
    found = find(grey, classifier, polarity, budget)
    return found.digits(classifier.answer(found.pictures), classifier)


def _may_hold_several(shape: tuple[int, int]) -> bool:
    return max(shape) > SMALL or max(shape) >= VERY_WIDE * min(shape)


def looks_like_several(ink: Ink, budget: Budget | None = None) -> bool:
    """By the quick map: whether there is more writing than one digit."""
    try:
        parts = without_lines(parts_of(ink.quick, budget))
    except BlankError:
        return False
    able = parts.writing
    if not able.any():
        return True
    w, h = parts.boxes[able, 2:].T
    if (w > WIDE * h).any():
        return True
    main = int(np.argmax(parts.mass[able]))
    others = np.maximum(*parts.boxes[parts.seen & ~able, 2:].T)
    if parts.lines or (others > BESIDE * max(w[main], h[main])).any():
        return True
    large = np.maximum(w, h) > QUICK_SECOND * max(w[main], h[main])
    large[main] = False
    return bool(large.any())


def _wide_digit(ink: Ink, classifier: Classifier, budget: Budget) -> Reading | None:
    """One piece of ink that is a digit, if a wide one: what `_as_one` would say after all ways to cut it."""
    parts = parts_of(ink.quick, budget)
    if np.count_nonzero(parts.writing) != 1 or np.count_nonzero(parts.seen) != 1:
        return None
    try:
        reading = normalisation.reading_of(ink)
    except BlankError:
        return None
    return reading if _is_together(reading, classifier) else None


def _is_together(reading: Reading, classifier: Classifier) -> bool:
    """Whether all of the ink is one digit."""
    w, h = reading.located.box_in_picture()[2:]
    if w < WIDE * h:
        return True
    if w > WIDEST * h:
        return False
    answers = classifier.answer(reading.picture[np.newaxis])
    return float(answers.probabilities.max() * answers.digitness[0]) >= TOGETHER


def _lines(parts: Parts, classifier: Classifier) -> tuple[list[list[Piece]], np.ndarray]:
    """The pieces of each line, and the parts (n,) bool that they come from; what is far larger than the rest
    is left out where that is read better."""
    able = parts.writing
    lines = _read_lines(parts, able, classifier)
    if _sure(lines) < 2:
        smaller = without_largest(parts, able)
        if smaller is not able:
            able, lines = smaller, _read_lines(parts, smaller, classifier)
    return lines, able


def _alone(lines: list[list[Piece]], parts: Parts, able: np.ndarray) -> Found | None:
    """The one digit where the rest of the ink is no writing: a circle or a box around it, an underline."""
    pieces = [piece for line in lines for piece in line]
    if len(pieces) != 1 or pieces[0].is_cut:
        return None
    (piece,) = pieces
    others = np.maximum(*parts.boxes[parts.seen & ~able, 2:].T)
    if not parts.lines and not (others >= BESIDE * max(piece.box[2:])).any():
        return None
    return Found((), tuple(round(value / parts.scale) for value in piece.box), piece.picture)


def _table(inks: InkMap, parts: Parts) -> Grid | None:
    """The table on a page; its lines may run from one side of the picture to the other, as ruled ones do."""
    if inks.ruled is inks.above:
        return grid_of(parts)
    return grid_of(parts_of(replace(inks, above=inks.ruled), parts.budget)) or grid_of(parts)


def _in_cells(table: Grid, classifier: Classifier) -> tuple[Digit, ...]:
    """The digits of a table, cell by cell; none where fewer than two are sure."""
    lines, places = [], []
    for place in sorted(table.cells):
        able = table.cells[place]
        able = able & ~marks.is_mark(table.parts.labels, table.parts.boxes, able)
        for line in layout.lines(table.parts, able):
            lines.append(line)
            places.append(place)
    read = characters.read_lines(table.parts, lines, classifier.answer, line_reader.shipped())
    if _sure(read) < 2:
        return ()
    found = []
    for (row, column), pieces in zip(places, read, strict=True):
        cell = Cell(column, table.columns, table.rows)
        for digit in _digits([pieces], table.parts.scale, classifier):
            found.append(replace(digit, row=row, cell=cell))
    return tuple(found)


def _digits(lines: list[list[Piece]], scale: float, classifier: Classifier) -> tuple[Digit, ...]:
    """The pieces as digits, boxes in pixels of the picture; scale: that of the pieces' boxes."""
    found = []
    for row, pieces in enumerate(lines):
        for piece in pieces:
            box = tuple(round(value / scale) for value in piece.box)
            digit = judged(box, row, piece.picture, piece.probabilities, piece.digitness, classifier)
            sure = piece.score >= (SURE_OF_CUT if piece.is_cut else SURE_OF_WHOLE)
            verdict = replace(digit.verdict, accepted=sure, is_digit=sure or digit.verdict.is_digit)
            found.append(replace(digit, verdict=verdict))
    return tuple(found)


def _read_lines(parts: Parts, able: np.ndarray, classifier: Classifier) -> list[list[Piece]]:
    """The pieces of each line without what is no digit: dots and dashes, what the picture's side cuts, and
    lines that are no digits: print that shows through, the edge of a shadow."""
    height, width = parts.above.shape
    lines = []
    for pieces in characters.read_lines(
        parts, layout.lines(parts, able), classifier.answer, line_reader.shipped()
    ):
        tall = np.median([piece.box[3] for piece in pieces])
        kept = []
        for piece in pieces:
            x, y, w, h = piece.box
            cut_off = x <= 1 or y <= 1 or x + w >= width - 1 or y + h >= height - 1
            if piece.score >= SURE or not (h < SECOND * tall or cut_off):
                kept.append(piece)
        if kept and np.median([piece.score for piece in kept]) >= POOR:
            lines.append(kept)
    return lines


def _sure(lines: list[list[Piece]]) -> int:
    return sum(piece.score >= SURE for pieces in lines for piece in pieces)


def _has_neighbours(pieces: list[Piece]) -> bool:
    """Whether a line has two whole digits beside each other, both sure and of like height."""
    whole = [piece.box for piece in pieces if piece.score >= SURE and not piece.is_cut]
    return any(
        before[0] + before[2] <= after[0] and min(before[3], after[3]) > SECOND * max(before[3], after[3])
        for before, after in pairwise(whole)
    )


def _far_apart(lines: list[list[Piece]]) -> bool:
    """Whether two whole digits, both sure, stand farther from each other than they are high."""
    whole = [piece.box for line in lines for piece in line if piece.score >= SURE and not piece.is_cut]
    return any(
        max(x2 - (x + w), x - (x2 + w2), y2 - (y + h), y - (y2 + h2)) > max(h, h2)
        for (x, y, w, h), (x2, y2, w2, h2) in combinations(whole, 2)
    )


def _as_one(ink: Ink, lines: list[list[Piece]], scale: float, classifier: Classifier) -> Reading | None:
    """What came out as several, as the one digit that it rather is: cut through, broken or with a hat. None
    where two whole characters stand clear beside each other or far apart, and where all of the ink together
    is no digit."""
    if any(_has_neighbours(pieces) for pieces in lines) or _far_apart(lines):
        return None
    boxes = np.array([piece.box for line in lines for piece in line]) / scale
    try:
        reading = normalisation.reading_of(ink)
    except BlankError:
        return None
    around = (boxes[:, :2] + boxes[:, 2:]).max(0) - boxes[:, :2].min(0)
    if max(reading.located.box_in_picture()[2:]) < 0.9 * around.max():
        return None
    return reading if _is_together(reading, classifier) else None
