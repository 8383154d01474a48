"""Handwriting laid on a page: text by the digits of a data set, signs and letters by a pen, straight lines.

Page       ink, true rows, layout
Writer     text -> its ink
put, line  lay a part, or a line, on a page
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.support.glyphs import LETTERS, SIGNS
from benchmarks.support.pen import Hand, inked, strokes
from digitcore.preprocessing.levels import scaled

Point = tuple[float, float]
"""x, y in pixels."""


@dataclass
class Page:
    """A page. ink: (h, w) float32, 0 to 1, for `camera.photograph`. truth: rows separated by "/", and in a
    grid cells separated by ",". layout: "rows" or "grid"."""

    ink: np.ndarray
    truth: str
    layout: str = "rows"


class Writer:
    """Writes text with the digits of one data set, and signs and letters with a pen."""

    def __init__(self, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
        self.digits, self.rng, self.hand = digits, rng, Hand.of(rng)
        self.by_label = [np.flatnonzero(labels == label) for label in range(10)]

    def character(self, name: str, height: float) -> tuple[np.ndarray, float]:
        """The ink of a character, cut to it, and how far its top lies below that of a digit, in pixels."""
        if name.isdigit():
            chosen = self.digits[self.rng.choice(self.by_label[int(name)])]
            x, y, w, h = cv2.boundingRect(chosen)
            factor = height / 20
            size = max(2, round(w * factor)), max(2, round(h * factor))
            big = cv2.resize(scaled(chosen[y : y + h, x : x + w]), size, interpolation=cv2.INTER_CUBIC)
            sharp = np.clip((big - 0.5) * min(factor, 4) + 0.5, 0, 1) if factor > 1.5 else np.clip(big, 0, 1)
            return sharp, (20 - h) * factor / 2
        lines = strokes(SIGNS.get(name) or LETTERS.get(name) or LETTERS["T"], self.hand, self.rng)
        return inked(lines, height, self.hand.pen), float(np.vstack(lines)[:, 1].min()) * height

    def text(self, text: str, height: float, gap: tuple[float, float] = (0.15, 0.5)) -> np.ndarray:
        """The ink of a line of text, cut to it: (h, w) float32. gap: between characters, in heights, least
        and greatest."""
        placed, left = [], 0.0
        for name in text:
            if name == " ":
                left += 0.5 * height
                continue
            ink, top = self.character(name, height)
            placed.append((ink, round(left), round(top + self.rng.normal(0, 0.03) * height + 0.4 * height)))
            left += ink.shape[1] + self.rng.uniform(*gap) * height
        wide = max(x + ink.shape[1] for ink, x, _ in placed)
        tall = max(y + ink.shape[0] for ink, _, y in placed) + 1
        line = np.zeros((tall, wide), np.float32)
        for ink, x, y in placed:
            y = max(0, y)
            area = line[y : y + ink.shape[0], x : x + ink.shape[1]]
            np.maximum(area, ink, out=area)
        x, y, w, h = cv2.boundingRect((line > 0.1).view(np.uint8))
        return line[y : y + h, x : x + w]

    def number(self, least: int = 2, most: int = 6) -> str:
        """A number of `least` to `most` digits."""
        return "".join(map(str, self.rng.integers(0, 10, int(self.rng.integers(least, most + 1)))))


def put(ink: np.ndarray, part: np.ndarray, left: float, top: float) -> tuple[int, int, int, int]:
    """Lay a part on the page; returns its box."""
    x, y = round(left), round(top)
    h, w = part.shape
    area = ink[max(0, y) : y + h, max(0, x) : x + w]
    np.maximum(area, part[max(0, -y) :, max(0, -x) :][: area.shape[0], : area.shape[1]], out=area)
    return x, y, w, h


def line(ink: np.ndarray, start: Point, end: Point, thick: float, strength: float = 1.0) -> None:
    """A straight line from (x, y) to (x, y)."""
    drawn = np.zeros(ink.shape, np.uint8)
    ends = (tuple(int(v * 16) for v in point) for point in (start, end))
    cv2.line(drawn, *ends, 255, max(1, round(thick)), cv2.LINE_AA, 4)
    np.maximum(ink, scaled(drawn) * np.float32(strength), out=ink)


def one_line(
    writer: Writer, text: str | None = None, margin: float = 0.8, truth: str | None = None
) -> tuple[Page, tuple[int, int, int, int], float]:
    """(a page with one line in the middle, the box of the line, the height of its digits)."""
    rng = writer.rng
    text = writer.number() if text is None else text
    height = rng.uniform(40, 110)
    part = writer.text(text, height)
    around = round(margin * height)
    ink = np.zeros((part.shape[0] + 2 * around, part.shape[1] + 2 * around), np.float32)
    box = put(ink, part, around, around)
    return Page(ink, "".join(c for c in text if c.isdigit()) if truth is None else truth), box, height
