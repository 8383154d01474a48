"""What stands on a made page: one line of digits, and what is drawn or written around it. For `sheets`."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.support.glyphs import LETTERS, WORDS
from benchmarks.support.page_writer import Page, Writer, line, one_line, put
from digitcore.preprocessing.levels import scaled


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


def number_alone(writer: Writer) -> Page:
    """One line of digits and nothing else."""
    return one_line(writer)[0]
