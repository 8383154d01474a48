"""Pictures as numbers: idx files (MNIST's format) and CSV with a row a picture (Kaggle's)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from digitcore.datasets import idx
from digitcore.datasets.collecting.tree import Entry
from digitcore.errors import DatasetError
from digitcore.preprocessing.levels import NARROW

SMALLEST, LARGEST = 4, 512
"""Side in pixels of a picture given as numbers."""

LONGEST_LINE = 1 << 20
"""Characters of a row: of the largest picture, three and a comma for each pixel."""

LABELS = ("label", "labels", "class", "target", "digit", "letter", "symbol", "y")
"""What the column of labels is called where a CSV has a header; without one it is the first."""

LOOKED_AT = 200
"""Pictures from which it is told whether the brightest value is far from 255, as of bitmaps and UCI's
digits."""

_ELEMENTS = (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E)

Row = tuple[str, str, np.ndarray]
"""Where it stands, for people; its label; the picture (h, w) uint8."""


def is_idx(entry: Entry) -> bool:
    """Whether a file begins as idx does."""
    start = entry.start()
    return (
        len(start) == 4 and start[:2] == b"\0\0" and start[2] in (8, 9, 11, 12, 13, 14) and 0 < start[3] < 6
    )


def is_csv(entry: Entry) -> bool:
    """Whether a file is named as CSV."""
    return entry.name.lower().removesuffix(".gz").endswith((".csv", ".tsv"))


def idx_rows(entries: list[Entry]) -> Iterator[Row]:
    """The pictures of one file of images and one of labels."""
    shapes = {entry.name: _shape(entry) for entry in entries}
    pictures = [entry for entry in entries if len(shapes[entry.name]) == 3]
    labels = [entry for entry in entries if len(shapes[entry.name]) == 1]
    for entry in entries:
        if len(shapes[entry.name]) not in (1, 3):
            shape = " x ".join(map(str, shapes[entry.name]))
            raise DatasetError(
                f"{entry.name} holds {shape} bytes: expected grey pictures, n x height x width, or n labels."
            )
    if len(pictures) != 1 or len(labels) != 1:
        raise DatasetError(
            f"{entries[0].name}: expected one idx file of pictures and one of labels for each part, "
            f"got {len(pictures)} and {len(labels)}."
        )
    n, height, width = shapes[pictures[0].name]
    if shapes[labels[0].name] != (n,):
        raise DatasetError(
            f"{labels[0].name} has {shapes[labels[0].name][0]:,} labels, but {pictures[0].name} has {n:,} "
            "pictures."
        )
    _check_side(pictures[0].name, height, width)
    with pictures[0].unpacked() as read, labels[0].unpacked() as read_label:
        idx.read_shape(read)
        idx.read_shape(read_label)
        for number in range(n):
            data, label = read(height * width), read_label(1)
            if len(data) != height * width or not label:
                raise DatasetError(
                    f"{(pictures if label else labels)[0].name} ends at picture {number + 1:,}."
                )
            yield (
                f"{pictures[0].name}, picture {number + 1:,}",
                str(label[0]),
                np.frombuffer(data, np.uint8).reshape(height, width),
            )


def _shape(entry: Entry) -> tuple[int, ...]:
    with entry.unpacked() as read:
        try:
            return idx.read_shape(read)
        except (DatasetError, struct.error) as error:
            raise DatasetError(f"{entry.name}: {str(error).rstrip('.')}.") from error


def csv_rows(entry: Entry) -> Iterator[Row]:
    """The pictures of a CSV: in each row a label and the pixels of a square picture, whole numbers from 0 to
    255."""
    with entry.unpacked() as read:
        lines = _lines(entry.name, read)
        _, first = next(lines, (0, ""))
        if not first:
            raise DatasetError(f"{entry.name} is empty: expected a label and its pixels in each row.")
        mark = max(",;\t", key=first.count)
        cells = _cells(first, mark)
        at = next((place for place, cell in enumerate(cells) if cell.lower() in LABELS), None)
        has_header = at is not None or not all(_is_number(cell) for cell in cells[1:])
        at = at or 0
        wanted = len(cells)
        side = _side(entry.name, wanted - 1)

        def rows() -> Iterator[Row]:
            for number, line in lines if has_header else _chained((1, first), lines):
                where = f"{entry.name}, line {number:,}"
                cells = _cells(line, mark)
                if len(cells) != wanted:
                    raise DatasetError(f"{where} has {len(cells):,} cells, the first line has {wanted:,}.")
                label = cells.pop(at)
                yield where, _plain(label), _pixels(where, cells).reshape(side, side)

        yield from stretched(rows())


def has_labels(entry: Entry) -> bool:
    """Whether the rows of a CSV have a cell more than a square picture has pixels."""
    with entry.unpacked() as read:
        _, first = next(_lines(entry.name, read), (0, ""))
    pixels = len(_cells(first, max(",;\t", key=first.count))) - 1
    return math.isqrt(max(0, pixels)) ** 2 == pixels


def stretched(rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows, over the whole range of 0 to 255 where the first of them use little of it."""
    first = list(islice(rows, LOOKED_AT))
    top = max((int(picture.max()) for _, _, picture in first), default=0)
    factor = 255 / top if 0 < top < NARROW else 1.0
    for rows_left in (first, rows):
        for where, label, picture in rows_left:
            bright = picture if factor == 1.0 else np.clip(np.rint(picture * factor), 0, 255).astype(np.uint8)
            yield where, label, bright


def _lines(name: str, read: Callable[[int], bytes]) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers from 1."""
    rest, number = b"", 0
    while True:
        data = read(1 << 20)
        *whole, rest = (rest + data).split(b"\n")
        if not data and rest:
            whole, rest = [*whole, rest], b""
        for line in whole:
            number += 1
            text = line.decode("utf-8-sig", errors="replace").strip("\r\n \0")
            if text:
                yield number, text
        if len(rest) > LONGEST_LINE:
            raise DatasetError(
                f"{name}, line {number + 1:,} is longer than a picture's pixels can be: expected a row a "
                "picture."
            )
        if not data:
            return


def _chained(first: tuple[int, str], lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from lines


def _cells(line: str, mark: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(mark)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(label: str) -> str:
    """7.0 is 7."""
    return label[:-2] if label.endswith(".0") and label[:-2].isdigit() else label


def _pixels(where: str, cells: list[str]) -> np.ndarray:
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        odd = next(cell for cell in cells if not _is_number(cell))
        raise DatasetError(f"{where}: expected pixels from 0 to 255, got {odd[:20]!r}.") from None
    wrong = np.flatnonzero(~((values >= 0) & (values <= 255) & (values == np.floor(values))))
    if len(wrong):
        raise DatasetError(f"{where}: expected pixels from 0 to 255, got {cells[wrong[0]][:20]!r}.")
    return values.astype(np.uint8)


def _side(name: str, pixels: int) -> int:
    side = math.isqrt(max(0, pixels))
    if side * side == pixels:
        _check_side(name, side, side)
        return side
    colours = math.isqrt(max(0, pixels // 3))
    if pixels and 3 * colours * colours == pixels:
        raise DatasetError(
            f"{name} has {pixels:,} pixels a row, {colours} x {colours} in three colours: expected grey "
            "pictures."
        )
    raise DatasetError(
        f"{name} has a label and {pixels:,} pixels a row: expected those of a square picture, such as 784 "
        "of 28 x 28."
    )


def _check_side(name: str, height: int, width: int) -> None:
    if not (SMALLEST <= height <= LARGEST and SMALLEST <= width <= LARGEST):
        raise DatasetError(
            f"{name} has pictures of {height} x {width} pixels: expected {SMALLEST} to {LARGEST} a side."
        )
