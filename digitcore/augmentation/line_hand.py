"""How one line is written: its digits, marks and letters, all by one hand, for `written_lines`.

The shares and ranges are chosen, none is fitted: every kind is to come often enough in a training to be
learnt. What the trained network makes of them is measured by `python -m benchmarks.pages`.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitcore.augmentation import line_print, pen, pen_digits, pen_letters, separators

HEIGHTS = 26, 64
"""Pixels of a digit."""

MNIST_HEIGHT = 20
"""Rows of a digit in MNIST's pictures."""

PEN_DIGITS, ONE_HAND, SHARE_OF_ONES = 0.35, 0.5, 0.2
"""Share of lines whose digits a pen writes; of the others, those in which MNIST's digits all lean alike; and
of 1s, which marks are most like, among all digits."""

WIDE_APART, TOUCHING = 0.12, 0.15
"""Shares of lines whose digits are wide apart, as in rows on a page, and of those that touch, as joined
letters do."""

PRINTED, PRINTED_TOO = 0.5, 0.4
"""Share of words that are printed, and among lines with such the share of those whose digits are, too."""

MARKS = (0.06, 0.05, 0.08, 0.05, 0.36, 0.14, 0.06, 0.2)
"""Shares of the kinds of `separators`: more of those that are not told from digits by their shape alone."""

SLASH, BRACKET = 4, 7

AS_HIGH, BACKWARDS, SQUARE = 0.55, 0.3, 0.3
"""Share of hands whose brackets and slashes are as high as digits, whose slashes lean to the left, and whose
brackets are square."""

ONE_PEN = 0.75
"""Share of lines whose letters, slashes and digits drawn by a pen are all as thick as one another."""

STRUCK = 0.2
"""Share of noughts with a slash, a backslash, a bar or a dot in them."""

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
"""What some hand writes as a digit; `negatives` leaves it out. Among other letters, the word tells it."""

SMALL, DEEP = set("aceimnorsuvwxzäü"), set("gpqyj")
"""Letters that stand on the line and are about 0.6 of a digit high, and those that reach below it."""

_FINE = 3
"""Marks are drawn so many times as large as MNIST's digits."""

LETTERS = {
    name: [pen.strokes(text) for text in texts] for name, texts in (pen_letters.WRITTEN | LIKE_DIGITS).items()
}


class Hand:
    """How a line is written: with which digits, how slanted, how thick and how far apart."""

    def __init__(self, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
        self.rng, self.digits = rng, digits
        self.by_label = [np.flatnonzero(labels == label) for label in range(10)]
        self.height = rng.uniform(*HEIGHTS)
        self.slant = rng.normal(0.04, 0.12)
        self.by_pen = rng.random() < PEN_DIGITS
        self.pen = rng.uniform(0.04, 0.2) if self.by_pen else rng.uniform(0.07, 0.18)
        self.has_one_pen = rng.random() < ONE_PEN
        self.is_one = self.by_pen or rng.random() < ONE_HAND
        self.gap = rng.uniform(0.06, 0.3), rng.uniform(0.0, 0.2)
        chance = rng.random()
        if chance < WIDE_APART:
            self.gap = rng.uniform(0.4, 2.5), rng.uniform(0.0, 0.8)
        elif chance < WIDE_APART + TOUCHING:
            self.gap = rng.uniform(-0.12, 0.03), 0.0
        self.is_as_high, self.is_backwards, self.is_square = rng.random(3) < (AS_HIGH, BACKWARDS, SQUARE)
        self.tall = rng.uniform(0.92, 1.12) if self.is_as_high else rng.uniform(1.12, 1.55)
        least = 0.2 if self.tall >= 1.12 else 0.3 if self.is_one else 0.38
        self.lean, self.bent = rng.uniform(least, 0.8), rng.uniform(0.12, 0.4)
        self.wander = rng.uniform(0, 0.06)
        self.slope = rng.normal(0, 0.03)
        self.font = int(rng.choice(line_print.FONTS))
        self.prints_words = rng.random() < PRINTED
        self.prints_digits = self.prints_words and rng.random() < PRINTED_TOO

    def digit(self) -> np.ndarray:
        """A digit's ink, tight and `height` high or a little less, (h, w) float32."""
        rng = self.rng
        label = 1 if rng.random() < SHARE_OF_ONES else int(rng.integers(10))
        if self.by_pen:
            drawn = pen_digits.draw(label, rng, self._pen())
            drawn = _tight(drawn)
            factor = self.height / max(1, len(drawn))
        else:
            drawn = self.digits[rng.choice(self.by_label[label])]
            drawn = _tight(_upright(drawn) if self.is_one else drawn)
            factor = self.height / (max(12, len(drawn)) if self.is_one else MNIST_HEIGHT)
        sized = _sized(drawn, factor * rng.uniform(0.9, 1.1))
        if label == 0 and rng.random() < STRUCK:
            sized = self._struck(sized)
        return self._slanted(sized) if self.is_one else sized

    def mark(self) -> tuple[np.ndarray, float]:
        """A mark's ink, tight, and its middle below that of a digit, in pixels."""
        kind = self.rng.choice(len(MARKS), p=MARKS)
        if kind == SLASH:
            return self._slash()
        if kind == BRACKET:
            return self.bracket(self.rng.random() < 0.5)
        drawn = separators.draw(self.rng, _FINE, np.eye(len(MARKS))[kind])
        x, y, w, h = cv2.boundingRect(drawn)
        factor = self.height / MNIST_HEIGHT / _FINE * self.rng.uniform(0.85, 1.15)
        middle = (y + h / 2 - 14 * _FINE) * factor
        part = _sized(drawn[y : y + h, x : x + w], factor)
        return part, middle

    def _pen(self) -> float | None:
        """The pen's width this time, as a share of a digit's height; None for any."""
        return self.pen * self.rng.uniform(0.85, 1.15) if self.has_one_pen else None

    def _struck(self, nought: np.ndarray) -> np.ndarray:
        """A nought (h, w) float32 with what people draw in it, to tell it from an O."""
        rng = self.rng
        h, w = nought.shape
        room = round(0.12 * h)
        picture = np.zeros((h + 2 * room, w + 2 * room), np.uint8)
        middle, half = np.array([w, h]) / 2 + room, np.array([w, h]) / 2 * rng.uniform(0.55, 1.15)
        kind = rng.choice(4, p=(0.45, 0.25, 0.1, 0.2))
        reach = half * ((1, -1), (1, 1), (1, rng.uniform(-0.1, 0.1)), (0.04, 0.04))[kind]
        ends = [tuple(np.rint(16 * (middle + side * reach)).astype(int).tolist()) for side in (-1, 1)]
        thick = max(1, round(self.pen * h * (1.3 if kind == 3 else rng.uniform(0.6, 1.0))))
        cv2.line(picture, *ends, 255, thick, cv2.LINE_AA, 4)
        return _cut(np.maximum(np.pad(nought, room), picture.astype(np.float32) / 255))

    def _slash(self) -> tuple[np.ndarray, float]:
        """As high as a digit and leaning well over, or higher and less; more where the digits are by many
        hands, some of whose 1s lean as much."""
        rng = self.rng
        tall, lean = self.tall * rng.uniform(0.96, 1.04), self.lean * rng.uniform(0.92, 1.08)
        lean = self.slant * tall + (-lean if self.is_backwards else lean)
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

    def bracket(self, opens: bool) -> tuple[np.ndarray, float]:
        """A round or square bracket as `mark`, as high as a digit or higher."""
        rng = self.rng
        pen_width = max(1, round(self.pen * self.height))
        tall = min(self.tall, 1.4) * rng.uniform(0.96, 1.04)
        h, w = tall * self.height, self.bent * rng.uniform(0.85, 1.15) * self.height
        if self.is_square:
            points = np.array([(w, 0), (0, 0), (0, h), (w, h)])
        else:
            along = np.linspace(-1, 1, 13)
            points = np.stack([w * along**2, h * (along + 1) / 2], 1)
        points = points + rng.normal(0, 0.012, points.shape) * self.height
        if not opens:
            points[:, 0] = w - points[:, 0]
        room = 2 * pen_width + 4
        picture = np.zeros((round(h) + 2 * room, round(w) + 2 * room), np.uint8)
        fixed = np.rint(16 * (points + room)).astype(np.int32)
        cv2.polylines(picture, [fixed], False, 255, pen_width, cv2.LINE_AA, 4)
        return self._slanted(_sized(_tight(picture), 1.0)), rng.normal(0, 0.04) * self.height

    def letter(self, name: str) -> tuple[np.ndarray, float]:
        ways = LETTERS[name]
        drawn = _tight(
            pen.write(ways[self.rng.integers(len(ways))], self.rng, (0.35, 0.75), 6.0, 0.03, self._pen())
        )
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
