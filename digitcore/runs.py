"""A training run is a folder; this module writes and reads it. It knows nothing of TensorFlow.

    runs/<owner>/<run id>/
        settings.json   what was asked for; its existence makes the folder a run
        started         written when a trainer is launched
        lock            held by the trainer for as long as it lives: locked means alive
        stop            a control file: the trainer ends the fit when it sees it
        events.jsonl    one JSON object a line: progress, epochs, changes of state
        log.txt         whatever the trainer printed
        model.tflite, model.keras, model.h5, test.npz
        card.json       the result; written last, so its existence means complete

Everything is written by temp-and-rename or appended by whole flushed lines, so that a folder whose
trainer was killed at any byte still reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitcore.errors import RunError
from digitcore.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
RECORDED = REPOSITORY / "models" / "recorded"

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has
# not done so after this many seconds (a busy classroom host included) never will.
START_GRACE_SECONDS = 60.0

_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_OWNER = re.compile(r"[0-9a-f]{32}")
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{8,80}")
# Two probes of one lock at the same instant would each take the other for a living trainer.
_probing = threading.Lock()


@dataclass(frozen=True)
class State:
    """Where a run stands: its name, one sentence for people, and whether a model can be used."""

    name: str
    text: str
    has_model: bool = False

    @property
    def active(self) -> bool:
        """Whether something may still happen without anybody pressing a button."""
        return self.name in ("queued", "starting", "running", "finishing")


def root() -> Path:
    """Where runs are kept: $DIGITLAB_RUNS, or `runs/` beside the app."""
    return Path(os.environ.get("DIGITLAB_RUNS") or REPOSITORY / "runs")


def new_key() -> str:
    """An unguessable key (128 random bits) under which a visitor's runs are kept."""
    return secrets.token_urlsafe(16)


def check_key(key: str) -> str:
    """The key itself if it has the form of one, else RunError."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise RunError("A link's key is 22 to 64 letters, digits, - or _; this address has something else.")
    return key


def owner_folder(key: str) -> Path:
    """A visitor's folder. Named by a hash, so that a listing of the disk gives nobody's key away."""
    return root() / hashlib.sha256(check_key(key).encode()).hexdigest()[:32]


def write_json(path: Path, value: Any) -> None:
    """Write by temp-and-rename: a reader sees the old file or the new one, never a half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"  # before a file is made: it may fail
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


class Run:
    """One run folder, read afresh on every call. `create` makes one, `find` and `list_runs` look them up."""

    def __init__(self, folder: Path, recorded: bool = False) -> None:
        self.folder = Path(folder)
        self.recorded = recorded

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def _header(self) -> dict[str, Any]:
        try:
            header = json.loads(self.file("settings.json").read_text(encoding="utf-8"))
            float(header["created"]), dict(header["settings"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise RunError(f"Run {self.id} has no readable settings.json.") from error
        return header

    @property
    def settings(self) -> Settings:
        return Settings.from_dict(self._header["settings"])

    @property
    def name(self) -> str:
        return self._header.get("name") or f"{self._header['settings'].get('architecture')} · {self.id[-4:]}"

    @property
    def created(self) -> float:
        """Unix time at which the run was asked for."""
        return float(self._header["created"])

    def file(self, name: str) -> Path:
        return self.folder / name

    def card(self) -> dict[str, Any] | None:
        """The result, or None while there is none; RunError where it is damaged."""
        try:
            card = json.loads(self.file("card.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise RunError(f"Run {self.id} has a damaged card.json.") from error
        if not isinstance(card, dict):
            raise RunError(f"Run {self.id} has a damaged card.json.")
        return card

    def events(self) -> list[dict[str, Any]]:
        return self.events_after(0)[0]

    def events_after(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Events from byte `offset` on, and the offset to go on from. A half line at the end waits."""
        try:
            with self.file("events.jsonl").open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return [], offset
        whole = data[: data.rfind(b"\n") + 1]
        return list(_parsed(whole)), offset + len(whole)

    def append_event(self, event: str, **values: Any) -> None:
        """Append one event with the time; a half line left by a killed writer is closed first."""
        line = json.dumps({"event": event, "time": round(time.time(), 3), **values}, ensure_ascii=False)
        path = self.file("events.jsonl")
        torn = path.exists() and path.stat().st_size > 0 and not _ends_with_newline(path)
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + line + "\n")

    def log_tail(self, lines: int = 12) -> str:
        """The last lines that the trainer printed."""
        try:
            with self.file("log.txt").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def lock(self) -> FileLock:
        """The lock that the trainer holds while it lives."""
        return FileLock(self.file("lock"))

    def alive(self) -> bool:
        """Whether a trainer holds the lock now; asked without pids, so it survives restarts of the app."""
        if not self.file("lock").exists():
            return False
        with _probing:
            for pause in (0.005, 0.0):  # another process may be probing too, for an instant: a trainer stays
                try:
                    with self.lock().acquire(timeout=0):
                        return False
                except Timeout:
                    time.sleep(pause)
        return True

    def request_stop(self) -> None:
        """Ask the trainer to end the fit and keep its best epoch; obeyed within a second."""
        if self.recorded:
            raise RunError("This run is a recording that ships with the app; it cannot be stopped.")
        self.file("stop").touch()

    def stop_requested(self) -> bool:
        return self.file("stop").exists()

    def mark_started(self) -> None:
        write_json(self.file("started"), {"time": time.time()})

    def state(self) -> State:
        """Where the run stands, truthfully, from its files and its lock alone."""
        if self.file("card.json").exists():
            return self._complete_state()
        alive = self.alive()
        last = self.last_state()
        if self.file("card.json").exists():  # it may have completed between the two looks
            return self._complete_state()
        if alive:
            return _ALIVE.get(last or "", _ALIVE["starting"])
        if last in ("stopped", "failed"):
            return _ended(last, "Stopped before it had learnt anything.", "Failed; the log says why.")
        if not self.file("started").exists():
            return State("queued", "Waiting for its turn.")
        if last is None and time.time() - self.file("started").stat().st_mtime < START_GRACE_SECONDS:
            return _ALIVE["starting"]
        return State("failed", "Failed: its process ended before the run was complete.")

    def _complete_state(self) -> State:
        try:
            card = self.card() or {}
        except RunError:  # one damaged file must not hold up everybody's queue
            return State("failed", "Failed: its card.json, the result, is damaged.")
        if card.get("stopped"):
            best = card.get("best_epoch")
            kept = (
                f"its best epoch, epoch {best}, was kept" if best else "what it had learnt by then was kept"
            )
            return State("stopped", f"Stopped; {kept}.", True)
        return State("finished", "Finished.", True)

    def last_state(self) -> str | None:
        """What the newest state event says; read from the end of the file, where it is cheap to find."""
        try:
            with self.file("events.jsonl").open("rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        at = data.rfind(b'"event": "state"')
        while at >= 0:
            start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
            for event in _parsed(data[start : end if end >= 0 else len(data)]):
                return event.get("state")
            at = data.rfind(b'"event": "state"', 0, at)
        return None


_ALIVE = {
    "starting": State("starting", "Starting: loading TensorFlow and the pictures."),
    "running": State("running", "Learning."),
    "finishing": State("finishing", "Finishing: exporting the model and reading the test pictures."),
}


def _ended(name: str, stopped: str, failed: str) -> State:
    return State(name, stopped if name == "stopped" else failed)


def _parsed(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # a half line: its writer was killed
        if isinstance(event, dict):
            yield event


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def create(settings: Settings, key: str, name: str = "") -> Run:
    """A new run folder of a visitor; it is queued until a trainer is started on it."""
    return create_at(owner_folder(key) / _new_id(settings), settings, name)


def create_at(folder: Path, settings: Settings, name: str = "") -> Run:
    """A new run in a folder of one's choice; RunError if a run is there already."""
    run = Run(folder)
    if run.file("settings.json").exists():
        raise RunError(f"{folder} holds a run already; choose another folder.")
    run.folder.mkdir(parents=True, exist_ok=True)
    header = {"settings": settings.to_dict(), "name": " ".join(name.split())[:60], "created": time.time()}
    write_json(run.file("settings.json"), header)
    return run


def _new_id(settings: Settings) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{stamp}-{settings.architecture}-{secrets.token_hex(4)}"


def find(key: str, run_id: str) -> Run:
    """A visitor's run, or a recorded one, by its id; RunError if there is none."""
    if not _RUN_ID.fullmatch(run_id or ""):
        raise RunError("There is no run of that name under this link.")
    for folder, recorded in ((owner_folder(key), False), (RECORDED, True)):
        if (folder / run_id / "settings.json").is_file():
            return Run(folder / run_id, recorded)
    raise RunError(f"There is no run {run_id} under this link.")


def list_runs(key: str) -> list[Run]:
    """A visitor's runs, newest first."""
    return _runs_in(owner_folder(key))


def recorded() -> list[Run]:
    """The complete runs that ship with the app."""
    return [Run(run.folder, recorded=True) for run in _runs_in(RECORDED)]


def all_runs() -> list[Run]:
    """Every visitor's runs, oldest first: for the queue and for keeping the disk bounded. Runs typed at
    the command line lie beside them (runs/command-line) and are neither queued nor deleted by the app."""
    runs = [run for owner in _folders(root()) if _OWNER.fullmatch(owner.name) for run in _runs_in(owner)]
    return sorted(runs, key=lambda run: (run.created, run.id))


def _runs_in(folder: Path) -> list[Run]:
    runs = []
    for path in _folders(folder):
        run = Run(path)
        # One damaged folder must not hide the other runs, nor hold up everybody's queue.
        with contextlib.suppress(RunError):
            run.created  # noqa: B018
            runs.append(run)
    return sorted(runs, key=lambda run: (run.created, run.id), reverse=True)


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []
