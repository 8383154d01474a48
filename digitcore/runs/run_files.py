"""The files of a training run: read and written so that whoever is killed at any byte, they still read.

`run_folder` says which files there are and what they mean together.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitcore.errors import RunError
from digitcore.networks.settings import Settings

# Two probes of one lock at the same instant would each take the other for a living trainer.
_probing = threading.Lock()


def write_json(path: Path, value: Any) -> None:
    """Write by temp-and-rename: a reader sees the old file or the new one, never a half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"  # before a file is made: it may fail
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def modified(path: Path) -> int:
    """When a file or folder was last changed, in nanoseconds since 1970; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


class RunFiles:
    """What lies in one run folder, read afresh on every call."""

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

    @property
    def sweep(self) -> str | None:
        """The id that the runs of one sweep have in common; None for a run of its own."""
        return self._header.get("sweep")

    def file(self, *name: str) -> Path:
        return self.folder.joinpath(*name)

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
        """Everything that happened, in the order in which it did; for curves see `learning_events`."""
        return self.events_after(0)[0]

    def learning_events(self) -> list[dict[str, Any]]:
        """`events` without what a resumed trainer learnt again: epochs and steps only ever grow."""
        return without_superseded(self.events())

    def interventions(self) -> list[dict[str, Any]]:
        """What people did to the run while it learnt, oldest first: {"what", "epoch", "step", "time", …}.

        what: "pause", "resume", "step", "learning rate" (with "value"), "more epochs" (with "epochs") or
        "stop"; epoch: the one it happened in, counted from 1; step: batches learnt before it.
        """
        return [
            {name: value for name, value in event.items() if name != "event"}
            for event in self.events()
            if event.get("event") == "intervention"
        ]

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


def without_superseded(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without the progress that was lost with its trainer: after {"event": "resumed", "epoch": e}
    come epoch e + 1 and the following ones again, so what earlier lines say of those is left out."""
    kept: list[dict[str, Any]] = []
    for event in events:
        if event.get("event") == "resumed":
            kept = [
                old for old in kept if old.get("event") not in _PROGRESS or old["epoch"] <= event["epoch"]
            ]
        kept.append(event)
    return kept


_PROGRESS = ("batch", "validation", "epoch")


def read_request(path: Path) -> dict[str, Any] | None:
    try:
        request = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return request if isinstance(request, dict) else None


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
