"""Labelled pictures -> a data set: each made ready as all pictures here are, counted, checked and split."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitcore.datasets import loader, own
from digitcore.datasets.collecting import sources, tree
from digitcore.datasets.collecting.sources import Labelled, Source
from digitcore.datasets.info import DIGITS, are_digits
from digitcore.errors import BlankError, DatasetError
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.ink import opened
from digitcore.preprocessing.levels import BRIGHTEST

LEAST = 10
"""Pictures of a class: with fewer none could be kept for validation and for the test, a tenth each."""

MOST = 70_000
"""Pictures in all, as many as MNIST has: 55 MB while they are looked through, at half a millisecond each."""

MOST_TRAIN = 55_000
"""Training pictures, as many as MNIST has; what is more validates."""

SHARE = 0.1
"""Of a class's pictures, kept for the test; the same again validates."""

Progress = Callable[[int, int | None], None]
"""Called with how many pictures are done, and of how many, if that is known."""


@dataclass(frozen=True)
class Built:
    """A data set that can be kept.

    arrays: as `own.write` takes them. counts: pictures of each class. duplicates: how many were left out
    because the same picture of the same class came before.
    """

    class_names: list[str]
    arrays: dict[str, np.ndarray]
    n_validation: int
    counts: list[int]
    duplicates: int
    seed: int


def build(
    places: Sequence[Path], seed: int = 0, names: Sequence[str] = (), progress: Progress | None = None
) -> Built:
    """The data set in a folder, a zip, a CSV or idx files.

    names: what the labels mean, in the labels' order, where they are numbers. Raises DatasetError, one
    sentence that names the first file which does not fit.
    """
    with tree.brought(places) as entries:
        return built(sources.found(entries), seed, names, progress)


def built(
    source: Source, seed: int = 0, names: Sequence[str] = (), progress: Progress | None = None
) -> Built:
    """The data set of these pictures; names, errors: as for `build`."""
    pictures, labels, for_test, first = _prepared(source, names, progress or (lambda done, total: None))
    found = sources.in_order(list(first))
    sources.check_count(found, first)
    numbers = {label: number for number, label in enumerate(found)}
    y = np.array([numbers[label] for label in labels], np.uint8)
    kept, duplicates = _distinct(pictures, y)
    x, y, test = pictures[kept], y[kept], np.array(for_test, bool)[kept]
    counts = Counter(found[label] for label in y)
    _check_each(counts, found, first)
    order, n_validation, n_test = split(y, test, seed)
    x, y = x[order], y[order]
    n = len(y) - n_test
    # The loader takes the parts by a permutation of its own; here it finds those that were chosen.
    place = np.empty(n, np.int64)
    place[np.random.RandomState(loader.SPLIT_SEED).permutation(n)] = np.arange(n)
    arrays = {"x_train": x[:n][place], "y_train": y[:n][place], "x_test": x[n:], "y_test": y[n:]}
    return Built(
        _named(found, names), arrays, n_validation, [counts[name] for name in found], duplicates, seed
    )


def split(labels: np.ndarray, test: np.ndarray, seed: int) -> tuple[np.ndarray, int, int]:
    """An order of the pictures in which those to learn from come first, then those that validate, then those
    of the test, and how many the last two are. Every class has its share of each part.

    labels: (n,) class numbers. test: (n,) bool, which pictures were brought for the test; if none were, a
    tenth of each class is taken.
    """
    random = np.random.default_rng(seed)
    parts: list[list[int]] = [[], [], []]
    given = bool(test.any())
    for label in range(int(labels.max()) + 1):
        mine = random.permutation(np.flatnonzero((labels == label) & ~test))
        share = max(1, round(SHARE * len(mine)))
        n_test = 0 if given else share
        parts[2] += [*mine[:n_test], *np.flatnonzero((labels == label) & test)]
        parts[1] += [*mine[n_test : n_test + share]]
        parts[0] += [*mine[n_test + share :]]
    train, validation, kept = (random.permutation(np.array(part, np.int64)) for part in parts)
    more = max(0, len(train) - MOST_TRAIN)
    train, validation = train[more:], np.concatenate((validation, train[:more]))
    return np.concatenate((train, validation, kept)), len(validation), len(kept)


def _prepared(
    source: Source, names: Sequence[str], progress: Progress
) -> tuple[np.ndarray, list[str], list[bool], dict[str, str]]:
    """(n, 28, 28) uint8, each picture's label and whether it is for the test, and where each label came
    first."""
    # Only when all labels are known is it clear whether these are the ten digits, as which a network then
    # reads them: until one comes that is none, pictures are made ready as both.
    kinds = [not are_digits(names)] if names else [True, False]
    ready: dict[bool, list[np.ndarray]] = {is_symbol: [] for is_symbol in kinds}
    labels, for_test, first = [], [], {}
    for each in source.pictures:
        if len(labels) == MOST:
            raise DatasetError(
                f"{each.where} is one more than the {MOST:,} pictures that a data set may have."
            )
        if each.label not in first:
            first[each.label] = each.where
            if not each.label or len(each.label) > own.LONGEST_CLASS or not each.label.isprintable():
                sources.own_names({each.label: each.where})
            if len(first) > own.MOST_CLASSES:
                raise DatasetError(
                    f"{each.where}: its class {each.label!r} is one more than the {own.MOST_CLASSES} that a "
                    "data "
                    "set may have."
                )
        if not names and each.label not in DIGITS:
            ready.pop(False, None)
        for pictures, picture in zip(ready.values(), made_ready(each, *ready), strict=True):
            pictures.append(picture)
        labels.append(each.label)
        for_test.append(each.for_test)
        progress(len(labels), source.expected)
    if not labels:
        raise DatasetError("There is no picture in what was brought.")
    is_symbol = not are_digits(names or sources.in_order(list(first)))
    return np.stack(ready[is_symbol]), labels, for_test, first


def made_ready(picture: Labelled, *are_symbols: bool) -> list[np.ndarray]:
    """(28, 28) uint8: the picture as a network will see it on Draw and Upload, for each of the ways in which
    it may be read, as a symbol or as a digit; DatasetError where nothing is found in it."""
    try:
        ink = opened(picture.grey)
        read = [normalisation.reading_of(ink, symbol=is_symbol).picture for is_symbol in are_symbols]
    except BlankError as error:
        raise DatasetError(f"{picture.where}: {error}") from error
    return [np.uint8(np.rint(each * BRIGHTEST)) for each in read]


def _check_each(counts: Counter[str], names: list[str], first: dict[str, str]) -> None:
    for name in names:
        if counts[name] < LEAST:
            pictures = "one picture" if counts[name] == 1 else f"{counts[name]} different pictures"
            raise DatasetError(
                f"{first[name]}: its class {name!r} has {pictures}; expected at least {LEAST} of each class."
            )


def _distinct(pictures: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, int]:
    """Indices of the pictures that are not the same as an earlier one of their class, and how many others
    there are: the same picture to learn from and in the test would make the test easier than it is."""
    seen: set[bytes] = set()
    kept = []
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        digest = hashlib.blake2b(picture.tobytes() + bytes([label]), digest_size=12).digest()
        if digest not in seen:
            seen.add(digest)
            kept.append(number)
    return np.array(kept), len(pictures) - len(kept)


def _named(found: list[str], names: Sequence[str]) -> list[str]:
    if not names:
        return found
    if len(names) != len(found):
        raise DatasetError(
            f"The labels are {', '.join(found)}: expected {len(found)} names for them, got {len(names)}."
        )
    return list(sources.own_names(dict.fromkeys(names, "The names of classes")).values())


def keep(
    built: Built, place: Path, title: str, source: str, created: float | None = None, **about: int
) -> None:
    """Write a data set into its folder. source: what it was made of, such as "letters.zip"; created: when
    that was asked for, Unix time; about: what else its description shall say."""
    own.write(
        place,
        title,
        built.class_names,
        built.arrays,
        n_validation=built.n_validation,
        counts=built.counts,
        duplicates=built.duplicates,
        seed=built.seed,
        source=source,
        created=time.time() if created is None else created,
        **about,
    )
