"""Lines of numbers with marks and words among them, as people write them, for `character_kinds`.

    Written    the ink of a line, and to what each pixel of it belongs
    compose    digits written again (`composed_lines.hands`) and a generator -> Written

Marks are those of `separators`; letters are written by a pen or printed. Unlike those of `negatives` they
include what some hand writes as a digit (I l o S Z): among other letters, it is the word that tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitcore.augmentation import pen, pen_digits, pen_letters, separators

DIGIT, MARK, LETTER = range(3)

HEIGHTS = 26, 64
"""Pixels of a digit."""

MNIST_HEIGHT = 20
"""Rows of a digit in MNIST's pictures."""

PEN_DIGITS, ONE_HAND, SHARE_OF_ONES = 0.35, 0.5, 0.2
"""Share of lines whose digits a pen writes; of the others, those in which MNIST's digits all lean alike; and
of 1s, which marks are most like, among all digits."""

DIGITS_ALONE, WITH_MARKS = 0.35, 0.35
"""Shares of lines that are numbers, and numbers with marks; the others have words."""

WIDE_APART, TOUCHING = 0.12, 0.15
"""Shares of lines whose digits are wide apart, as in rows on a page, and of those that touch, as joined
letters do."""

PRINTED, PRINTED_TOO = 0.5, 0.4
"""Share of words that are printed, and among lines with such the share of those whose digits are, too."""

MARKS = (0.06, 0.05, 0.08, 0.05, 0.34, 0.18, 0.06, 0.18)
"""Shares of the kinds of `separators`: more of those that are not told from digits by their shape alone."""

SLASH, BRACKET = 4, 7

LIKE_DIGITS = {
    "I": (".5,0 .5,1", "0,0 1,0 | .5,0 .5,1 | 0,1 1,1"),
    "l": (".5,0 .5,1", "~.6,.4 .55,0 .4,.3 .4,.85 .6,1"),
    "i": (".5,.4 .5,1 | .5,.12",),
    "O": ("~.5,0 .1,.2 0,.55 .15,.9 .5,1 .85,.85 1,.5 .85,.15 .5,0",),
    "o": ("~.5,0 .1,.2 0,.55 .15,.9 .5,1 .85,.85 1,.5 .85,.15 .5,0",),
    "S": ("~.9,.12 .5,0 .1,.2 .45,.48 .85,.72 .5,1 .05,.9",),
    "s": ("~.9,.12 .5,0 .1,.2 .45,.48 .85,.72 .5,1 .05,.9",),
    "Z": ("0,0 1,0 0,1 1,1",),
    "z": ("0,0 1,0 0,1 1,1",),
    "G": ("~.95,.2 .6,0 .15,.2 0,.55 .2,.9 .6,1 .95,.8 .95,.55 .6,.55",),
    "B": ("0,0 0,1 | ~0,0 .7,.02 .9,.25 .6,.45 0,.48 | ~0,.48 .8,.52 1,.75 .7,.98 0,1",),
    "b": ("0,0 0,1 | ~0,.6 .4,.42 .85,.6 .85,.9 .4,1 0,.9",),
    "g": ("~.85,.1 .4,0 .05,.25 .3,.55 .8,.4 .85,.1 .85,.7 .6,1 .1,.9",),
    "q": ("~.85,.1 .4,0 .05,.25 .3,.55 .8,.4 | .85,.05 .85,1",),
    "y": ("0,0 .45,.5 | .95,0 .3,1",),
    "j": ("~.6,.3 .6,.8 .4,1 .1,.95 | .6,.1",),
}
"""What some hand writes as a digit."""

SMALL, DEEP = set("aceimnorsuvwxzäü"), set("gpqyj")
"""Letters that stand on the line and are about 0.6 of a digit high, and those that reach below it."""

_USUAL = "eeeeaaaoootttiiinnnsssrrrlllhhdddcummfppggwybvkxjqz"
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)
_PILLOWS = -1
"""The sans serif that comes with Pillow."""

_LETTERS = {
    name: [pen.strokes(text) for text in texts] for name, texts in (pen_letters.WRITTEN | LIKE_DIGITS).items()
}


@dataclass(frozen=True)
class Written:
    """ink: (h, w) float32, 0 paper to 1. owner: (h, w) uint8, 1 + DIGIT, MARK or LETTER, 0 where none is."""

    ink: np.ndarray
    owner: np.ndarray


class Hand:
    """How a line is written: with which digits, how slanted, how thick and how far apart."""

    def __init__(self, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
        self.rng, self.digits = rng, digits
        self.by_label = [np.flatnonzero(labels == label) for label in range(10)]
        self.height = rng.uniform(*HEIGHTS)
        self.slant = rng.normal(0.04, 0.12)
        self.pen = rng.uniform(0.05, 0.15)
        self.by_pen = rng.random() < PEN_DIGITS
        self.is_one = self.by_pen or rng.random() < ONE_HAND
        self.gap = rng.uniform(0.06, 0.3), rng.uniform(0.0, 0.2)
        chance = rng.random()
        if chance < WIDE_APART:
            self.gap = rng.uniform(0.4, 2.5), rng.uniform(0.0, 0.8)
        elif chance < WIDE_APART + TOUCHING:
            self.gap = rng.uniform(-0.12, 0.03), 0.0
        self.wander = rng.uniform(0, 0.06)
        self.slope = rng.normal(0, 0.03)
        self.font = int(rng.choice((*_FONTS, _PILLOWS, _PILLOWS, _PILLOWS)))
        self.prints_words = rng.random() < PRINTED
        self.prints_digits = self.prints_words and rng.random() < PRINTED_TOO

    def digit(self) -> np.ndarray:
        """A digit's ink, tight and `height` high or a little less, (h, w) float32."""
        rng = self.rng
        label = 1 if rng.random() < SHARE_OF_ONES else int(rng.integers(10))
        if self.by_pen:
            drawn = pen_digits.draw(label, rng)
            drawn = _tight(drawn)
            factor = self.height / max(1, len(drawn))
        else:
            drawn = self.digits[rng.choice(self.by_label[label])]
            drawn = _tight(_upright(drawn) if self.is_one else drawn)
            factor = self.height / (max(12, len(drawn)) if self.is_one else MNIST_HEIGHT)
        sized = _sized(drawn, factor * rng.uniform(0.9, 1.1))
        return self._slanted(sized) if self.is_one else sized

    def mark(self) -> tuple[np.ndarray, float]:
        """A mark's ink, tight, and its middle below that of a digit, in pixels."""
        kind = self.rng.choice(len(MARKS), p=MARKS)
        if kind == SLASH:
            return self._slash()
        drawn = separators.draw(self.rng, _FINE, np.eye(len(MARKS))[kind])
        x, y, w, h = cv2.boundingRect(drawn)
        factor = self.height / MNIST_HEIGHT / _FINE * self.rng.uniform(0.85, 1.15)
        middle = (y + h / 2 - 14 * _FINE) * factor
        part = _sized(drawn[y : y + h, x : x + w], factor)
        if kind == BRACKET:  # some are hardly bent
            flat = max(2, round(part.shape[1] * self.rng.uniform(0.5, 1.1))), len(part)
            part = cv2.resize(part, flat, interpolation=cv2.INTER_AREA)
        return part, middle

    def _slash(self) -> tuple[np.ndarray, float]:
        """As high as a digit and leaning well over, or higher and less; always higher where the digits are by
        many hands, some of whose 1s lean as much."""
        rng = self.rng
        tall = rng.uniform(0.95 if self.is_one else 1.15, 1.55)
        lean = self.slant * tall + rng.uniform(0.38 if tall < 1.15 else 0.2, 0.8)
        pen_width = max(1, round(self.pen * self.height))
        h, w = max(4, round(tall * self.height)), max(2, round(abs(lean) * self.height))
        picture = np.zeros((h + 2 * pen_width, w + 2 * pen_width), np.uint8)
        ends = (pen_width + w, pen_width), (pen_width, pen_width + h)
        cv2.line(
            picture,
            *(ends if lean > 0 else ((pen_width, pen_width), (pen_width + w, pen_width + h))),
            255,
            pen_width,
            cv2.LINE_AA,
        )
        return _sized(_tight(picture), 1.0), rng.uniform(-0.05, 0.15) * self.height

    def letter(self, name: str) -> tuple[np.ndarray, float]:
        ways = _LETTERS[name]
        drawn = _tight(pen.write(ways[self.rng.integers(len(ways))], self.rng, (0.35, 0.75), 6.0, 0.03))
        tall = self.height * (0.62 if name in SMALL else 0.85 if name in DEEP else 1.0)
        part = _sized(drawn, tall / max(1, len(drawn)) * self.rng.uniform(0.9, 1.1))
        below = 0.3 * self.height if name in DEEP else 0.0
        return self._slanted(part), (self.height - len(part)) / 2 + below

    def _slanted(self, ink: np.ndarray) -> np.ndarray:
        if abs(self.slant) < 0.02:
            return ink
        h, w = ink.shape
        room = abs(self.slant) * h
        move = np.float32([[1, -self.slant, room if self.slant > 0 else 0], [0, 1, 0]])
        return _cut(cv2.warpAffine(ink, move, (round(w + room) + 1, h)))


_FINE = 3
"""Marks are drawn so many times as large as MNIST's digits."""


def compose(digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Written:
    """A line: a number, or numbers with marks, or with words. digits: (n, 28, 28) uint8; labels: (n,)."""
    hand = Hand(digits, labels, rng)
    chance = rng.random()
    if chance < DIGITS_ALONE:
        tokens = _number(rng, 1, 8)
    elif chance < DIGITS_ALONE + WITH_MARKS:
        tokens = _with_marks(rng)
    else:
        return _with_words(hand)
    return _set(hand, tokens)


def _number(rng: np.random.Generator, least: int = 1, most: int = 5) -> list[str]:
    found = ["0"] * int(rng.integers(least, most + 1))
    if len(found) > 3 and rng.random() < 0.3:
        found.insert(int(rng.integers(1, len(found))), " ")
    return found


def _with_marks(rng: np.random.Generator) -> list[str]:
    """Numbers with marks between them, and perhaps before and after."""
    tokens = ["/"] if rng.random() < 0.25 else []
    for _ in range(int(rng.integers(1, 4))):
        tokens += [*_number(rng, 1, 4), "/"]
        if rng.random() < 0.1:
            tokens += ["/"]
    if rng.random() < 0.75:
        tokens = tokens[:-1] + (["/"] if "/" not in tokens[:-1] else []) + _number(rng, 1, 4)
    return tokens


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
    names = [name if name in _LETTERS else name.lower() for name in letters]
    return _set(hand, names)


def _printed_tokens(tokens: Sequence[str], hand: Hand) -> Written:
    """The tokens of a number in print, each with what it is."""
    rng, parts = hand.rng, []
    for token in tokens:
        if token == " ":
            continue
        name = rng.choice(list("0123456789")) if token == "0" else rng.choice(list("/-+:.,()=%"))
        parts.append(_printed(str(name), hand, DIGIT if token == "0" else MARK))
    return _side_by_side(parts, [0.06 * hand.height] * len(parts))


def _printed(text: str, hand: Hand, kind: int) -> Written:
    """Text in print, its letters as far above the line as the digits beside them; cut at its sides."""
    ink, line = (_by_pillow if hand.font == _PILLOWS else _by_opencv)(text, hand)
    columns = np.flatnonzero(ink.max(0) > 0.1)
    ink = ink[:, columns[0] : columns[-1] + 1]
    # The middle of a digit in the middle of the picture.
    middle = line - hand.height / 2
    half = int(np.ceil(max(middle, len(ink) - middle))) + 1
    padded = np.zeros((2 * half, ink.shape[1]), np.float32)
    top = half - round(middle)
    padded[top : top + len(ink)] = ink
    return Written(padded, np.where(padded > 0, np.uint8(1 + kind), np.uint8(0)))


def _by_pillow(text: str, hand: Hand) -> tuple[np.ndarray, int]:
    """(ink, row of the base line)."""
    font = ImageFont.load_default(round(hand.height / 0.7))
    left, _, right, bottom = font.getbbox(text, anchor="ls")
    above = round(1.2 * hand.height)
    picture = Image.new("L", (round(right - left) + 8, above + max(2, round(bottom)) + 6))
    ImageDraw.Draw(picture).text(
        (4 - left, above), text, 255, font, "ls", stroke_width=int(hand.rng.integers(0, 2))
    )
    return np.asarray(picture, np.float32) / 255, above


def _by_opencv(text: str, hand: Hand) -> tuple[np.ndarray, int]:
    thick = max(1, round(hand.height * hand.rng.uniform(0.04, 0.12)))
    scale = cv2.getFontScaleFromHeight(hand.font, round(hand.height), thick)
    (w, h), below = cv2.getTextSize(text, hand.font, scale, thick)
    line = h + thick + 2
    picture = np.zeros((line + below + thick + 6, w + 2 * thick + 8), np.uint8)
    cv2.putText(picture, text, (thick + 4, line), hand.font, scale, 255, thick, cv2.LINE_AA)
    return picture.astype(np.float32) / 255, line


def _set(hand: Hand, tokens: Sequence[str]) -> Written:
    """Tokens side by side, the middle of a digit's height in the middle of the picture: "0" any digit, "/"
    any mark, " " a space, else a letter."""
    rng, parts, gaps = hand.rng, [], []
    for token in tokens:
        if token == " ":
            if gaps:
                gaps[-1] += rng.uniform(0.3, 0.8) * hand.height
            continue
        if token == "0":
            ink, middle, kind = hand.digit(), 0.0, DIGIT
        elif token == "/":
            ink, middle = hand.mark()
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


def _upright(drawn: np.ndarray) -> np.ndarray:
    """A digit (28, 28) uint8 sheared so that its columns stand."""
    moments = cv2.moments(drawn)
    if abs(moments["mu02"]) < 1e-2:
        return drawn
    shear = float(np.clip(moments["mu11"] / moments["mu02"], -0.8, 0.8))
    half = len(drawn) / 2
    move = np.float32([[1, shear, -shear * half], [0, 1, 0]])
    return cv2.warpAffine(drawn, move, drawn.shape[::-1], flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR)


def _tight(drawn: np.ndarray) -> np.ndarray:
    x, y, w, h = cv2.boundingRect(drawn)
    return drawn[y : y + h, x : x + w] if w else np.full((8, 2), 255, np.uint8)


def _cut(ink: np.ndarray) -> np.ndarray:
    x, y, w, h = cv2.boundingRect((ink > 0.1).view(np.uint8))
    return ink[y : y + h, x : x + w] if w else ink


def _sized(drawn: np.ndarray, factor: float) -> np.ndarray:
    size = max(2, round(drawn.shape[1] * factor)), max(2, round(drawn.shape[0] * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    big = cv2.resize(drawn.astype(np.float32) / 255, size, interpolation=method)
    return np.clip((big - 0.5) * min(max(factor, 1), 4) + 0.5, 0, 1) if factor > 1.5 else np.clip(big, 0, 1)
