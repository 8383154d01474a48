"""Files that are whole or not there: written by temp-and-rename, read with damage told from absence.

files.write_json(path, value)          a reader sees the old file or the new one, never a half
with files.replacing(path) as part:    the same for whoever writes a file himself
    model.save(part)

files.read_json(path)                  FileNotFoundError where there is none, DamagedFile where it is
with files.npz(path) as arrays:        something else; the same for arrays["name"]
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcore.errors import DamagedFile

if TYPE_CHECKING:
    import numpy as np


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of `path` at the end; nothing is left of it after an error.

    Its name ends as the other's does, by which Keras knows the format, and begins with a dot. In a private
    folder the file is private too.
    """
    part = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if not path.parent.stat().st_mode & 0o077:
            part.chmod(0o600)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> None:
    """Make a folder that nobody but its owner may look into, and those above it that are missing."""
    for folder in reversed((path, *path.parents)):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)  # FileExistsError where a file is in the way


def private(name: str, flags: int) -> int:
    """The opener of `open` for files that nobody but their owner may read."""
    return os.open(name, flags, 0o600)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file by temp-and-rename."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON by temp-and-rename."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"  # before a file is made: it may fail
    write_bytes(path, text.encode("utf-8"))


def write_npz(path: Path, compressed: bool = True, /, **arrays: np.ndarray) -> None:
    """Write arrays as an .npz by temp-and-rename."""
    import numpy as np  # not for --help

    with replacing(path) as part, part.open("wb") as file:
        (np.savez_compressed if compressed else np.savez)(file, **arrays)


def read_json(path: Path) -> Any:
    """The value in a JSON file. FileNotFoundError where there is none, DamagedFile where it is no JSON."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedFile(f"{path.name} is damaged: expected JSON.") from error


@contextlib.contextmanager
def npz(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    """The arrays of an .npz by their names, each read when it is asked for, nothing unpickled.

    FileNotFoundError where there is none. Whatever goes wrong while the arrays are read and looked at is a
    DamagedFile: zipfile and NumPy raise a dozen kinds of errors for bytes that are something else, and an
    array that is missing or of another shape is damage too.
    """
    import numpy as np  # not for --help

    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except FileNotFoundError:
        raise
    except Exception as error:
        raise DamagedFile(f"{path.name} is damaged: expected arrays saved by NumPy.") from error


def modified(path: Path) -> int:
    """When a file or folder was last changed, in nanoseconds since 1970; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def is_count(value: Any) -> bool:
    """Whether what was read is a whole number from 0 on; larger ones than 2^31 are damage."""
    return type(value) is int and 0 <= value < 2**31


def is_number(value: Any) -> bool:
    """Whether what was read is a number that can be drawn and calculated with."""
    return type(value) in (int, float) and abs(value) < 1e12  # which NaN is not
