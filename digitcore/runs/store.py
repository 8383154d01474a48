"""Everybody's runs on disk: created under a visitor's key, and found again only by that key.

runs/<hash of the visitor's key>/<run id>/      see run_folder.py
runs/command-line/…                             started from a command line; the app ignores them
models/recorded/<run id>/                       shipped with the app, read-only
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from digitcore import files, paths
from digitcore.datasets import own
from digitcore.errors import RunError
from digitcore.networks.settings import Settings
from digitcore.runs import extra_digits
from digitcore.runs.run_folder import Run, clean_name

_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_OWNER = re.compile(r"[0-9a-f]{32}")
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{8,80}")


def new_key() -> str:
    """An unguessable key (128 random bits) under which a visitor's runs are kept."""
    return secrets.token_urlsafe(16)


def check_key(key: str) -> str:
    """The key itself if it has the form of a key, otherwise RunError."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise RunError("A link's key is 22 to 64 letters, digits, - or _; this address has something else.")
    return key


def owner_folder(key: str) -> Path:
    """A visitor's folder. It is named by a hash, so that a directory listing gives nobody's key away."""
    return paths.runs() / hashlib.sha256(check_key(key).encode()).hexdigest()[:32]


def create(
    settings: Settings, key: str, name: str = "", sweep: str | None = None, extra: bytes | None = None
) -> Run:
    """A new run folder for a visitor; the run is queued until a trainer is started on it."""
    return create_at(owner_folder(key) / _new_id(settings), settings, name, sweep, extra)


def create_at(
    folder: Path, settings: Settings, name: str = "", sweep: str | None = None, extra: bytes | None = None
) -> Run:
    """A new run in any folder; RunError if there is a run in it already.

    sweep: the id that the runs of one sweep share; it is kept in the header of settings.json.
    extra: digits to learn from besides the data set's, as `extra_digits.pack` makes them.
    """
    run = Run(folder)
    if run.file(paths.SETTINGS).exists():
        raise RunError(f"{folder} already holds a run; choose another folder.")
    files.private_folder(run.folder)
    if extra is not None:  # before settings.json, which makes the folder a run that a trainer may take
        files.write_bytes(run.file(extra_digits.FILE), extra)
    if own.is_private(settings.dataset):
        own.bring_along(settings.dataset, run.folder)
    header = {"settings": settings.to_dict(), "name": clean_name(name), "created": time.time()}
    if sweep:
        header["sweep"] = sweep
    files.write_json(run.file(paths.SETTINGS), header)
    return run


def _new_id(settings: Settings) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{stamp}-{settings.architecture}-{secrets.token_hex(4)}"


def find(key: str, run_id: str) -> Run:
    """A visitor's run, or a recorded one, by its id; RunError if there is none."""
    if not _RUN_ID.fullmatch(run_id or ""):
        raise RunError("There is no run of that name under this link.")
    for folder, recorded in ((owner_folder(key), False), (paths.RECORDED, True)):
        if (folder / run_id / paths.SETTINGS).is_file():
            return Run(folder / run_id, recorded)
    raise RunError(f"There is no run {run_id} under this link.")


def list_runs(key: str) -> list[Run]:
    """A visitor's runs, newest first."""
    return _runs_in(owner_folder(key))


def owners() -> list[Path]:
    """The folders of all visitors."""
    return [folder for folder in _folders(paths.runs()) if _OWNER.fullmatch(folder.name)]


def of_owner(owner: str) -> list[Run]:
    """The runs under the hash of a visitor's key (`owner_folder(key).name`), newest first."""
    return _runs_in(paths.runs() / owner) if _OWNER.fullmatch(owner) else []


def recorded() -> list[Run]:
    """The complete runs that ship with the app."""
    return [Run(run.folder, recorded=True) for run in _runs_in(paths.RECORDED)]


def all_runs(but: Callable[[Path], bool] = lambda folder: False) -> list[Run]:
    """Every visitor's runs, oldest first: for the queue and for bounding the use of the disk. Runs started
    from a command line lie beside them (runs/command-line) and are neither queued nor deleted by the app.

    but: runs in folders for which this returns True are left out, and not read.
    """
    runs = [run for owner in owners() for run in _runs_in(owner, but)]
    return sorted(runs, key=lambda run: (run.created, run.id))


def _runs_in(folder: Path, but: Callable[[Path], bool] = lambda folder: False) -> list[Run]:
    runs = []
    for path in _folders(folder):
        if but(path):
            continue
        run = Run(path)
        # One damaged folder must not hide the other runs or hold up everybody's queue.
        with contextlib.suppress(RunError):
            run.created  # noqa: B018
            runs.append(run)
    return sorted(runs, key=lambda run: (run.created, run.id), reverse=True)


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []
