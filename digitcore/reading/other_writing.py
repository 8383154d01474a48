"""Writing among which numbers stand: which of it are marks, and which are letters.

    others_in   parts and which of them are writing -> Others

Two networks must agree on a word: the one that sees characters in their line (`character_kinds`), and the one
that reads digits, where that knows what is no digit. Marks such as a slash look like digits by themselves, so
that for them the line decides alone. Digits that touch look like no digit and like joined letters: what would
be the only letter of its line is read as digits first.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.networks.classifier import Classifier
from digitcore.reading import characters, layout, line_reader
from digitcore.reading.candidates import Box, whole_character
from digitcore.reading.character_kinds import DIGIT, LETTER, MARK, KindReader
from digitcore.reading.layout import Character, Line
from digitcore.reading.parts import Parts

LEAST, DOUBTED = 0.2, 0.35
"""Likelihood of being a digit below which a character is none, and below which it is doubted. Chosen by hand,
on lines of validation digits (`python -m digitcore kinds`): at 0.2 one digit of a thousand is lost."""

SLIM, TALL = 0.7, 0.8
"""Width over height up to which a character may be a slash, a bracket or a 1, and the share of its line's
height from which such a mark is as tall as a digit."""

DOUBTED_BESIDE, EVER, ALIKE, AS_TALL = 0.9, 0.995, 0.85, 1.08
"""In a line with a tall mark: the likelihood of being a digit below which a slim character is doubted; the
same where it looks like the mark, by the correlation of their blurred pictures and the ratio of their
heights. Chosen by hand, on 150 pages of kind "separators" of `python -m benchmarks.pages`, no 1 of which is
doubted, and on cases 24 and 26 of `python -m benchmarks.cases`."""

FAR_OVER, SPREAD, LEANS, STRAIGHT, BARE = 0.38, 4.0, 0.92, 3.0, 0.7
"""A straight stroke that leans more than the other characters of its line, by so many columns for each row
and by so many of their standard deviations, is doubted where it is less likely a digit than LEANS; where
digits lean every way, a 1 may, too. A stroke is straight that is so many times as long as thick and fills
this share of its turned box. Chosen by hand, on case 24, on kinds "signs as high", "rows" and "number" of
`python -m benchmarks.pages`, and SPREAD on numbers of digits by several hands (`python -m
benchmarks.strings`)."""

SURELY, PERHAPS = 0.9, 0.5
"""Probability x digitness from which a character surely looks like a digit; of a word, at most half may. From
the second on, a word of one letter is "?", not left out."""

ONLY, ONLY_SIMPLE = 0.75, 0.95
"""Probability x digitness that every digit must reach into which the only letter of a line can be taken
apart for it to be digits; the second where all of them are SIMPLE. Of 1,000 numbers composed of training
digits that touch, 9 lose such a letter without this and 1 with it; of 84 single letters of lines with words
(`written_lines`) 4 become digits, and 23 would if 0.75 were enough for all. ONLY, halved or
doubled, changes nothing in 100 other numbers (`python -m benchmarks.constants`)."""

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

    @property
    def are_none(self) -> bool:
        """Whether all of the writing is digits."""
        return not (self.marks.any() or self.letters.any() or self.doubted)


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
            is_letter, perhaps = _in_words(parts, line, is_letter, classifier)
            doubted += [line.characters[number].box for number in np.flatnonzero(perhaps)]
        for character, digit, mark, letter in zip(
            line.characters, likely[:, DIGIT], is_mark, is_letter, strict=True
        ):
            other = (mark or letter) and digit < LEAST
            if other:
                found[MARK if mark else LETTER][list(character.parts)] = True
            elif mark or letter:
                doubted.append(character.box)
        doubted += [line.characters[number].box for number in _leaning_over(parts, line, likely)]
        if is_mark.any():
            doubted += [line.characters[number].box for number in _like_marks(parts, line, likely, is_mark)]
    # Beside what is far larger, small writing is in no line yet.
    return Others(able & ~found[MARK] & ~found[LETTER], found[MARK], found[LETTER], tuple(doubted))


def _like_marks(parts: Parts, line: Line, likely: np.ndarray, is_mark: np.ndarray) -> list[int]:
    """Which of a line's slim characters may be marks because others of the line are: a hand's slashes are
    alike, and brackets come in pairs.

    likely: (n, 3) float32, of each of KINDS. is_mark: (n,) bool.
    """
    slim = [number for number, character in enumerate(line.characters) if _is_slim(character.box)]
    tall = [n for n in slim if is_mark[n] and line.characters[n].box[3] >= TALL * line.height]
    rest = [n for n in slim if not is_mark[n] and likely[n, DIGIT] < EVER]
    if not tall or not rest:
        return []
    pictures = {n: _blurred(whole_character(parts, line.characters[n])[1][1]) for n in (*tall, *rest)}
    found = []
    for number in rest:
        height = line.characters[number].box[3]
        same = (
            max(height, line.characters[n].box[3]) <= AS_TALL * min(height, line.characters[n].box[3])
            and float(pictures[n] @ pictures[number]) >= ALIKE
            for n in tall
        )
        if likely[number, DIGIT] < DOUBTED_BESIDE or any(same):
            found.append(number)
    return found


def _leaning_over(parts: Parts, line: Line, likely: np.ndarray) -> list[int]:
    """Which of a line's characters are one straight stroke that leans far more than the others do, close to
    one of them: slashes as high as digits. A hand's 1 leans as its other digits.

    likely: (n, 3) float32, of each of KINDS.
    """
    found = [
        number
        for number in np.flatnonzero((likely[:, DIGIT] >= DOUBTED) & (likely[:, DIGIT] < LEANS))
        if _is_slim(line.characters[number].box) and _is_close(line, number)
    ]
    if not found:
        return []
    leans = [_lean(parts, character) for character in line.characters]
    others = [lean for lean, bare in leans if not bare]
    if len(others) < 2:  # in a row of 1s, one may lean more than the others
        return []
    usual = float(np.median(others))
    far = max(FAR_OVER, SPREAD * float(np.std(others)))
    return [number for number in found if leans[number][1] and abs(leans[number][0] - usual) >= far]


def _is_close(line: Line, number: int) -> bool:
    """Whether a character is of one word with the one before or after it."""
    last = len(line.characters) - 1
    return (number > 0 and _is_next(line, number - 1, number)) or (
        number < last and _is_next(line, number, number + 1)
    )


def _lean(parts: Parts, character: Character) -> tuple[float, bool]:
    """(columns to the right for each row up, whether it is one straight stroke) of a character."""
    x, y, w, h = character.box
    own = np.isin(parts.labels[y : y + h, x : x + w], character.parts).view(np.uint8)
    moments = cv2.moments(own, binaryImage=True)
    _, (a, b), _ = cv2.minAreaRect(cv2.findNonZero(own))
    long, thick = max(a, b) + 1, min(a, b) + 1
    bare = long >= STRAIGHT * thick and moments["m00"] >= BARE * long * thick
    return -moments["mu11"] / max(1.0, moments["mu02"]), bool(bare)


def _is_slim(box: Box) -> bool:
    return box[2] < SLIM * box[3]


def _blurred(picture: np.ndarray) -> np.ndarray:
    """A picture (28, 28) float32 as a vector of length 1, blurred, so that like strokes overlap."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0).ravel()
    return soft / max(1e-6, float(np.linalg.norm(soft)))


def _in_words(
    parts: Parts, line: Line, is_letter: np.ndarray, classifier: Classifier
) -> tuple[np.ndarray, np.ndarray]:
    """(which of a line's characters are of a word at most half of which surely looks like digits, and is not
    a single letter that is read as digits; which are words of one letter that looks like a digit), (n,) bool
    both.

    is_letter: (n,) bool, those that the line takes for letters.
    """
    perhaps = np.zeros(len(is_letter), bool)
    if not classifier.knows_others:
        return is_letter, perhaps
    letters = np.flatnonzero(is_letter)
    answers = classifier.answer(
        np.stack([whole_character(parts, line.characters[number])[1][1] for number in letters])
    )
    scores = answers.probabilities.max(1) * answers.digitness
    found = np.zeros(len(is_letter), bool)
    start = 0
    for stop in range(1, len(letters) + 1):
        if stop < len(letters) and _is_next(line, letters[stop - 1], letters[stop]):
            continue
        found[letters[start:stop]] = (scores[start:stop] >= SURELY).mean() <= 0.5
        if stop == start + 1 and PERHAPS <= scores[start] < SURELY:
            found[letters[start]], perhaps[letters[start]] = False, True
        start = stop
    if len(letters) == 1 and found.any():
        only = Line((line.characters[letters[0]],), line.height)
        ((*pieces,),) = characters.read_lines(parts, [only], classifier.answer, line_reader.shipped())
        simple = {int(piece.probabilities.argmax()) for piece in pieces} <= SIMPLE
        found[letters] = any(piece.score < (ONLY_SIMPLE if simple else ONLY) for piece in pieces)
    return found, perhaps


def _is_next(line: Line, one: int, other: int) -> bool:
    """Whether a character is the next of the same word."""
    x, _, w, _ = line.characters[one].box
    return other == one + 1 and line.characters[other].box[0] - x - w < APART * line.height
