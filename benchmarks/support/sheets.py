"""Pages of handwritten numbers as people photograph and scan them, made here, with their true text.

    make       digits (MNIST's), a kind and a seeded generator -> picture, true text, layout
    KINDS      what is on the page besides the digits: frames, cells, edges, light, signs, words …

For measuring how pages are read (`benchmarks.pages`), so that a rule is judged by hundreds of pages.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.support import camera
from benchmarks.support.glyphs import LETTERS, WORDS
from benchmarks.support.page_writer import Page, Writer, line, one_line, put
from digitcore.preprocessing.levels import scaled


def rows(writer: Writer, shape: tuple[int, int] | None = None) -> Page:
    """Two to six rows of one to six digits each, spread over a page."""
    rng = writer.rng
    count, across = int(rng.integers(2, 7)), int(rng.integers(2, 7))
    height, width = shape or (int(rng.integers(700, 1300)), int(rng.integers(700, 1300)))
    size = min(0.55 * height / count, 0.6 * width / across, 0.2 * height) * rng.uniform(0.4, 0.9)
    ink, truth = np.zeros((height, width), np.float32), []
    top, left = 0.08 * height, 0.08 * width
    down, right = (height - 2 * top) / count, (width - 2 * left) / across
    for row in range(count):
        names = [str(d) for d in rng.integers(0, 10, across)]
        for column, name in enumerate(names):
            part, below = writer.character(name, size)
            x = left + (column + 0.5) * right - part.shape[1] / 2 + rng.normal(0, 0.05) * right
            put(ink, part, x, top + (row + 0.3) * down + below + rng.normal(0, 0.04) * size)
        truth.append("".join(names))
    return Page(ink, "/".join(truth))


def small_number(writer: Writer) -> Page:
    """A short number, small on a large page."""
    rng = writer.rng
    text = writer.number(3, 6)
    height, width = int(rng.integers(900, 1500)), int(rng.integers(800, 1200))
    part = writer.text(text, rng.uniform(0.03, 0.08) * width)
    ink = np.zeros((height, width), np.float32)
    put(ink, part, rng.uniform(0.15, 0.8) * (width - part.shape[1]), rng.uniform(0.2, 0.7) * height)
    return Page(ink, text)


def framed(writer: Writer) -> Page:
    """Rows with a frame drawn around them, near the sides."""
    page = rows(writer)
    height, width = page.ink.shape
    inset = writer.rng.uniform(0.01, 0.05, 4) * min(height, width)
    corners = [
        (inset[0], inset[1]),
        (width - inset[2], inset[1]),
        (width - inset[2], height - inset[3]),
        (inset[0], height - inset[3]),
    ]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        line(page.ink, start, end, writer.rng.uniform(2, 6))
    return page


def table(writer: Writer, count: int, across: int, filled: float, most: int = 1) -> Page:
    """A ruled table of cells, each empty or with a number of at most `most` digits."""
    rng = writer.rng
    cell = rng.uniform(60, 110)
    wide = cell * (1 + 0.6 * (most - 1))
    around = rng.uniform(0.15, 0.8) * cell
    height, width = round(count * cell + 2 * around), round(across * wide + 2 * around)
    ink, truth = np.zeros((height, width), np.float32), []
    thick = rng.uniform(1.5, 4)
    for row in range(count + 1):
        bold = 2 if count == 9 and row % 3 == 0 else 1
        y = around + row * cell
        line(ink, (around, y), (around + across * wide, y + rng.normal(0, 1)), thick * bold)
    for column in range(across + 1):
        bold = 2 if across == 9 and column % 3 == 0 else 1
        x = around + column * wide
        line(ink, (x, around), (x + rng.normal(0, 1), around + count * cell), thick * bold)
    for row in range(count):
        cells = []
        for column in range(across):
            text = writer.number(1, most) if rng.random() < filled else ""
            cells.append(text)
            if text:
                part = writer.text(text, cell * rng.uniform(0.45, 0.65), (0.08, 0.2))
                x = around + (column + 0.5) * wide - part.shape[1] / 2 + rng.normal(0, 0.04) * cell
                put(
                    ink, part, x, around + (row + 0.5) * cell - part.shape[0] / 2 + rng.normal(0, 0.04) * cell
                )
        truth.append(",".join(cells))
    return Page(ink, "/".join(truth), "grid")


def boxes_in_a_row(writer: Writer) -> Page:
    """One row of boxes with a digit in each, as on a form."""
    page = table(writer, 1, int(writer.rng.integers(3, 8)), 1.0)
    return Page(page.ink, page.truth.replace(",", ""))


def comb(writer: Writer) -> Page:
    """A row of digits above a line with ticks between them, as on a form."""
    rng = writer.rng
    text = writer.number(3, 7)
    height = rng.uniform(40, 80)
    cell = height * rng.uniform(1.0, 1.4)
    around = height * 0.6
    ink = np.zeros((round(height + 2 * around), round(len(text) * cell + 2 * around)), np.float32)
    base = around + height * 1.12
    thick = rng.uniform(1, 3)
    line(ink, (around, base), (around + len(text) * cell, base), thick)
    for tick in range(len(text) + 1):
        x = around + tick * cell
        line(ink, (x, base), (x, base - height * rng.uniform(0.18, 0.3)), thick)
    for place, name in enumerate(text):
        part, below = writer.character(name, height)
        put(ink, part, around + (place + 0.5) * cell - part.shape[1] / 2, around + below - 0.05 * height)
    return Page(ink, text)


def underlined(writer: Writer) -> Page:
    """A line of digits, underlined by hand."""
    page, (x, y, w, h), size = one_line(writer)
    rng = writer.rng
    below = y + h + rng.uniform(0.08, 0.3) * size
    over = rng.uniform(-0.1, 0.4, 2) * size
    tilt = rng.normal(0, 0.03) * size
    line(page.ink, (x - over[0], below), (x + w + over[1], below + tilt), writer.hand.pen * size)
    return page


def touching_its_line(writer: Writer) -> Page:
    """A line of digits that touch the line on which they stand."""
    page, (x, y, w, h), size = one_line(writer)
    base = y + h - writer.rng.uniform(0.0, 0.06) * size
    line(page.ink, (x - 0.4 * size, base), (x + w + 0.4 * size, base), writer.rng.uniform(1, 0.05 * size))
    return page


def struck(writer: Writer) -> Page:
    """A ruled line through the digits, from one side of the picture to the other."""
    page, (_, y, _, h), size = one_line(writer)
    middle = y + writer.rng.uniform(0.3, 0.7) * h
    width = page.ink.shape[1]
    line(page.ink, (-5, middle), (width + 5, middle + writer.rng.normal(0, 2)), 0.03 * size, 0.7)
    return page


def boxed(writer: Writer) -> Page:
    """A line of digits with a box drawn around it by hand."""
    page, (x, y, w, h), size = one_line(writer)
    inset = writer.rng.uniform(0.2, 0.5) * size
    corners = [(x - inset, y - inset), (x + w + inset, y - inset)]
    corners += [(x + w + inset, y + h + inset), (x - inset, y + h + inset)]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        wobble = writer.rng.normal(0, 0.02, 2) * size
        line(page.ink, start, np.array(end) + wobble, writer.hand.pen * size)
    return page


def circled(writer: Writer) -> Page:
    """A short number with an ellipse around it."""
    page, (x, y, w, h), size = one_line(writer, writer.number(1, 3), margin=1.2)
    drawn = np.zeros(page.ink.shape, np.uint8)
    axes = round(w / 2 + writer.rng.uniform(0.35, 0.6) * size), round(h / 2 + 0.4 * size)
    pen = max(1, round(writer.hand.pen * size))
    cv2.ellipse(
        drawn, (round(x + w / 2), round(y + h / 2)), axes, writer.rng.normal(0, 4), 0, 360, 255, pen, 16
    )
    np.maximum(page.ink, scaled(drawn), out=page.ink)
    return page


def separators(writer: Writer) -> Page:
    """Numbers with signs between them, such as dates, times, sums and telephone numbers."""
    n = writer.number
    kinds = (
        f"{n(2, 2)}/{n(2, 2)}/{n(4, 4)}",
        f"{n(2, 2)}.{n(2, 2)}.{n(4, 4)}",
        f"{n(2, 2)}:{n(2, 2)}",
        f"-{n(1, 3)}",
        f"+{n(3, 5)}",
        f"{n(1, 2)}.{n(1, 2)}",
        f"{n(1, 2)},{n(1, 2)}",
        f"({n(3, 3)}){n(4, 4)}",
        f"{n(1, 2)}+{n(1, 2)}",
        f"{n(1, 2)}-{n(1, 2)}",
        f"{n(1, 2)}={n(1, 2)}",
        f"{n(3, 3)}-{n(4, 4)}",
    )
    return one_line(writer, kinds[writer.rng.integers(len(kinds))])[0]


def words(writer: Writer) -> Page:
    """A number beside a word, which is printed or written by hand."""
    rng = writer.rng
    word = WORDS[rng.integers(len(WORDS))]
    digits = writer.number(2, 5)
    height = rng.uniform(50, 100)
    if rng.random() < 0.6:  # printed
        font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX]))
        thick = max(1, round(height / 14))
        scale = cv2.getFontScaleFromHeight(font, round(height), thick)
        (w, h), below = cv2.getTextSize(word, font, scale, thick)
        drawn = np.zeros((h + below + 6, w + 6), np.uint8)
        cv2.putText(drawn, word, (3, h + 3), font, scale, 255, thick, cv2.LINE_AA)
        part = scaled(drawn)
    else:
        letters = [c if c in LETTERS else "n" for c in word]
        part = writer.text("".join(letters), height, (0.12, 0.25))
        h = part.shape[0]
    number = writer.text(digits, height)
    around, gap = round(0.6 * height), round(rng.uniform(0.5, 1.0) * height)
    tall = max(len(part), len(number)) + 2 * around
    ink = np.zeros((tall, part.shape[1] + gap + number.shape[1] + 2 * around), np.float32)
    put(ink, part, around, around + max(0, number.shape[0] - h))
    put(ink, number, around + part.shape[1] + gap, around + max(0, h - number.shape[0]))
    return Page(ink, digits)


def tight(writer: Writer) -> Page:
    """A number cut out without a margin."""
    page, (x, y, w, h), _ = one_line(writer)
    return Page(np.ascontiguousarray(page.ink[y : y + h, x : x + w]), page.truth)


def pale_digit(writer: Writer) -> Page:
    """A number one digit of which is written by a paler pen."""
    rng = writer.rng
    text = writer.number(3, 6)
    page, (x, y, w, h), size = one_line(writer, text[:-1])
    part, below = writer.character(text[-1], size)
    room = round(0.3 * size) + part.shape[1]
    wide = np.pad(page.ink, ((0, 0), (0, room)))
    put(wide, part * rng.uniform(0.27, 0.5), x + w + 0.25 * size, y + (h - size) / 2 + below)
    return Page(wide, text)


def few_pixels(writer: Writer) -> Page:
    """A number 7 to 12 pixels high without a margin: reduced, or with hard edges as a bitmap font's."""
    page = tight(writer)
    factor = writer.rng.integers(7, 13) / len(page.ink)
    ink = cv2.resize(page.ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if writer.rng.random() < 0.5:
        ink = (ink > 0.45 * ink.max()).astype(np.float32)
    return Page(ink, page.truth)


def stacked(writer: Writer) -> Page:
    """Two digits, one above the other."""
    rng = writer.rng
    height = rng.uniform(50, 100)
    names = [str(d) for d in rng.integers(0, 10, 2)]
    parts = [writer.character(name, height)[0] for name in names]
    gap = rng.uniform(0.15, 0.6) * height
    wide = max(part.shape[1] for part in parts)
    ink = np.zeros((round(sum(map(len, parts)) + gap + 1.4 * height), round(wide + 1.4 * height)), np.float32)
    top = 0.6 * height
    for part in parts:
        put(ink, part, (ink.shape[1] - part.shape[1]) / 2 + rng.normal(0, 0.06) * height, top)
        top += len(part) + gap
    return Page(ink, "/".join(names))


def number_alone(writer: Writer) -> Page:
    """One line of digits and nothing else."""
    return one_line(writer)[0]


KINDS: dict[str, tuple[Callable[[Writer], Page], frozenset[str]]] = {
    "number": (number_alone, frozenset()),
    "rows": (rows, frozenset({"light"})),
    "small number": (small_number, frozenset({"light"})),
    "table edge": (rows, frozenset({"light", "table edge"})),
    "small, table edge": (small_number, frozenset({"light", "table edge"})),
    "fingers": (rows, frozenset({"light", "fingers"})),
    "binder holes": (rows, frozenset({"light", "holes"})),
    "framed": (framed, frozenset({"light"})),
    "boxes in a row": (boxes_in_a_row, frozenset()),
    "sudoku": (lambda w: table(w, 9, 9, w.rng.uniform(0.3, 1)), frozenset({"light", "slant"})),
    "score table": (
        lambda w: table(w, int(w.rng.integers(2, 7)), int(w.rng.integers(2, 5)), 0.85, 2),
        frozenset({"light"}),
    ),
    "comb": (comb, frozenset()),
    "underlined": (underlined, frozenset()),
    "on its line": (touching_its_line, frozenset()),
    "struck": (struck, frozenset()),
    "boxed": (boxed, frozenset()),
    "circled": (circled, frozenset()),
    "print through": (rows, frozenset({"light", "print through"})),
    "glare": (number_alone, frozenset({"glare"})),
    "perspective": (rows, frozenset({"light", "perspective"})),
    "sideways": (rows, frozenset({"light", "sideways"})),
    "sheet on a table": (number_alone, frozenset({"light", "on a table"})),
    "chalk board": (number_alone, frozenset({"board"})),
    "equal brightness": (number_alone, frozenset({"colour"})),
    "words": (words, frozenset()),
    "separators": (separators, frozenset()),
    "tight": (tight, frozenset({"no margin"})),
    "stacked": (stacked, frozenset()),
    "pale digit": (pale_digit, frozenset()),
    "few pixels": (few_pixels, frozenset({"no margin"})),
}
"""For each kind: what is on the page, and what happens to its picture (`camera.photograph`)."""


def make(
    kind: str, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, str, str]:
    """(picture (h, w, 3) uint8 RGB, true text, layout) of one of KINDS.

    digits: (n, 28, 28) uint8, labels: (n,).
    """
    page_of, events = KINDS[kind]
    page = page_of(Writer(digits, labels, rng))
    return camera.photograph(page.ink, events, rng), page.truth, page.layout
