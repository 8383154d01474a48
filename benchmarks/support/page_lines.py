"""What stands on a made page: one line of digits, and what is drawn or written around it. For `sheets`."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.support.glyphs import LETTERS, SIGNS, WORDS, arc
from benchmarks.support.page_writer import Page, Writer, line, one_line, put
from benchmarks.support.pen import inked, strokes
from digitcore.preprocessing.levels import scaled

HIGH = {
    "/": ([(0.46, 0.0), (0.23, 0.5), (0.0, 1.0)],),
    "\\": ([(0.0, 0.0), (0.23, 0.5), (0.46, 1.0)],),
    "(": (arc(0.4, 0.5, 0.3, 0.5, 250, 110),),
    ")": (arc(-0.2, 0.5, 0.3, 0.5, -70, 70),),
    "[": ([(0.2, 0.0), (0.0, 0.0)], [(0.0, 0.0), (0.0, 1.0)], [(0.0, 1.0), (0.2, 1.0)]),
    "]": ([(0.0, 0.0), (0.2, 0.0)], [(0.2, 0.0), (0.2, 1.0)], [(0.2, 1.0), (0.0, 1.0)]),
    "-": SIGNS["-"],
    ".": SIGNS["."],
}
"""Signs as high as a digit, and what stands in noughts."""


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


def code(writer: Writer) -> Page:
    """A number with a capital letter close before or after it, written by a pen as high as the digits."""
    rng = writer.rng
    capitals = [name for name in LETTERS if name.isupper()]
    letter = capitals[rng.integers(len(capitals))]
    digits = writer.number(2, 4)
    return _close(writer, letter + digits if rng.random() < 0.5 else digits + letter)


def signs_as_high(writer: Writer) -> Page:
    """Numbers with slashes or brackets among them that are exactly as high as the digits."""
    n = writer.number
    kinds = (
        f"{n(2, 2)}/{n(2, 2)}/{n(4, 4)}",
        f"{n(1, 2)}/{n(1, 2)}",
        f"{n(2, 2)}\\{n(2, 2)}",
        f"({n(3, 3)}){n(4, 4)}",
        f"[{n(2, 3)}]",
        f"({n(2, 2)})",
    )
    return _close(writer, kinds[writer.rng.integers(len(kinds))])


def struck_noughts(writer: Writer) -> Page:
    """A number whose noughts have a slash, a backslash, a bar or a dot in them."""
    rng = writer.rng
    digits = list(writer.number(3, 5))
    digits[rng.integers(len(digits))] = "0"
    through = ("/", "\\", "-", ".")[rng.integers(4)]
    truth = "".join(digits)
    return _close(writer, truth.replace("0", "0" + through), truth)


def _close(writer: Writer, text: str, truth: str | None = None) -> Page:
    """A line of characters close to one another. Signs and letters are as high as a digit; a sign after "0"
    stands in it, when `truth` is given."""
    rng, height = writer.rng, writer.rng.uniform(40, 110)
    parts, left = [], 0.0
    gap = rng.uniform(0.08, 0.2)
    for name in text:
        if name.isdigit():
            ink, top = writer.character(name, height)
        else:
            glyph = HIGH.get(name) or LETTERS[name]
            ink, top = inked(strokes(glyph, writer.hand, rng), height, writer.hand.pen), 0.0
            if truth is None:
                size = ink.shape[1], max(2, round(height * (1 if name in HIGH else rng.uniform(0.92, 1.05))))
                ink = cv2.resize(ink, size, interpolation=cv2.INTER_LINEAR)
        if truth is not None and not name.isdigit():
            inside, x, y = parts[-1]
            h, w = round(inside.shape[0] * 0.8), round(inside.shape[1] * 0.8)
            if name == ".":
                h = w = max(3, round(0.16 * height))
            elif name == "-":
                h = max(2, round(writer.hand.pen * height))
            ink = cv2.resize(ink, (w, h), interpolation=cv2.INTER_LINEAR)
            parts.append((ink, x + (inside.shape[1] - w) / 2, y + (inside.shape[0] - h) / 2))
            continue
        top += rng.normal(0, 0.02) * height
        parts.append((ink, left, top))
        left += ink.shape[1] + (gap + rng.uniform(0, 0.08)) * height
    around = round(0.8 * height)
    page = np.zeros((round(1.3 * height) + 2 * around, round(left) + 2 * around), np.float32)
    for ink, x, y in parts:
        put(page, ink, around + x, around + y)
    return Page(page, truth or "".join(c for c in text if c.isdigit()))


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
