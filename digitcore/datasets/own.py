"""Data sets of one's own: pictures that somebody has brought or drawn, kept as two files in a folder.

    dataset.json    {"title", "class_names", "n_train", "n_validation", "n_test", "sha256", …}; written last
    data.npz        x_train, y_train, x_test, y_test, as MNIST has them (`storage.NpzStore`)

Who adds one at the command line names it, and everybody on this machine may use it:

    data/<name>/

A visitor of the app has theirs beside their runs (`runs.own_data`), under a name of 128 random bits that
nobody guesses; the folder of a run that learnt from it keeps the description, so that the run can be shown
after the pictures have been deleted:

    runs/<owner>/datasets/own-…/
    runs/<owner>/<run id>/own-…/

This module knows the format and finds it; `collecting` makes one of pictures.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import files, paths
from digitcore.datasets.info import DatasetInfo
from digitcore.datasets.storage import NpzStore
from digitcore.errors import DamagedFile, DatasetError

MOST_CLASSES = 20
LONGEST_CLASS = 24
"""Characters of a class's name."""
LONGEST_TITLE = 40

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PRIVATE = re.compile(r"own-[0-9a-f]{32}")
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

_elsewhere: list[Path] = []
"""Folders of runs that lie where no run of the app does: on a cluster's worker, say."""
_found: dict[str, Path] = {}


class OwnStore(NpzStore):
    """As the one of a file that comes with the program, but whoever brought the pictures may have deleted
    them."""

    def blocks(self, array: str) -> Iterator[np.ndarray]:
        """Yield the array's rows in order; DatasetError where the pictures are gone or damaged."""
        if not self.is_available():
            raise DatasetError(f"The pictures of {self.title} are no longer on this machine.")
        yield from super().blocks(array)


def new_name() -> str:
    """A name for a visitor's data set that nobody else can guess."""
    return f"own-{secrets.token_hex(16)}"


def is_private(name: str) -> bool:
    """Whether a name is of a visitor's data set, which only they may use."""
    return _PRIVATE.fullmatch(name) is not None


def check_name(name: str) -> str:
    """The name itself if a data set may be added under it; DatasetError, which says why not."""
    if not _NAME.fullmatch(name) or name.startswith("own-"):
        raise DatasetError(
            "The name of a data set is 1 to 40 small letters, digits and hyphens, and does not begin with "
            f"own-; got {name!r}."
        )
    return name


def check_new(name: str, taken: Sequence[str] = ("mnist", "fashion-mnist")) -> None:
    """DatasetError unless a data set may be added on this machine under this name."""
    if check_name(name) in taken:
        raise DatasetError(f"{name} is a data set that the program knows: choose another name.")
    if (paths.data() / name).exists():
        raise DatasetError(f"There is a data set {name} already: `datasets remove {name}` deletes it.")


def place_for(name: str) -> Path:
    """The folder of a data set that is added on this machine."""
    return paths.data() / check_name(name)


def remove(name: str) -> None:
    """Delete a data set that was added on this machine; DatasetError where there is none."""
    if name not in added():
        listed = ", ".join(added()) or "none"
        raise DatasetError(f"No data set {name!r} was added here; those that were: {listed}.")
    shutil.rmtree(paths.data() / name)


def clean_title(text: str) -> str:
    """A title in one line of at most LONGEST_TITLE characters that print."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_TITLE].strip()


def added() -> list[str]:
    """The names of the data sets added on this machine, in the order of the alphabet."""
    return sorted(
        path.parent.name
        for path in paths.data().glob(f"*/{paths.DATASET}")
        if _NAME.fullmatch(path.parent.name) and not is_private(path.parent.name)
    )


def also_in(run: Path) -> None:
    """Look for data sets of one's own in this run's folder too, wherever it lies."""
    if run not in _elsewhere:
        _elsewhere.append(run)


def folder(name: str) -> Path | None:
    """The folder of a data set of one's own, its pictures where they are; None if there is none."""
    if not is_private(name):
        places = (paths.data() / name, *(run / name for run in _elsewhere)) if _NAME.fullmatch(name) else ()
        return next((place for place in places if (place / paths.DATASET).is_file()), None)
    known = _found.get(name)
    if known is None or not (known / paths.DATA).is_file():
        known = next(_places(name), None)
        if known is None:
            _found.pop(name, None)
        else:
            _found[name] = known
    return known


def _places(name: str) -> Iterator[Path]:
    """Where a visitor's data set is described, first where its pictures are."""
    described = [path / name for path in _elsewhere if (path / name / paths.DATASET).is_file()]
    for pattern in (f"*/{paths.DATASETS}/{name}", f"*/*/{name}"):
        described += [path.parent for path in paths.runs().glob(f"{pattern}/{paths.DATASET}")]
    yield from sorted(described, key=lambda place: not (place / paths.DATA).is_file())


def is_there(name: str) -> bool:
    """Whether a data set of one's own has this name; its pictures may be gone."""
    return folder(name) is not None


def describe(name: str) -> DatasetInfo:
    """The description of a data set of one's own; DatasetError if there is none, or it is damaged."""
    return described_in(_folder(name))


def described_in(place: Path) -> DatasetInfo:
    """The description in a data set's folder, which gives it its name; DatasetError where it is damaged."""
    return _read(place, files.modified(place / paths.DATASET))[0]


def store(name: str) -> OwnStore:
    """Where the arrays of a data set of one's own are kept; errors as for `describe`."""
    place = _folder(name)
    info, digest = _read(place, files.modified(place / paths.DATASET))
    return OwnStore(info.title, place / paths.DATA, digest)


def write(
    place: Path, title: str, class_names: list[str], arrays: dict[str, np.ndarray], **about: Any
) -> None:
    """Keep a data set in a folder: pictures first, then the description, which makes it one.

    arrays: x_train (n, 28, 28) and y_train (n,), x_test and y_test, all uint8, in the order that the loader's
    split expects. about: n_validation, of those in x_train, and whatever else the description shall say.
    """
    files.private_folder(place)
    files.write_npz(place / paths.DATA, **{name: arrays[name] for name in _ARRAYS})
    with (place / paths.DATA).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    sizes = {"n_train": len(arrays["y_train"]) - about["n_validation"], "n_test": len(arrays["y_test"])}
    said = {"title": title, "class_names": class_names, **sizes, "sha256": digest, **about}
    files.write_json(place / paths.DATASET, said)


def bring_along(name: str, run: Path, pictures: bool = False) -> None:
    """Leave a data set in the folder of a run: its description, and its pictures if asked for."""
    place, target = _folder(name), run / name
    if place == target:
        return
    files.private_folder(target)
    for file in (paths.DATA, paths.DATASET) if pictures else (paths.DATASET,):
        with contextlib.suppress(FileNotFoundError):
            files.write_bytes(target / file, (place / file).read_bytes())


def leave_behind(name: str, run: Path) -> None:
    """Delete the pictures that a run has brought along; the description stays."""
    (run / name / paths.DATA).unlink(missing_ok=True)


def pictures(name: str) -> Path | None:
    """The file of a data set's pictures and labels; None where they are gone."""
    path = _folder(name) / paths.DATA
    return path if path.is_file() else None


def file_name(name: str) -> str:
    """A name for a copy of it, of characters that any file system takes."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", describe(name).title).strip("-").lower()
    return plain or "data-set"


def about(name: str) -> dict[str, Any]:
    """All that the description of a data set of one's own says; errors as for `describe`."""
    return read_description(_folder(name))


def read_description(place: Path) -> dict[str, Any]:
    """The same of a folder. DatasetError where it is damaged."""
    try:
        said = files.read_json(place / paths.DATASET)
    except (FileNotFoundError, DamagedFile) as error:
        raise DatasetError(f"The description of the data set {place.name} is damaged.") from error
    names = said.get("class_names") if isinstance(said, dict) else None
    sound = (
        isinstance(names, list)
        and 2 <= len(names) <= MOST_CLASSES
        and all(isinstance(name, str) for name in (*names, said.get("title"), said.get("sha256")))
        and all(files.is_count(said.get(part)) for part in ("n_train", "n_validation", "n_test"))
    )
    if not sound:
        raise DatasetError(f"The description of the data set {place.name} is damaged.")
    return said


def _folder(name: str) -> Path:
    place = folder(name)
    if place is None:
        raise DatasetError(f"There is no data set {name!r} here any more.")
    return place


@lru_cache(maxsize=256)  # settings are checked against it several times a second
def _read(place: Path, _modified: int) -> tuple[DatasetInfo, str]:
    said = read_description(place)
    source = said.get("source")
    info = DatasetInfo(
        name=place.name,
        title=said["title"],
        class_names=tuple(said["class_names"]),
        source=source if isinstance(source, str) else "pictures of one's own",
        licence="that of its pictures",
        n_train=said["n_train"],
        n_validation=said["n_validation"],
        n_test=said["n_test"],
        own=True,
    )
    return info, said["sha256"]
