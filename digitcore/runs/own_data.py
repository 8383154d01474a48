"""A visitor's own data sets, beside their runs: made under their key, found again only by it, and deleted
with them.

    runs/<hash of the visitor's key>/datasets/<name>/      see `datasets.own` and `collecting.making`
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from digitcore import files, limits, paths
from digitcore.datasets import DatasetInfo, own
from digitcore.errors import DamagedFile, DigitcoreError, RunError
from digitcore.files import modified
from digitcore.runs import disk
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store

MOST_BYTES = 100 * 2**20
"""Of what one data set is made of; the server takes less at once (`server.maxUploadSize`)."""

MOST_UPLOADED = 8
"""Files at once: four of idx, and some beside them."""

# The process that makes one takes its lock as soon as Python has started; on a busy host that takes a while.
START_GRACE_SECONDS = 120.0

DRAWN_BY = "class"
"""What a description calls the id of the class that has drawn a data set."""

_started: list[subprocess.Popen] = []


@dataclass(frozen=True)
class Own:
    """A visitor's data set as it is now. info: None while it is being made, or where that failed; problem:
    why. done, total: how many pictures have been looked through, of how many if that is known."""

    name: str
    title: str
    created: float
    info: DatasetInfo | None = None
    problem: str = ""
    done: int = 0
    total: int | None = None

    @property
    def is_being_made(self) -> bool:
        return self.info is None and not self.problem


def names(key: str | None) -> list[str]:
    """The data sets that a visitor may learn from besides everybody's, the newest first."""
    return [each.name for each in listed(key) if each.info]


def listed(key: str | None) -> list[Own]:
    """A visitor's data sets, made, being made or failed, the newest first."""
    if key is None:
        return []
    found = [_look(place) for place in _places(run_store.owner_folder(key))]
    return sorted(found, key=lambda each: (-each.created, each.name))


def check(name: str, key: str) -> None:
    """RunError if a visitor may not learn from a data set: it is somebody else's, or gone."""
    if own.is_private(name) and not (_folder(key) / name / paths.DATASET).is_file():
        raise RunError("This data set is not among yours; choose another one.")


def ask(
    key: str,
    uploaded: Sequence[tuple[str, bytes]],
    title: str = "",
    seed: int = 0,
    names: Sequence[str] = (),
    drawn_by: int | None = None,
) -> str:
    """Have a data set made of what a visitor brings; returns its name, under which `listed` has it at once.

    uploaded: names and bytes of a zip, a CSV or idx files. title: for people; by default the first file's
    name. names, seed: as for `building.build`. drawn_by: the id of the class that has drawn it, if one has.
    RunError where it cannot be taken.
    """
    size = sum(len(data) for _, data in uploaded)
    if not uploaded or len(uploaded) > MOST_UPLOADED or size > MOST_BYTES:
        raise RunError(
            f"A data set is made of 1 to {MOST_UPLOADED} files of at most {MOST_BYTES // 2**20} MB together; "
            f"got {len(uploaded)} of {size / 2**20:.0f} MB."
        )
    place = _new(key, needed=3 * size)
    try:
        files.private_folder(place / paths.UPLOADED)
        for file, data in uploaded:
            files.write_bytes(place / paths.UPLOADED / _file_name(file), data)
        first = PurePosixPath(_file_name(uploaded[0][0])).name.split(".")[0]
        asked = {
            "title": own.clean_title(title) or own.clean_title(first) or "My data set",
            "seed": seed,
            "names": list(names),
            "created": time.time(),
            **({} if drawn_by is None else {DRAWN_BY: drawn_by}),
        }
        files.write_json(place / paths.ASKED, asked)
        _start(place)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise RunError(f"The data set could not be kept: {error.strerror or error}.") from error
    return place.name


def delete(key: str, name: str) -> None:
    """Delete a visitor's data set, its copies beside their runs too; the networks that learnt from it stay.

    RunError while a run that learns from it waits or learns."""
    place = _folder(key) / name
    if not own.is_private(name) or not place.is_dir():
        return
    if is_used(place):
        raise RunError("A run of yours is learning from this data set: stop that run first.")
    forget(place)


def forget(place: Path) -> None:
    """Delete the data set in a folder and its pictures beside the runs of the same visitor."""
    shutil.rmtree(place, ignore_errors=True)
    for copy in place.parents[1].glob(f"*/{place.name}/{paths.DATA}"):
        copy.unlink(missing_ok=True)


def forget_class(owner: Path, drawn_by: int) -> None:
    """Delete the data sets of a visitor that a class has drawn: it is gone, or they have left it."""
    for place in _places(owner):
        for file in (paths.DATASET, paths.ASKED):
            with contextlib.suppress(FileNotFoundError, DamagedFile, AttributeError):
                if files.read_json(place / file).get(DRAWN_BY) == drawn_by:
                    forget(place)
                    break


def is_used(place: Path) -> bool:
    """Whether a run of the same visitor that waits or learns needs the data set in a folder."""
    for run in run_store.of_owner(place.parents[1].name):
        with contextlib.suppress(DigitcoreError):
            if run.settings.dataset == place.name and run_state.of(run).active:
                return True
    return False


def everybodys() -> list[tuple[float, Path]]:
    """When each visitor's data set was asked for (Unix time), and its folder."""
    return [(modified(place) / 1e9, place) for owner in run_store.owners() for place in _places(owner)]


def bytes_of(place: Path) -> int:
    """What a data set takes on the disk."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def _new(key: str, needed: int) -> Path:
    """The folder of one more data set of a visitor; RunError where they have as many as one may have."""
    most = limits.current().kept_datasets
    kept = [each for each in listed(key) if not each.problem]
    if len(kept) >= most:
        raise RunError(f"You have {len(kept)} data sets, the most that are kept here: delete one first.")
    if any(each.is_being_made for each in kept):
        raise RunError("Another data set of yours is being made: wait until it is ready.")
    if disk.free_bytes() < needed + disk.ALWAYS_BYTES:
        raise RunError("The disk is full: the data set cannot be kept now.")
    for each in listed(key):  # what came to nothing makes room
        if each.problem:
            shutil.rmtree(_folder(key) / each.name, ignore_errors=True)
    place = _folder(key) / own.new_name()
    files.private_folder(place)
    return place


def _start(place: Path) -> None:
    _started[:] = [each for each in _started if each.poll() is None]  # and the ended ones are no zombies
    _started.append(
        subprocess.Popen(
            [sys.executable, "-m", "digitcore.datasets.collecting.making", str(place.resolve())],
            cwd=paths.REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a fault of ours goes to the server's log
            start_new_session=True,
        )
    )


def _look(place: Path) -> Own:
    try:
        info = own.described_in(place) if (place / paths.DATASET).exists() else None
        if info:
            created = own.read_description(place).get("created")
            at = float(created) if files.is_number(created) else modified(place / paths.DATASET) / 1e9
            return Own(place.name, info.title, at, info)
        asked = files.read_json(place / paths.ASKED)
        title, created = str(asked["title"]), float(asked["created"])
    except (FileNotFoundError, DamagedFile, KeyError, TypeError, ValueError, DigitcoreError):
        return Own(place.name, "A data set", modified(place) / 1e9, problem="Its files are damaged.")
    try:
        return Own(place.name, title, created, problem=(place / paths.PROBLEM).read_text("utf-8"))
    except FileNotFoundError:
        pass
    if time.time() - created > START_GRACE_SECONDS and not _is_locked(place):
        if (place / paths.DATASET).exists():  # it has become ready between the two looks
            return _look(place)
        return Own(place.name, title, created, problem="It was interrupted: bring the pictures again.")
    with contextlib.suppress(FileNotFoundError, DamagedFile, KeyError, TypeError):
        said = files.read_json(place / paths.PROGRESS)
        return Own(place.name, title, created, done=said["done"], total=said["total"])
    return Own(place.name, title, created)


def _is_locked(place: Path) -> bool:
    if not (place / paths.LOCK).exists():
        return False
    try:
        with FileLock(place / paths.LOCK, timeout=0, mode=0o600):
            return False
    except Timeout:
        return True


def _folder(key: str) -> Path:
    return run_store.owner_folder(key) / paths.DATASETS


def _places(owner: Path) -> list[Path]:
    try:
        return [place for place in (owner / paths.DATASETS).iterdir() if own.is_private(place.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file_name(name: str) -> str:
    """The last part of a name from outside, of characters that any file system takes."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(c if c.isalnum() or c in "-_. " else "-" for c in last).strip(". ")
    return plain[-100:] or "file"
