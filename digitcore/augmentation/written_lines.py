"""Lines of numbers with marks and words among them, as people write them, for `character_kinds`.

    Written    the ink of a line, and to what each pixel of it belongs
    compose    digits written again (`composed_lines.hands`) and a generator -> Written

Marks and letters are written by the hand that writes the digits (`line_hand`), or words are printed
(`line_print`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitcore.augmentation import line_print
from digitcore.augmentation.line_hand import LETTERS, Hand

DIGIT, MARK, LETTER = range(3)

DIGITS_ALONE, WITH_MARKS, CODES = 0.3, 0.33, 0.12
"""Shares of lines that are numbers, numbers with marks, and numbers with single letters close beside them;
the others have words. Chosen, as those of `line_hand`: pages hold all of them."""

IN_BRACKETS = 0.2
"""Share of numbers with marks that are in brackets, or begin with a number in brackets."""

_CAPITALS, _UNITS = "ACEFHJKLMNPRTUVWXY", "kmhftaeuwcndpr"
"""Letters that stand close beside digits, and that nobody writes as a digit."""

_USUAL = "eeeeaaaoootttiiinnnsssrrrlllhhdddcummfppggwybvkxjqz"
"""Letters, about as often as in English text."""


@dataclass(frozen=True)
class Written:
    """ink: (h, w) float32, 0 paper to 1. owner: (h, w) uint8, 1 + DIGIT, MARK or LETTER, 0 where none is."""

    ink: np.ndarray
    owner: np.ndarray


def compose(digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Written:
    """A line: a number, or numbers with marks, or with words. digits: (n, 28, 28) uint8; labels: (n,)."""
    hand = Hand(digits, labels, rng)
    chance = rng.random()
    if chance < DIGITS_ALONE:
        tokens = _number(rng, 1, 8)
    elif chance < DIGITS_ALONE + WITH_MARKS:
        tokens = _with_marks(rng)
    elif chance < DIGITS_ALONE + WITH_MARKS + CODES:
        tokens = _code(rng)
        if hand.prints_digits:
            return _printed_tokens(tokens, hand)
    else:
        return _with_words(hand)
    return _set(hand, tokens)


def _number(rng: np.random.Generator, least: int = 1, most: int = 5) -> list[str]:
    found = ["0"] * int(rng.integers(least, most + 1))
    if len(found) > 3 and rng.random() < 0.3:
        found.insert(int(rng.integers(1, len(found))), " ")
    return found


def _with_marks(rng: np.random.Generator) -> list[str]:
    """Numbers with marks between them, and perhaps before and after, or in brackets."""
    if rng.random() < IN_BRACKETS:
        return [*(["0"] * int(rng.integers(0, 2))), "(", *_number(rng, 1, 4), ")", *_number(rng, 0, 4)]
    tokens = ["/"] if rng.random() < 0.25 else []
    for _ in range(int(rng.integers(1, 4))):
        tokens += [*_number(rng, 1, 4), "/"]
        if rng.random() < 0.1:
            tokens += ["/"]
    if rng.random() < 0.75:
        tokens = tokens[:-1] + (["/"] if "/" not in tokens[:-1] else []) + _number(rng, 1, 4)
    return tokens


def _code(rng: np.random.Generator) -> list[str]:
    """A number with letters before, in or after it: K25, 12B, 4A7, 30km."""
    tokens = _number(rng, 1, 5)
    where = rng.random()
    if where < 0.25:
        return tokens + list(rng.choice(list(_UNITS), int(rng.integers(1, 3))))
    letters = list(rng.choice(list(_CAPITALS), 1 if rng.random() < 0.7 else int(rng.integers(2, 4))))
    if where < 0.6:
        return letters + (["/"] if rng.random() < 0.1 else []) + tokens
    if where < 0.85 or len(tokens) < 2:
        return tokens + (["/"] if rng.random() < 0.1 else []) + letters
    at = int(rng.integers(1, len(tokens)))
    return tokens[:at] + letters[:1] + tokens[at:]


def _with_words(hand: Hand) -> Written:
    rng = hand.rng
    parts = [_word(hand)]
    for _ in range(int(rng.integers(1, 3))):
        number = _number(rng, 1, 5)
        if rng.random() < 0.25:
            number = _with_marks(rng)
        parts.append(_printed_tokens(number, hand) if hand.prints_digits else _set(hand, number))
        if rng.random() < 0.4:
            parts.append(_word(hand))
    if rng.random() < 0.3:
        parts = parts[1:] + parts[:1]
    gaps = [rng.uniform(0.25, 1.2) * hand.height for _ in parts]
    return _side_by_side(parts, gaps)


def _word(hand: Hand) -> Written:
    rng = hand.rng
    letters = list(rng.choice(list(_USUAL), int(rng.integers(1, 8))))
    capital = rng.random()
    if capital < 0.5:
        letters[0] = letters[0].upper()
    elif capital < 0.65:
        letters = [letter.upper() for letter in letters]
    if hand.prints_words:
        return _printed("".join(letters) + (":" if rng.random() < 0.2 else ""), hand, LETTER)
    names = [name if name in LETTERS else name.lower() for name in letters]
    return _set(hand, names)


def _printed_tokens(tokens: Sequence[str], hand: Hand) -> Written:
    """The tokens of a number in print, each with what it is."""
    rng, parts = hand.rng, []
    for token in tokens:
        if token == " ":
            continue
        kind = DIGIT if token == "0" else MARK if token in "/()" else LETTER
        any_of = "0123456789" if token == "0" else "/-+:.,()=%" if token == "/" else token
        name = rng.choice(list(any_of))
        parts.append(_printed(str(name), hand, kind))
    return _side_by_side(parts, [0.06 * hand.height] * len(parts))


def _printed(text: str, hand: Hand, kind: int) -> Written:
    ink = line_print.draw(text, hand.height, hand.font, hand.rng)
    return Written(ink, np.where(ink > 0, np.uint8(1 + kind), np.uint8(0)))


def _set(hand: Hand, tokens: Sequence[str]) -> Written:
    """Tokens side by side, the middle of a digit's height in the middle of the picture: "0" any digit, "/"
    any mark, "(" and ")" brackets, " " a space, else a letter."""
    rng, parts, gaps = hand.rng, [], []
    for token in tokens:
        if token == " ":
            if gaps:
                gaps[-1] += rng.uniform(0.3, 0.8) * hand.height
            continue
        if token == "0":
            ink, middle, kind = hand.digit(), 0.0, DIGIT
        elif token in "/()":
            ink, middle = hand.mark() if token == "/" else hand.bracket(token == "(")
            kind = MARK
        else:
            ink, middle = hand.letter(token)
            kind = LETTER
        middle += rng.normal(0, hand.wander) * hand.height + hand.slope * sum(p.ink.shape[1] for p in parts)
        parts.append(_centred(ink, middle, kind))
        gap = hand.gap[0] + hand.gap[1] * rng.uniform(-0.5, 1)
        gap = gap if hand.gap[0] < 0.03 else max(0.03, gap)
        gaps.append(gap * hand.height)
    return _side_by_side(parts, gaps)


def _centred(ink: np.ndarray, middle: float, kind: int) -> Written:
    half = int(np.ceil(len(ink) / 2 + abs(middle))) + 1
    picture = np.zeros((2 * half, ink.shape[1]), np.float32)
    top = round(half + middle - len(ink) / 2)
    picture[top : top + len(ink)] = ink
    return Written(picture, np.where(picture > 0, np.uint8(1 + kind), np.uint8(0)))


def _side_by_side(parts: Sequence[Written], gaps: Sequence[float]) -> Written:
    half = max(len(part.ink) for part in parts) // 2 + 1
    width = sum(part.ink.shape[1] for part in parts) + round(sum(max(0.0, gap) for gap in gaps)) + len(parts)
    ink, owner = np.zeros((2 * half, width), np.float32), np.zeros((2 * half, width), np.uint8)
    left = 0.0
    for part, gap in zip(parts, gaps, strict=True):
        h, w = part.ink.shape
        area = slice(half - h // 2, half - h // 2 + h), slice(round(left), round(left) + w)
        more = part.ink > ink[area]
        ink[area] = np.where(more, part.ink, ink[area])
        owner[area] = np.where(more, part.owner, owner[area])
        left = max(0.0, left + w + gap)
    return Written(ink, owner)
