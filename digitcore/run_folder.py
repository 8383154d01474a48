"""A training run is a folder; this module writes and reads one. It knows nothing of TensorFlow.

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

import json
import os
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

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has
# not done so after this many seconds (a busy classroom host included) never will.
START_GRACE_SECONDS = 60.0

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
    """One run folder, read afresh on every call. `runs` makes them and looks them up."""

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
        if not self.folder.exists():
            return State("failed", "This run was deleted.")
        if not self.file("started").exists():
            return State("queued", "Waiting for its turn.")
        waited = time.time() - self.file("started").stat().st_mtime
        if last is None and abs(waited) < START_GRACE_SECONDS:  # a clock may have been set back
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
