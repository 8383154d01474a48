"""Writing among which numbers stand: which of it are marks, and which are letters.

    others_in   parts and which of them are writing -> Others

Two networks must agree on a word: the one that sees characters in their line (`character_kinds`), and the one
that reads digits, where that knows what is no digit. Marks such as a slash look like digits by themselves, so
that for them the line decides alone. Digits that touch look like no digit and like joined letters: what would
be the only letter of its line is read as digits first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitcore.networks.classifier import Classifier
from digitcore.reading import characters, layout, line_reader
from digitcore.reading.candidates import Box, whole_character
from digitcore.reading.character_kinds import DIGIT, LETTER, MARK, KindReader
from digitcore.reading.layout import Line
from digitcore.reading.parts import Parts

LEAST, DOUBTED = 0.2, 0.35
"""Likelihood of being a digit below which a character is none, and below which it is doubted. Chosen by hand,
on lines of validation digits (`python -m digitcore kinds`): at 0.2 one digit of a thousand is lost."""

SURELY = 0.9
"""Probability x digitness from which a character surely looks like a digit; of a word, at most half may."""

ONLY, ONLY_SIMPLE = 0.75, 0.95
"""Probability x digitness that every digit must reach into which the only letter of a line can be taken
apart for it to be digits; the second where all of them are SIMPLE. Of 1,000 numbers composed of training
digits that touch, 9 lose such a letter without this and 1 with it; of 84 single letters of lines with words
(`written_lines`) 4 become digits, and 23 would if 0.75 were enough for all."""

SIMPLE = {0, 1, 7}
"""Digits that are a ring or strokes, of which letters are made, too."""

APART = 0.6
"""Of a line's height: the gap between two characters from which they are of two words."""


@dataclass(frozen=True)
class Others:
    """digits, marks, letters: (n,) bool, which parts may belong to digits, and which are such. doubted: boxes
    of characters that may be either."""

    digits: np.ndarray
    marks: np.ndarray
    letters: np.ndarray
    doubted: tuple[Box, ...] = ()


def others_in(parts: Parts, able: np.ndarray, kinds: KindReader, classifier: Classifier) -> Others:
    """able: (n,) bool, the parts that are writing. Raises as the parts' Budget does."""
    found = {kind: np.zeros(len(able), bool) for kind in (MARK, LETTER)}
    doubted = []
    lines = layout.lines(parts, able)
    parts.budget.allow("characters", sum(len(line.characters) for line in lines))
    for line, likely in zip(lines, kinds.of(parts, lines), strict=True):
        is_mark = (likely[:, DIGIT] < DOUBTED) & (likely[:, MARK] >= likely[:, LETTER])
        is_letter = (likely[:, DIGIT] < DOUBTED) & ~is_mark
        if is_letter.any():
            is_letter &= _in_words(parts, line, is_letter, classifier)
        for character, digit, mark, letter in zip(
            line.characters, likely[:, DIGIT], is_mark, is_letter, strict=True
        ):
            other = (mark or letter) and digit < LEAST
            if other:
                found[MARK if mark else LETTER][list(character.parts)] = True
            elif mark or letter:
                doubted.append(character.box)
    # Beside what is far larger, small writing is in no line yet.
    return Others(able & ~found[MARK] & ~found[LETTER], found[MARK], found[LETTER], tuple(doubted))


def _in_words(parts: Parts, line: Line, is_letter: np.ndarray, classifier: Classifier) -> np.ndarray:
    """(n,) bool: which of a line's characters are of a word at most half of which surely looks like digits,
    and is not a single letter that is read as digits.

    is_letter: (n,) bool, those that the line takes for letters.
    """
    if not classifier.knows_others:
        return is_letter
    letters = np.flatnonzero(is_letter)
    answers = classifier.answer(
        np.stack([whole_character(parts, line.characters[number])[1][1] for number in letters])
    )
    surely = answers.probabilities.max(1) * answers.digitness >= SURELY
    found = np.zeros(len(is_letter), bool)
    start = 0
    for stop in range(1, len(letters) + 1):
        if stop < len(letters) and _is_next(line, letters[stop - 1], letters[stop]):
            continue
        found[letters[start:stop]] = surely[start:stop].mean() <= 0.5
        start = stop
    if len(letters) == 1 and found.any():
        only = Line((line.characters[letters[0]],), line.height)
        ((*pieces,),) = characters.read_lines(parts, [only], classifier.answer, line_reader.shipped())
        simple = {int(piece.probabilities.argmax()) for piece in pieces} <= SIMPLE
        found[letters] = any(piece.score < (ONLY_SIMPLE if simple else ONLY) for piece in pieces)
    return found


def _is_next(line: Line, one: int, other: int) -> bool:
    """Whether a character is the next of the same word."""
    x, _, w, _ = line.characters[one].box
    return other == one + 1 and line.characters[other].box[0] - x - w < APART * line.height
