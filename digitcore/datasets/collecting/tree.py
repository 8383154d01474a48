"""The files that somebody brings, in one form: those of a folder, of a zip, or the files themselves."""

from __future__ import annotations

import gzip
import io
import mmap
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from digitcore import files
from digitcore.errors import DatasetError, ImageError
from digitcore.preprocessing import archives
from digitcore.preprocessing.images import MAX_BYTES

MOST_FILES = 20_000
"""Files of one data set: each is opened, decoded and prepared by itself."""

MOST_TABLE_BYTES = 200 * 2**20
"""Unpacked bytes of an idx file or a CSV: MNIST's 60,000 training digits take 47 MB as idx, 110 MB as CSV."""

MOST_UNPACKED = 600 * 2**20
"""Bytes that all files of a zip may unpack to together."""

PICTURES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif")

_BROKEN = (*archives.DAMAGED, EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True)
class Entry:
    """A file. name: its path within what was brought, folders separated by "/"."""

    name: str
    _open: Callable[[], BinaryIO]

    @property
    def folders(self) -> tuple[str, ...]:
        return PurePosixPath(self.name).parts[:-1]

    @property
    def is_picture(self) -> bool:
        """Whether it is named as one."""
        return self.name.lower().endswith(PICTURES)

    def picture(self) -> bytes:
        """The bytes of a picture file; DatasetError, which names it, where it cannot be read."""
        with self.opened() as file:
            return file.read(MAX_BYTES + 1)

    def start(self) -> bytes:
        """Its first four bytes, unpacked."""
        with self.unpacked() as read:
            return read(4)

    @contextmanager
    def unpacked(self) -> Iterator[Callable[[int], bytes]]:
        """What reads a table's bytes one after another, unpacked if it is a .gz, and no more than are read
        of one."""
        with self.opened() as file:
            stream = gzip.GzipFile(fileobj=file) if self.name.lower().endswith(".gz") else file
            done = 0

            def read(count: int) -> bytes:
                nonlocal done
                data = stream.read(count)
                done += len(data)
                if done > MOST_TABLE_BYTES:
                    raise DatasetError(
                        f"{self.name} unpacks to more than the {MOST_TABLE_BYTES // 2**20} MB that are read."
                    )
                return data

            yield read

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The open file; whatever is wrong with its bytes is a DatasetError that names it."""
        try:
            with self._open() as file:
                yield file
        except DatasetError:
            raise
        except _BROKEN as error:
            reason = getattr(error, "strerror", None) or "it is damaged or cut off"
            raise DatasetError(f"{self.name} cannot be read: {reason}.") from error


@contextmanager
def brought(places: Sequence[Path]) -> Iterator[list[Entry]]:
    """The files of one folder, of one zip, or those given; DatasetError where there are none or too many."""
    first = Path(places[0])
    if len(places) == 1 and first.is_dir():
        yield _bounded([_of_disk(path, first) for path in _few(files.each_in(first))], first.name)
    elif len(places) == 1 and archives.is_zip(first.name):
        with _of_zip(first) as entries:
            yield _bounded(entries, first.name)
    else:
        for place in map(Path, places):
            if not place.is_file():
                raise DatasetError(f"{place} is not there: expected a folder, a zip, a CSV or idx files.")
        yield [_of_disk(Path(place), Path(place).parent) for place in places]


def _few(paths: Iterator[Path]) -> Iterator[Path]:
    for count, path in enumerate(paths):
        yield path
        if count > MOST_FILES:
            return


def _bounded(entries: list[Entry], name: str) -> list[Entry]:
    if not entries:
        raise DatasetError(f"{name} holds no file: expected pictures, a folder for each class.")
    if len(entries) > MOST_FILES:
        raise DatasetError(
            f"{name} holds more than the {MOST_FILES:,} files that are read; the first beyond them is "
            f"{entries[MOST_FILES].name}."
        )
    return sorted(entries, key=lambda entry: entry.name)


def _of_disk(path: Path, below: Path) -> Entry:
    return Entry(path.relative_to(below).as_posix(), lambda: path.open("rb"))


@contextmanager
def _of_zip(path: Path) -> Iterator[list[Entry]]:
    try:
        with path.open("rb") as file, _mapped(file) as data:
            archive, listed = archives.opened(data, MOST_FILES + 5_000, file)
            left = MOST_UNPACKED
            for entry in listed:
                picture = entry.filename.lower().endswith(PICTURES)
                if reason := archives.refusal(entry, MAX_BYTES if picture else MOST_TABLE_BYTES):
                    raise DatasetError(f"{archives.name_of(entry)}: {reason}")
                left -= entry.file_size
                if left < 0:
                    raise DatasetError(
                        f"{path.name} unpacks to more than the {MOST_UNPACKED // 2**20} MB that are read; "
                        f"{archives.name_of(entry)} is the first file beyond them."
                    )
            yield [_packed(archive, entry) for entry in listed]
    except ImageError as error:
        raise DatasetError(f"{path.name}: {error}") from error
    except OSError as error:
        raise DatasetError(f"{path.name} cannot be opened: {error.strerror or error}.") from error


def _packed(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Entry:
    return Entry(archives.name_of(entry).replace("\\", "/"), lambda: archive.open(entry))


@contextmanager
def _mapped(file: BinaryIO) -> Iterator[mmap.mmap | bytes]:
    """The whole file without its bytes in memory; one that cannot be mapped, such as an empty one, read."""
    try:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (ValueError, OSError, io.UnsupportedOperation):
        yield file.read(MOST_UNPACKED)
        return
    with data:
        yield data
