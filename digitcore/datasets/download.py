"""Fetching a data set that does not come with the program.

python -m digitcore datasets fetch fashion-mnist
"""

import contextlib
import gzip
import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from digitcore.datasets import catalogue, idx
from digitcore.datasets.storage import IdxFile, IdxStore, data_folder, find, read_checked
from digitcore.errors import DatasetError

TIMEOUT = 20.0  # seconds without a byte
CHUNK = 1 << 16
STALE = 3600.0  # a .part file this old belongs to a fetch that was killed

Progress = Callable[[int, int], None]


def fetch(name: str, directory: Path | None = None, progress: Progress | None = None) -> Path:
    """Fetch `name` into `directory` (default `data/<name>`) and return that folder.

    Each file comes from the system's own copy if one is installed (Debian's package
    dataset-fashion-mnist), else over HTTPS from its publisher, is stored unpacked, and gets its name only
    once its SHA-256 is right, so that a broken fetch leaves nothing that could pass for data. `progress(done,
    total)` is called with unpacked bytes. Files that are already there are checked and kept. MNIST is only
    checked, since it comes with the program. DatasetError if the data set cannot be fetched.
    """
    store = catalogue.store(name)
    progress = progress or (lambda done, total: None)
    if not isinstance(store, IdxStore):
        for _ in store.blocks("y_test"):
            pass
        return store.path.parent
    folder = data_folder(name) if directory is None else Path(directory)
    done, total = 0, total_bytes(name)
    progress(0, total)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        for file in store.files.values():
            if not _is_good(folder / file.filename, file, store.title):
                _fetch_file(store, file, folder, lambda n, before=done: progress(before + n, total))
            done += idx.file_size(file.shape)
            progress(done, total)
    except OSError as error:
        raise DatasetError(
            f"{store.title} could not be stored in {folder}: {error.strerror or error}."
        ) from error
    return folder


def total_bytes(name: str) -> int:
    """Return how many bytes a fetched `name` takes on disk (0 where it comes with the program)."""
    store = catalogue.store(name)
    return sum(idx.file_size(f.shape) for f in store.files.values()) if isinstance(store, IdxStore) else 0


def fetched_bytes(name: str) -> int:
    """Return how many of `total_bytes` are on disk so far, to watch a fetch from outside."""
    folder = data_folder(name)
    done = 0
    for path in folder.glob("*-ubyte*"):
        with contextlib.suppress(FileNotFoundError):  # a .part file may be getting its name right now
            done += path.stat().st_size
    return min(done, total_bytes(name))


def _is_good(path: Path, file: IdxFile, title: str) -> bool:
    if not path.is_file():
        return False
    try:
        for _ in read_checked(path, file, title):
            pass
    except DatasetError:
        return False
    return True


def _fetch_file(store: IdxStore, file: IdxFile, folder: Path, progress: Callable[[int], None]) -> None:
    installed = find(store.system_folder, file.filename)
    if installed and _is_good(installed, file, store.title):
        _save(_from_disk(installed), str(installed), store.title, file, folder, progress)
    else:
        address = f"{store.url}{file.filename}.gz"
        _save(_from_network(address, store.title), address, store.title, file, folder, progress)


def _from_disk(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _from_network(address: str, title: str) -> Iterator[bytes]:
    """Yield the unpacked bytes of a .gz file at `address`, at most `CHUNK` at a time."""
    unpack = zlib.decompressobj(wbits=31)  # 31: gzip, header and checksum
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as response:
            while data := response.read(CHUNK):
                while data and not unpack.eof:
                    yield unpack.decompress(data, CHUNK)
                    data = unpack.unconsumed_tail
            if not unpack.eof:
                raise EOFError("it ended early")
    except (OSError, EOFError, http.client.HTTPException, zlib.error) as error:
        reason = error if isinstance(error, urllib.error.HTTPError) else getattr(error, "reason", error)
        reason = getattr(reason, "strerror", None) or reason
        raise DatasetError(
            f"{title} could not be downloaded from {address} ({reason}), which needs the internet."
        ) from error


def _save(
    chunks: Iterator[bytes],
    source: str,
    title: str,
    file: IdxFile,
    folder: Path,
    progress: Callable[[int], None],
) -> None:
    """Write the bytes as `folder/filename` if they are the published ones, else leave nothing."""
    size, done, hasher = idx.file_size(file.shape), 0, hashlib.sha256()
    handle, temporary = tempfile.mkstemp(prefix=f"{file.filename}.", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                done += len(chunk)
                if done > size:  # more bytes mean another file: do not fill the disk
                    break
                hasher.update(chunk)
                out.write(chunk)
                progress(done)
        if done != size or hasher.hexdigest() != file.sha256:
            raise DatasetError(
                f"{title} was refused: {source} should unpack to {size:,} bytes with the SHA-256 "
                f"{file.sha256[:12]}…, but does not."
            )
        os.chmod(temporary, 0o644)  # mkstemp's 0600 would hide it from other users who run the app
        os.replace(temporary, folder / file.filename)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > STALE:
                path.unlink()
