"""Labelled pictures to measure a model on: a data set, a folder with one sub-folder per class or a zip of it,
an .npz, a CSV with a label and pixels in each row (Kaggle's), or idx files (MNIST's)."""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitcore import datasets, files
from digitcore.datasets.collecting import sources, tables, tree
from digitcore.errors import DatasetError, ImageError, ModelError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import archives, images
from digitcore.preprocessing.levels import NARROW

_DAMAGED = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, MemoryError)
"""What NumPy raises for files that are not an .npz or are damaged; for object arrays, ValueError."""


@dataclass(frozen=True)
class Labelled:
    """Pictures with their labels.

    name: what was asked for.  labels: (n,) int64, class numbers of the model.
    as_trained: whether these are a data set's own pictures, in the form that networks learn from.
    pictures: call it for an iterator over n grey pictures, (h, w) uint8, in the order of the labels, loaded
    one by one; a picture that cannot be read is replaced by the ImageError that says why.
    """

    name: str
    labels: np.ndarray
    as_trained: bool
    pictures: Callable[[], Iterator[np.ndarray | ImageError]]


def find(where: str, classifier: Classifier) -> Labelled:
    """The pictures that `where` names, with labels that are classes of the model.

    where: a data set ("mnist", "mnist:validation"), a folder, or a file: .npz, .zip, .csv or idx, whose file
    of labels lies beside that of pictures. A data set takes precedence over a folder with its name (write
    ./mnist for that). Raises DatasetError.
    """
    name, _, part = where.partition(":")
    if datasets.is_known(name):
        return _dataset(name, part or "test", classifier)
    path = Path(where)
    if path.is_dir():
        return _folder(where, classifier)
    if path.is_file():
        brought = _brought(path)
        return _collected(where, brought, classifier) if brought else _npz(where, classifier)
    raise DatasetError(
        f"{where} is not there: expected {' or '.join(datasets.names())}, a folder with one sub-folder "
        "per class, an .npz, .zip or .csv, or idx files."
    )


def _brought(path: Path) -> list[Path]:
    """The files to look through as those of a data set of one's own are: a zip, a CSV, or two idx files; none
    if it is another file."""
    entry = tree.Entry(path.name, lambda: path.open("rb"))
    if archives.is_zip(path.name) or tables.is_csv(entry):
        return [path]
    if path.name.lower().endswith(".npz") or not tables.is_idx(entry):
        return []
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    if labels == path or not labels.is_file():
        raise DatasetError(
            f"{path} holds pictures without labels: expected those beside it, in a file named with labels "
            "in place of images."
        )
    return [path, labels]


def _collected(where: str, brought: list[Path], classifier: Classifier) -> Labelled:
    classes = _spellings(classifier.class_names)
    pictures: list[np.ndarray] = []
    labels: list[int] = []
    with tree.brought(brought) as entries:
        for each in sources.found(entries).pictures:
            if _spelling(each.label) not in classes:
                raise DatasetError(
                    f"{each.where}: its label must be a class of model {classifier.name} "
                    f"({_listed(classifier.class_names)}); got {each.label[:40]!r}."
                )
            pictures.append(each.grey)
            labels.append(classes[_spelling(each.label)])
    if not pictures:
        raise DatasetError(f"{where} holds no picture.")
    return Labelled(where, np.array(labels, np.int64), False, lambda: iter(pictures))


def _dataset(name: str, part: str, classifier: Classifier) -> Labelled:
    if part not in datasets.PARTS:
        raise DatasetError(f"{name} has the parts {', '.join(datasets.PARTS)}; got {part!r}.")
    info = datasets.describe(name)
    if info.class_names != classifier.class_names:
        raise ModelError(
            f"Model {classifier.name} answers {_listed(classifier.class_names)}, but {info.title} shows "
            f"{_listed(info.class_names)}: choose a model that was trained on it."
        )
    pictures, labels = datasets.load(name, part)
    full_name = name if part == "test" else f"{name}:{part}"
    return Labelled(full_name, labels.astype(np.int64), True, lambda: iter(pictures))


def _folder(where: str, classifier: Classifier) -> Labelled:
    classes = _spellings(classifier.class_names)
    folders = sorted(path for path in Path(where).iterdir() if path.is_dir() and not files.is_junk(path.name))
    if not folders:
        raise DatasetError(
            f"{where} has no sub-folders: expected one per class, named {_listed(classifier.class_names)}."
        )
    unknown = [path.name for path in folders if _spelling(path.name) not in classes]
    if unknown:
        raise DatasetError(
            f"Sub-folders of {where} must be named after the classes of model {classifier.name} "
            f"({_listed(classifier.class_names)}); got {_listed(unknown)}."
        )
    paths, labels = [], []
    for folder in folders:
        found = list(files.each_in(folder))
        paths += found
        labels += [classes[_spelling(folder.name)]] * len(found)
    if not paths:
        raise DatasetError(f"The sub-folders of {where} hold no files: expected pictures.")
    return Labelled(where, np.array(labels, np.int64), False, lambda: map(_decoded, paths))


def _decoded(path: Path) -> np.ndarray | ImageError:
    try:
        return images.decode(read_file(path))
    except ImageError as error:
        return error


def _npz(where: str, classifier: Classifier) -> Labelled:
    pictures, labels = _arrays(where)
    if pictures.dtype != np.uint8 or pictures.ndim != 3:
        raise DatasetError(f"images in {where} must be (n, h, w) uint8; got {_kind(pictures)}.")
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise DatasetError(f"labels in {where} must be (n,) whole numbers; got {_kind(labels)}.")
    if len(pictures) != len(labels):
        raise DatasetError(
            f"{where} must have a label for each image; got {len(pictures)} images, {len(labels)} labels."
        )
    if pictures.size == 0:
        raise DatasetError(f"{where} must hold at least one picture; got {_kind(pictures)}.")
    most = len(classifier.class_names) - 1
    if not 0 <= labels.min() <= labels.max() <= most:
        raise DatasetError(
            f"labels in {where} must be classes of model {classifier.name}, 0 to {most}; "
            f"got {labels.min()} to {labels.max()}."
        )
    return Labelled(where, labels.astype(np.int64), False, lambda: _stretched(pictures))


def _arrays(where: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        with np.load(where, allow_pickle=False) as file:
            names = file.files
            if {"images", "labels"} <= set(names):
                arrays = file["images"], file["labels"]
                if not all(isinstance(array, np.ndarray) for array in arrays):
                    raise ValueError("NumPy returns what is not an array as bytes")
                return arrays
    except PermissionError:
        raise
    except (AttributeError, TypeError):  # a bare .npy array is no context manager
        raise DatasetError(f"{where} is one array: expected an .npz with `images` and `labels`.") from None
    except _DAMAGED:
        raise DatasetError(
            f"{where} is not a readable .npz: expected `images` (n, h, w) uint8 and `labels` (n,) whole "
            "numbers, saved by numpy.savez."
        ) from None
    raise DatasetError(f"{where} must hold `images` and `labels`; got {_listed(names) or 'nothing'}.")


def _stretched(pictures: np.ndarray) -> Iterator[np.ndarray]:
    top = int(pictures.max())
    if not 0 < top < NARROW:
        yield from pictures
        return
    levels = np.rint(np.arange(256) * (255 / top)).clip(0, 255).astype(np.uint8)
    for picture in pictures:
        yield levels[picture]


def read_file(path: Path) -> bytes:
    """The bytes of a picture file; ImageError, in one sentence, if there is none or it is too large."""
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and found.st_size > images.MAX_BYTES:
                raise ImageError(
                    f"This file has {found.st_size / 2**20:,.0f} MB; at most {images.MAX_BYTES // 2**20} MB "
                    "are read: save it smaller."
                )
            return file.read(images.MAX_BYTES + 1)  # a pipe or a device has no size to ask for
    except FileNotFoundError:
        raise ImageError("There is no such file.") from None
    except IsADirectoryError:
        raise ImageError("This folder has no pictures in it.") from None
    except OSError as error:
        raise ImageError(f"This file cannot be opened: {error.strerror or error}.") from None


def _spellings(class_names: tuple[str, ...]) -> dict[str, int]:
    """The names that a class's folder may have: the class's name, in any case and with any separators, or its
    number."""
    by_number = {str(number): number for number in range(len(class_names))}
    return by_number | {_spelling(name): number for number, name in enumerate(class_names)}


def _spelling(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _kind(array: np.ndarray) -> str:
    return f"{array.shape} {array.dtype}"


def _listed(names: list[str] | tuple[str, ...], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
