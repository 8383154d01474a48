"""Files that are either whole or absent; a damaged one is never taken for a missing one.

files.write_json(path, value)          readers see the old file or the new one, never half of it
with files.replacing(path) as part:    the same for code that writes the file itself
    model.save(part)

files.read_json(path)                  FileNotFoundError if there is none, DamagedFile if it is not JSON
with files.npz(path) as arrays:        the same for an .npz, and for each arrays["name"]
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
    """A path to write to; at the end the new file replaces `path`, and after an error nothing is left of it.

    Its name begins with a dot and ends like that of `path`, by which Keras knows the format. In a private
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
    """Make a folder that only its owner may open, along with any missing folders above it."""
    for folder in reversed((path, *path.parents)):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)  # FileExistsError where a file is in the way


def private(name: str, flags: int) -> int:
    """An opener for `open` that makes files which only their owner may read."""
    return os.open(name, flags, 0o600)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file by temp-and-rename."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON by temp-and-rename."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"  # first, because it may fail
    write_bytes(path, text.encode("utf-8"))


def write_npz(path: Path, compressed: bool = True, /, **arrays: np.ndarray) -> None:
    """Write arrays as an .npz by temp-and-rename."""
    import numpy as np  # not for --help

    with replacing(path) as part, part.open("wb") as file:
        (np.savez_compressed if compressed else np.savez)(file, **arrays)


def read_json(path: Path) -> Any:
    """The value in a JSON file. FileNotFoundError if there is no file, DamagedFile if it is not JSON."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedFile(f"{path.name} is damaged: expected JSON.") from error


@contextlib.contextmanager
def npz(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    """The arrays of an .npz by their names; each is read when it is asked for, and nothing is unpickled.

    FileNotFoundError if there is no file. Whatever goes wrong within the `with` block becomes a DamagedFile:
    zipfile and NumPy raise a dozen kinds of errors for bytes that are something else, and an array that is
    missing or of another shape is damage too.
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
    """Whether a value from a file is a whole number, 0 or more; numbers of 2^31 and more count as damage."""
    return type(value) is int and 0 <= value < 2**31


def is_number(value: Any) -> bool:
    """Whether a value from a file is a number that can be plotted and calculated with."""
    return type(value) in (int, float) and abs(value) < 1e12  # false for NaN


def each_in(folder: Path) -> Iterator[Path]:
    """All files below a folder, in the order of their paths; files that operating systems leave behind are
    skipped. Of a million names only those of one folder are in memory."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_junk(name))
        for name in sorted(names):
            if not is_junk(name):
                yield Path(parent, name)


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is one that operating systems leave behind."""
    return name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini") or name == "__MACOSX"
