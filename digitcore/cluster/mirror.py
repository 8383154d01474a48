"""Two copies of one run folder, kept the same: the app's, and the one in which a trainer works elsewhere.

The app's side asks, the trainer's side answers; the caller carries the questions (relay.py: through a Dask
scheduler). There is no protocol state that could be lost: what is still to be copied follows from the two
folders, so an app that was restarted continues where it was.

* Events and the log only grow: whatever is beyond the app's size is appended, events by whole lines.
* The trainer's other files are copied when their size or time differs, by temp-and-rename, the card last. A
  file that the trainer has removed is removed from the app's folder too.
* Control files are written by both: the app makes a request, the trainer removes it. The side that has
  changed a file since the last look wins; if both have, the app does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from digitcore import files, paths

# In the order in which they are written: `pause` before `step` would make the trainer wait instead of step.
CONTROLS = (
    paths.STOP,
    paths.STEP,
    paths.PAUSE,
    paths.LEARNING_RATE,
    paths.MORE_EPOCHS,
    paths.ONNX_TOO,
    paths.RELAUNCHES,
    paths.OWN_DIGIT,
)
# Those that a trainer removes once it has obeyed.
TAKEN_BY_TRAINER = (paths.STEP, paths.RELAUNCHES)
GROWING = (paths.EVENTS, paths.LOG)
# Files that each side has for itself: who holds the run, and when its trainer was launched.
OWN = (paths.LOCK, paths.STARTED, paths.QUEUE_LOCK)

CHUNK_BYTES = 2 * 2**20
"""The size of one transfer: small beside a worker's memory, and too short to hold anything up for long."""

Identity = tuple[int, int]
"""Size in bytes and modification time in nanoseconds of a file."""


@dataclass
class Question:
    """What the app's side wants from the trainer's folder, and what it brings.

    controls: name -> content, None for a file that is to be removed. offsets: of the growing files, in bytes.
    writes: (name, offset, bytes, modification time or None if more follows). reads: (name, offset).
    """

    controls: dict[str, bytes | None] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    writes: list[tuple[str, int, bytes, int | None]] = field(default_factory=list)
    reads: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Answer:
    """What is in the trainer's folder: its files by name, its control files, what the growing files have
    gained, and for each read the bytes with the file's identity, or None if the file has gone."""

    files: dict[str, Identity]
    controls: dict[str, bytes | None]
    grown: dict[str, bytes]
    data: list[tuple[bytes, Identity] | None]


def answer(folder: Path, question: Question) -> Answer:
    """The trainer's side: do what the question says, and report what is there."""
    for name, offset, data, modified in question.writes:
        path = _inside(folder, name)
        files.private_folder(path.parent)
        part = _temporary(path)
        with part.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(data)
        if modified is not None:
            os.utime(part, ns=(modified, modified))  # both sides see the same file from now on
            os.replace(part, path)
    _write_controls(folder, question.controls)
    listed = listing(folder)  # before the growing files: what an event announces is then already listed
    grown = {name: _read(folder / name, offset)[0] for name, offset in question.offsets.items()}
    data = [_read_or_none(_inside(folder, name), offset) for name, offset in question.reads]
    return Answer(listed, read_controls(folder), grown, data)


def listing(folder: Path) -> dict[str, Identity]:
    """The files that a trainer makes, by their names relative to its folder."""
    found = {}
    # The card first: it is written last, so the listing that follows sees everything that belongs to it.
    with contextlib.suppress(FileNotFoundError):
        found[paths.CARD] = _identity((folder / paths.CARD).stat())
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except FileNotFoundError:
            continue
        for entry in entries:
            name = Path(entry.path).relative_to(folder).as_posix()
            if entry.name.startswith(".") or name in (*CONTROLS, *GROWING, *OWN, paths.CARD):
                continue
            with contextlib.suppress(FileNotFoundError):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    found[name] = _identity(entry.stat())
    return found


def read_controls(folder: Path) -> dict[str, bytes | None]:
    """The content of every control file, None for each that is not there."""
    return {name: _content(folder / name) for name in CONTROLS}


class Mirror:
    """The app's side of one run."""

    def __init__(self, folder: Path, seeded: bool = False) -> None:
        """seeded: the trainer's folder was made from this one before the app was restarted."""
        self.folder = folder
        # The other side's files, as far as this side knows them: None after a restart, when they are fetched
        # again, because the times here are of this machine's clock.
        self._files: dict[str, Identity | None] = dict.fromkeys(listing(folder))
        self._offsets = {name: _size(folder / name) for name in GROWING}
        here = read_controls(folder)
        self._controls: dict[str, bytes | None] = {}  # what both sides had at the last look
        if seeded:
            self._controls = {name: here[name] for name in TAKEN_BY_TRAINER}
        self._sent: dict[str, bytes | None] = {}

    def seed(self) -> Iterator[Question]:
        """Questions that copy the whole folder to the other side, one chunk each."""
        for name in [*listing(self.folder), *GROWING]:
            path = self.folder / name
            offset = 0
            while True:
                data, identity = _read(path, offset)
                end = offset + len(data)
                done = end >= identity[0]
                if identity[0] or path.exists():
                    yield Question(writes=[(name, offset, data, identity[1] if done else None)])
                if name in GROWING:
                    self._offsets[name] = end
                else:
                    self._files[name] = identity
                offset = end
                if done:
                    break

    def question(self) -> Question:
        """The question for each look."""
        here = read_controls(self.folder)
        self._sent = {
            name: here[name]
            for name in CONTROLS
            if name not in self._controls or here[name] != self._controls[name]
        }
        return Question(controls=self._sent, offsets=dict(self._offsets))

    def changed(self, reply: Answer) -> list[str]:
        """The files that have to be fetched."""
        return [name for name, identity in reply.files.items() if self._files.get(name) != identity]

    def staged(self, name: str) -> Path:
        """Where a file grows while it is being fetched, beside its final place."""
        path = _temporary(_inside(self.folder, name))
        files.private_folder(path.parent)
        return path

    def settle(self, there: dict[str, Identity], fetched: dict[str, Identity]) -> None:
        """Move what was fetched into place, the card last, and remove what the trainer has removed."""
        for name in sorted(fetched, key=lambda name: name == paths.CARD):
            os.replace(self.staged(name), self.folder / name)
            self._files[name] = fetched[name]
        for name in set(self._files) - set(there):
            path = _inside(self.folder, name)
            path.unlink(missing_ok=True)
            del self._files[name]
            if path.parent != self.folder:
                with contextlib.suppress(OSError):  # it still holds other files
                    path.parent.rmdir()

    def grow(self, grown: dict[str, bytes], over: bool) -> None:
        """Append what is new. over: the trainer has ended, so half a line will stay half a line."""
        for name, data in grown.items():
            if name == paths.EVENTS and not over:
                data = data[: data.rfind(b"\n") + 1]
            if data:
                with open(self.folder / name, "ab", opener=files.private) as file:
                    file.write(data)
                self._offsets[name] += len(data)

    def take_controls(self, there: dict[str, bytes | None]) -> None:
        """Adopt the control files that came with the answer to `question`."""
        self._controls.update(self._sent)
        here = read_controls(self.folder)
        changed = {
            name: content
            for name, content in there.items()
            if name not in self._sent and content != self._controls.get(name) == here[name]
        }
        _write_controls(self.folder, changed)
        self._controls.update(changed)


def _write_controls(folder: Path, controls: dict[str, bytes | None]) -> None:
    for name in CONTROLS:
        if controls.get(name) is not None:
            files.write_bytes(folder / name, controls[name])
    for name, content in controls.items():
        if content is None:
            _inside(folder, name).unlink(missing_ok=True)


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        raise ValueError(f"expected the name of a file in a run's folder, got {name!r}")
    return folder.joinpath(*parts)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.mirrored")


def _identity(stat: os.stat_result) -> Identity:
    return stat.st_size, stat.st_mtime_ns


def _read(path: Path, offset: int) -> tuple[bytes, Identity]:
    """At most a chunk; empty, with the identity (0, 0), if there is no such file."""
    return _read_or_none(path, offset) or (b"", (0, 0))


def _read_or_none(path: Path, offset: int) -> tuple[bytes, Identity] | None:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(CHUNK_BYTES), _identity(os.fstat(file.fileno()))
    except FileNotFoundError:
        return None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
