"""What stands on a made page, over all of it: rows, tables, boxes and combs of digits. For `sheets`."""

from __future__ import annotations

import numpy as np

from benchmarks.support.page_writer import Page, Writer, line, put


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
