"""The class set as a download for the teacher: as arrays, or as pictures in folders.

    our-class.npz   images (n, 28, 28) uint8, labels (n,), students (n,), nicknames (n,), class_names (c,)
    our-class.zip   7/anna-012.png …, the drawings themselves, and labels.csv

`python -m digitcore evaluate --data` reads both (the zip once it is unpacked).
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Sequence

import numpy as np

from digitcore import datasets
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet, Drawing
from digitcore.reading.tables import csv_text

_UNFIT = re.compile(r'[<>:"/\\|?*]')
"""What Windows takes in no name of a folder."""


def npz(drawings: Sequence[Drawing], class_names: Sequence[str] = datasets.DIGITS) -> bytes:
    """The class set as an .npz without pickles; students: their numbers in the class; class_names: what the
    labels mean."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        images=_images(drawings),
        labels=np.array([drawing.label for drawing in drawings], np.uint8),
        students=np.array([drawing.number for drawing in drawings], np.uint16),
        nicknames=np.array([drawing.nickname for drawing in drawings], np.str_),
        class_names=np.array(class_names, np.str_),
    )
    return file.getvalue()


def zipped(class_set: ClassSet, room: Room) -> bytes:
    """The drawings as PNGs, one folder per digit or symbol; files are named after the student's nickname and
    a number. labels.csv says what each is."""
    originals = class_set.originals(room)
    listed = [drawing for drawing in class_set.all(room) if drawing.id in originals]
    folders = _folders(room.class_names)
    names = [f"{folders[d.label]}/{_slug(d)}-{n:04d}.png" for n, d in enumerate(listed, 1)]
    rows = [
        (name, room.class_names[d.label], d.nickname, d.number) for name, d in zip(names, listed, strict=True)
    ]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a PNG is packed already
        for name, drawing in zip(names, listed, strict=True):
            archive.writestr(name, originals[drawing.id])
        table = csv_text(("file", "label", "nickname", "student"), rows)
        archive.writestr("labels.csv", table.encode("utf-8-sig"))  # the mark that makes Excel read UTF-8
    return file.getvalue()


def to_learn(class_set: ClassSet, room: Room, least: int) -> tuple[bytes, list[str]]:
    """What a data set is made of (`runs.own_data.ask`): a zip of the drawings with a numbered folder for each
    symbol of which there are `least`, and those symbols in the order of their numbers."""
    listed, originals = class_set.all(room), class_set.originals(room)
    counts = Counter(drawing.label for drawing in listed)
    enough = [label for label in range(len(room.class_names)) if counts[label] >= least]
    numbers = {label: number for number, label in enumerate(enough)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for drawing in listed:
            if drawing.label in numbers and drawing.id in originals:
                archive.writestr(f"{numbers[drawing.label]}/{drawing.id}.png", originals[drawing.id])
    return file.getvalue(), [room.class_names[label] for label in enough]


def _folders(class_names: Sequence[str]) -> list[str]:
    """A folder for each symbol: its name, where that is fit for every file system and differs from the others
    by more than capitals."""
    folded = Counter(name.casefold() for name in class_names)
    return [
        name
        if folded[name.casefold()] == 1 and not _UNFIT.search(name) and not name.endswith(".")
        else f"symbol-{number:02d}"
        for number, name in enumerate(class_names, 1)
    ]


def _images(drawings: Sequence[Drawing]) -> np.ndarray:
    pictures = [drawing.picture for drawing in drawings]
    return np.stack(pictures) if pictures else np.empty((0, 28, 28), np.uint8)


def _slug(drawing: Drawing) -> str:
    """A nickname that every file system accepts: "cetin" for "Çetin 🦊"; "student-3" if nothing is left."""
    plain = unicodedata.normalize("NFKD", drawing.nickname).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"student-{drawing.number}"
