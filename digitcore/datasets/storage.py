"""Where the arrays of a data set are kept, and how they are read: block by block, with hashes checked.

Both stores have the same four methods; an array is one of "x_train", "y_train", "x_test", "y_test".
Blocks keep memory flat: the training images are 47 MB, and a page that only counts must not hold them.
"""

import gzip
import hashlib
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitcore import paths
from digitcore.datasets import idx
from digitcore.errors import DatasetError

BLOCK_ROWS = 2_000


def data_folder(name: str) -> Path:
    """Return the folder of a fetched data set."""
    return paths.data() / name


def _rows(read: Callable[[int], bytes], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield the rows of a uint8 array of `shape`, `BLOCK_ROWS` at a time; EOFError if they end early."""
    row_bytes = math.prod(shape[1:])
    for start in range(0, shape[0], BLOCK_ROWS):
        n = min(BLOCK_ROWS, shape[0] - start)
        data = read(n * row_bytes)
        if len(data) != n * row_bytes:
            raise EOFError
        yield np.frombuffer(data, np.uint8).reshape(n, *shape[1:])


@dataclass(frozen=True)
class NpzStore:
    """One .npz file that comes with the program."""

    title: str
    path: Path
    sha256: str

    def is_available(self) -> bool:
        return self.path.is_file()

    def digest(self) -> str:
        return self.sha256

    def blocks(self, array: str) -> Iterator[np.ndarray]:
        """Yield the array's rows in order; DatasetError, before the first row, if the file is wrong.

        No other array is unpacked, and nothing is ever unpickled: the bytes are taken as uint8 or refused.
        """
        try:
            with self.path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                if found != self.sha256:
                    raise DatasetError(
                        f"{self.title} is damaged: {self.path} should have the SHA-256 {self.sha256[:12]}…, "
                        f"but has {found[:12]}…; get that file again."
                    )
                with zipfile.ZipFile(file) as archive, archive.open(f"{array}.npy") as member:
                    np.lib.format.read_magic(member)
                    shape, _, dtype = np.lib.format.read_array_header_1_0(member)
                    if dtype != np.uint8:
                        raise DatasetError(f"{self.title}: {array} should be uint8, but is {dtype}.")
                    yield from _rows(member.read, shape)
        except OSError as error:
            raise DatasetError(
                f"{self.title} is missing: {self.path} cannot be read ({error.strerror or error})."
            ) from error


@dataclass(frozen=True)
class IdxFile:
    """A published idx file: its name without ".gz", its shape, and the SHA-256 of its unpacked bytes."""

    filename: str
    shape: tuple[int, ...]
    sha256: str


@dataclass(frozen=True)
class IdxStore:
    """Four idx files, plain or .gz: fetched into the data folder, or installed by the system."""

    name: str
    title: str
    files: Mapping[str, IdxFile]
    url: str
    system_folder: Path

    def folder(self) -> Path | None:
        """Return the first folder that holds all four files, or None."""
        for folder in (data_folder(self.name), self.system_folder):
            if all(find(folder, file.filename) for file in self.files.values()):
                return folder
        return None

    def is_available(self) -> bool:
        return self.folder() is not None

    def digest(self) -> str:
        lines = "".join(f"{file.sha256}\n" for file in self.files.values())
        return hashlib.sha256(lines.encode()).hexdigest()

    def blocks(self, array: str) -> Iterator[np.ndarray]:
        """Yield the array's rows in order; DatasetError if the file is not the published one.

        The hash of a packed file is known only at its end: use no block before the last one has come.
        """
        folder = self.folder()
        if folder is None:
            raise DatasetError(
                f"{self.title} is not on this machine yet; "
                f"`python -m digitcore datasets fetch {self.name}` fetches it."
            )
        file = self.files[array]
        yield from read_checked(find(folder, file.filename), file, self.title)


def find(folder: Path, filename: str) -> Path | None:
    """Return `folder/filename`, plain or with .gz, whichever exists; None if neither does."""
    return next((p for p in (folder / filename, folder / f"{filename}.gz") if p.is_file()), None)


def read_checked(path: Path, file: IdxFile, title: str) -> Iterator[np.ndarray]:
    """Yield the rows of the idx file at `path`; DatasetError unless it is exactly `file`."""
    hasher = hashlib.sha256()
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:

            def read(n: int) -> bytes:
                data = stream.read(n)
                hasher.update(data)
                return data

            shape = idx.read_shape(read)
            if shape != file.shape:
                raise DatasetError(f"the shape should be {file.shape}, but is {shape}")
            yield from _rows(read, shape)
            if stream.read(1) or hasher.hexdigest() != file.sha256:
                raise DatasetError(f"its SHA-256 should be {file.sha256[:12]}…, but is another")
    except (OSError, EOFError, zlib.error, DatasetError) as error:
        reason = str(error).rstrip(".") or "it ends early"
        raise DatasetError(f"{title} is damaged: {path}: {reason}; fetch it again.") from error
