"""What was brought, as labelled pictures: a folder a class, idx files, or a CSV, told by what the files
are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from digitcore.datasets import own
from digitcore.datasets.collecting import tables
from digitcore.datasets.collecting.tree import Entry
from digitcore.errors import DatasetError, ImageError
from digitcore.preprocessing import images

TRAIN = ("train", "training")
TEST = ("test", "testing", "t10k")
VALIDATION = ("validation", "valid", "val", "dev")
"""Names of folders, and parts of names of files, that tell a part that is kept apart for the test."""


@dataclass(frozen=True)
class Labelled:
    """A picture. where: for people, such as "a/3.png" or "train.csv, line 7". grey: (h, w) uint8. for_test:
    whether whoever brought it keeps it for the test."""

    where: str
    label: str
    grey: np.ndarray
    for_test: bool


@dataclass(frozen=True)
class Source:
    """Pictures to come. expected: how many, about; None where only the end tells."""

    pictures: Iterator[Labelled]
    expected: int | None


def found(entries: list[Entry]) -> Source:
    """The labelled pictures of these files. DatasetError, here or at a picture, names the first file that
    does not fit."""
    if any(entry.is_picture for entry in entries):
        return _folders(entries)
    numbers = [entry for entry in entries if not tables.is_csv(entry) and tables.is_idx(entry)]
    if numbers:
        return _parts(numbers, lambda part: tables.stretched(tables.idx_rows(part)))
    sheets = [entry for entry in entries if tables.is_csv(entry)]
    if sheets:
        return _sheets(sheets)
    raise DatasetError(
        f"{entries[0].name} is none of what is read: expected pictures ({images.READABLE}) in a folder for "
        "each "
        "class, idx files, or a CSV with a label and pixels in each row."
    )


def _folders(entries: list[Entry]) -> Source:
    """Each picture's class is the folder it lies in; folders around all of them count for nothing, and those
    named "train" and "test" for two parts."""
    pictures = [entry for entry in entries if entry.is_picture]
    depth = _around_all([entry.folders for entry in pictures])
    tops = {entry.folders[depth].casefold() for entry in pictures if len(entry.folders) > depth}
    by_parts = len(tops) > 1 and tops <= {*TRAIN, *TEST, *VALIDATION}
    placed: list[tuple[Entry, str, bool]] = []
    for entry in entries:
        inside = entry.folders[depth:]
        for_test = by_parts and bool(inside) and inside[0].casefold() in TEST
        inside = inside[1:] if by_parts else inside
        if inside:
            placed.append((entry, inside[0], for_test))
        elif entry.is_picture:  # beside the folders there may be a list or a licence
            raise DatasetError(
                f"{entry.name} lies in no folder of a class: expected a folder for each class, named after "
                "it."
            )
    names = own_names({name: entry.name for entry, name, _ in reversed(placed)})
    return Source(_decoded(placed, names), len(placed))


def _decoded(placed: list[tuple[Entry, str, bool]], names: dict[str, str]) -> Iterator[Labelled]:
    for entry, name, for_test in placed:
        try:
            grey = images.decode(entry.picture(), entry.name)
        except ImageError as error:
            raise DatasetError(str(error)) from error
        yield Labelled(entry.name, names[name], grey, for_test)


def _around_all(folders: list[tuple[str, ...]]) -> int:
    """How many folders, from the top, lie around all others: "all/a/1.png" and "all/b/1.png" have one."""
    depth = 0
    while all(len(each) > depth + 1 for each in folders) and len({each[depth] for each in folders}) == 1:
        depth += 1
    return depth


def own_names(seen: dict[str, str]) -> dict[str, str]:
    """Clean names of classes by those that came. seen: each with the first file in which it is. DatasetError
    where one is no name, two are the same, or there are too many or too few."""
    names: dict[str, str] = {}
    for raw, where in seen.items():
        name = " ".join(raw.split())
        if not 0 < len(name) <= own.LONGEST_CLASS or not name.isprintable():
            raise DatasetError(
                f"{where}: a class is named by 1 to {own.LONGEST_CLASS} characters, got {raw[:40]!r}."
            )
        if name in names.values():
            raise DatasetError(f"{where}: two classes have the name {name!r}.")
        names[raw] = name
    check_count(list(names.values()), seen)
    return names


def check_count(names: list[str], seen: dict[str, str]) -> None:
    """DatasetError unless there are 2 to MOST_CLASSES classes. seen: the first file of each."""
    if len(names) > own.MOST_CLASSES:
        raw = in_order(list(seen))[own.MOST_CLASSES]
        raise DatasetError(
            f"{seen[raw]}: its class {raw[:40]!r} is one more than the {own.MOST_CLASSES} that a data set "
            "may have."
        )
    if len(names) == 1:
        where = next(iter(seen.values()))
        raise DatasetError(f"{where}: all pictures are of one class, {names[0]!r}; expected at least two.")


def in_order(names: list[str]) -> list[str]:
    """Numbers by their size, all else by the alphabet."""
    if all(name.isascii() and name.isdigit() for name in names):
        return sorted(names, key=int)
    return sorted(names, key=lambda name: (name.casefold(), name))


def _parts(entries: list[Entry], rows) -> Source:
    kept = [entry for entry in entries if _is_test(entry.name)]
    rest = [entry for entry in entries if entry not in kept]
    if not rest:
        kept, rest = [], kept

    def pictures() -> Iterator[Labelled]:
        for part, for_test in ((rest, False), (kept, True)):
            for where, label, grey in rows(part) if part else ():
                yield Labelled(where, label, grey, for_test)

    return Source(pictures(), None)


def _sheets(sheets: list[Entry]) -> Source:
    """One CSV; or of several that one that is for training, and that for the test if it has labels."""
    if len(sheets) > 1:
        train = [sheet for sheet in sheets if "train" in PurePosixPath(sheet.name).name.lower()]
        if len(train) != 1:
            raise DatasetError(
                f"{sheets[0].name} is one of {len(sheets)} CSV files: expected one, or one with train in "
                "its name."
            )
        test = [sheet for sheet in sheets if _is_test(sheet.name) and tables.has_labels(sheet)]
        sheets = train + test[:1]
    return _parts(sheets, lambda part: tables.csv_rows(part[0]))


def _is_test(name: str) -> bool:
    plain = PurePosixPath(name).name.lower()
    return any(word in plain for word in TEST) and "train" not in plain
