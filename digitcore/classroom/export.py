"""The class set as a download for the teacher: as arrays, or as pictures in folders.

    our-class.npz   images (n, 28, 28) uint8, labels (n,), students (n,), nicknames (n,)
    our-class.zip   7/anna-012.png …, the drawings themselves, and labels.csv

`python -m digitcore evaluate --data` reads both (the zip once it is unpacked).
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence

import numpy as np

from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet, Drawing
from digitcore.reading.tables import csv_text


def npz(drawings: Sequence[Drawing]) -> bytes:
    """The class set as an .npz without pickles; students: their numbers in the class."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        images=_images(drawings),
        labels=np.array([drawing.label for drawing in drawings], np.uint8),
        students=np.array([drawing.number for drawing in drawings], np.uint16),
        nicknames=np.array([drawing.nickname for drawing in drawings], np.str_),
    )
    return file.getvalue()


def zipped(class_set: ClassSet, room: Room) -> bytes:
    """The drawings as PNGs, one folder per digit; files are named after the student's nickname and a
    number."""
    originals = class_set.originals(room)
    listed = [drawing for drawing in class_set.all(room) if drawing.id in originals]
    names = [f"{d.label}/{_slug(d)}-{n:04d}.png" for n, d in enumerate(listed, 1)]
    rows = [(name, d.label, d.nickname, d.number) for name, d in zip(names, listed, strict=True)]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a PNG is packed already
        for name, drawing in zip(names, listed, strict=True):
            archive.writestr(name, originals[drawing.id])
        table = csv_text(("file", "label", "nickname", "student"), rows)
        archive.writestr("labels.csv", table.encode("utf-8-sig"))  # the mark that makes Excel read UTF-8
    return file.getvalue()


def _images(drawings: Sequence[Drawing]) -> np.ndarray:
    pictures = [drawing.picture for drawing in drawings]
    return np.stack(pictures) if pictures else np.empty((0, 28, 28), np.uint8)


def _slug(drawing: Drawing) -> str:
    """A nickname that every file system accepts: "cetin" for "Çetin 🦊"; "student-3" if nothing is left."""
    plain = unicodedata.normalize("NFKD", drawing.nickname).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"student-{drawing.number}"
