"""A training run is a folder; this module writes and reads one. It knows nothing of TensorFlow.

    runs/<owner>/<run id>/
        settings.json   what was asked for; its existence makes the folder a run
        started         written when a trainer is launched
        relaunches      how many trainers have died since the last checkpoint and were replaced
        lock            held by the trainer for as long as it lives: locked means alive
        events.jsonl    one JSON object a line: progress, epochs, changes of state, interventions
        log.txt         whatever the trainer printed
        checkpoint.npz  where the fit is: as it began, and after each epoch (checkpoint.py)
        unfinished/     the result while it is made and measured, before it takes its place (publication.py)
        model.*, test.npz
        card.json       the result; its existence means complete

Control files, by which anybody changes what the trainer does, which looks for them ten times a second:

        stop            end the fit and keep its best epoch
        pause, step     wait; with `step` beside it, first learn to the end of the epoch
        learning-rate   {"value", "asked"}: learn at this rate from the next batch on
        more-epochs     {"epochs", "from", "until", "asked"}: what a complete run shall still do

Everything is written by temp-and-rename or appended by whole flushed lines, so that a folder whose
trainer was killed at any byte still reads, and another trainer goes on from its checkpoint.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitcore.errors import RunError, SettingsError
from digitcore.settings import RANGES, Settings

# A trainer takes its lock as soon as Python has started, long before TensorFlow is loaded; one that has
# not done so after this many seconds (a busy classroom host included) never will.
START_GRACE_SECONDS = 60.0

# So often the queue replaces a trainer that died without having come an epoch further.
MOST_RELAUNCHES = 3

CHECKPOINT, UNFINISHED, DRAFT = "checkpoint.npz", "unfinished", "draft.json"

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
        return self.name == "queued" or self.training

    @property
    def training(self) -> bool:
        """Whether it has a trainer, which takes a place and memory."""
        return self.name in _ALIVE


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

    def request_stop(self) -> None:
        """Ask the trainer to end the fit and keep its best epoch; obeyed within a second."""
        self._refuse_if_recorded()
        self.file("stop").touch()

    def stop_requested(self) -> bool:
        return self.file("stop").exists()

    def request_pause(self) -> None:
        """Ask the trainer to wait, with everything in memory; obeyed within a second.

        RunError where the run is over, or is being finished.
        """
        self._expect_learning("paused")
        self.file("pause").touch()
        self.file("step").unlink(missing_ok=True)

    def request_resume(self) -> None:
        """Ask a paused trainer to go on; obeyed within a second. RunError as for `request_pause`."""
        self._expect_learning("resumed")
        self.file("pause").unlink(missing_ok=True)
        self.file("step").unlink(missing_ok=True)

    def request_step(self) -> None:
        """Ask the trainer to learn to the end of an epoch and to wait there: of the next one if it waits
        between two, of the one it is in otherwise. RunError as for `request_pause`."""
        self._expect_learning("stepped")
        self.file("step").touch()  # first: with `pause` alone the trainer would wait at once
        self.file("pause").touch()

    def paused(self) -> bool:
        """Whether a trainer must wait now."""
        return self.file("pause").exists() and not self.file("step").exists()

    def request_learning_rate(self, value: float) -> None:
        """Ask the trainer to learn at another rate from the next batch on (learning_rate.py says how a
        schedule goes on from there). SettingsError outside the allowed range; RunError as for
        `request_pause`."""
        problem = RANGES["learning_rate"].problem("learning_rate", value)
        if problem:
            raise SettingsError(problem)
        self._expect_learning("given another learning rate")
        write_json(self.file("learning-rate"), {"value": float(value), "asked": time.time()})

    def requested_learning_rate(self) -> dict[str, Any] | None:
        """The newest such request, {"value", "asked"}, obeyed or not; None where there was none."""
        return _read_request(self.file("learning-rate"))

    def request_more_epochs(self, epochs: int) -> None:
        """Ask that a complete run learns `epochs` more; it is queued, and keeps its model until the new one
        is measured. RunError where it is not complete, or has no checkpoint to go on from."""
        self._refuse_if_recorded()
        problem = RANGES["epochs"].problem("The number of further epochs", epochs)
        if problem:
            raise SettingsError(problem)
        state = self.state()
        if state.active or not state.has_model:
            raise RunError(
                f"Only a run that has ended with a model can learn further epochs; this one: {state.text}"
            )
        if not self.file(CHECKPOINT).exists():
            raise RunError("This run has no checkpoint to go on from; train it anew with more epochs.")
        done = (self.card() or {})["epochs_run"]
        for name in ("stop", "pause", "step", "learning-rate", "relaunches"):
            self.file(name).unlink(missing_ok=True)
        request = {"epochs": epochs, "from": done, "until": done + epochs, "asked": time.time()}
        write_json(self.file("more-epochs"), request)

    def more_epochs(self) -> dict[str, Any] | None:
        """What a complete run shall still do, {"epochs", "from", "until", "asked"}; None: nothing."""
        request = _read_request(self.file("more-epochs"))
        if request is None or self.file(UNFINISHED, "card.json").exists():
            return None  # it has been done; the new card is on its way
        with contextlib.suppress(RunError):
            if request in (self.card() or {}).get("more_epochs", []):
                return None
        return request

    def _refuse_if_recorded(self) -> None:
        if self.recorded:
            raise RunError("This run is a recording that ships with the app; it cannot be changed.")

    def _expect_learning(self, what: str) -> None:
        self._refuse_if_recorded()
        state = self.state()
        if state.name not in ("queued", "starting", "running", "paused"):
            raise RunError(f"This run cannot be {what} any more: {state.text}")

    def mark_started(self) -> None:
        """Say that a trainer was launched; one that replaces a trainer that died is counted."""
        if self.file("started").exists() and self.last_state() in _ALIVE:
            write_json(self.file("relaunches"), self._relaunches() + 1)
        write_json(self.file("started"), {"time": time.time()})

    def _relaunches(self) -> int:
        try:
            return int(self.file("relaunches").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0

    def waits_for_trainer(self) -> bool:
        """Whether the queue shall launch a trainer: on a run that was never started, one that shall learn
        more epochs, and one whose trainer died after it had begun to learn (asked to stop or not: it will
        keep its best epoch), unless that happened `MOST_RELAUNCHES` times without a new checkpoint."""
        if self._is_complete():
            return False
        if not self.file("started").exists():
            asked_for = self.file("settings.json").exists()
            return asked_for and not self.stop_requested() and not self.file("events.jsonl").exists()
        return not self.alive() and not self._launching() and self._is_resumable()

    def _is_complete(self) -> bool:
        return self.file("card.json").exists() and self.more_epochs() is None

    def _launching(self) -> bool:
        """Whether a trainer was launched a moment ago and has not written anything yet."""
        try:
            launched = self.file("started").stat().st_mtime
            if self.file("events.jsonl").exists() and self.file("events.jsonl").stat().st_mtime > launched:
                return False
        except FileNotFoundError:
            return False
        return abs(time.time() - launched) < START_GRACE_SECONDS  # a clock may have been set back

    def _is_resumable(self) -> bool:
        """Whether a started run, whose trainer is gone, is the queue's to go on with."""
        if self._relaunches() >= MOST_RELAUNCHES:
            return False
        if self.last_state() in _ALIVE:  # neither it nor anybody else said that this was the end
            return any(
                self.file(*names).exists()
                for names in ((CHECKPOINT,), (UNFINISHED, DRAFT), (UNFINISHED, "card.json"))
            )
        return self.last_state() != "failed" and self.more_epochs() is not None

    def state(self) -> State:
        """Where the run stands, truthfully, from its files and its lock alone."""
        if self._is_complete():
            return self._complete_state()
        alive = self.alive()
        last = self.last_state()
        has_model = self.file("card.json").exists()  # of before the epochs that are being added
        if self._is_complete():  # it may have become so between the two looks
            return self._complete_state()
        if alive or self._launching():
            name = last if alive and last in _ALIVE else "starting"
            return replace(_ALIVE[name], has_model=has_model)
        if self.waits_for_trainer():
            return State("queued", "Waiting for its turn.", has_model)
        if has_model:
            return self._complete_state()
        if last in ("stopped", "failed"):
            return _ended(last, "Stopped before it had learnt anything.", "Failed; the log says why.")
        if not self.folder.exists():
            return State("failed", "This run was deleted.")
        if not self.file("started").exists():
            return State("queued", "Waiting for its turn.")
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
        if self.more_epochs() is not None:
            return State("finished", "Finished; learning further epochs failed, the log says why.", True)
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
    "paused": State("paused", "Paused."),
    "finishing": State("finishing", "Finishing: exporting the model and reading the test pictures."),
}


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


def _read_request(path: Path) -> dict[str, Any] | None:
    try:
        request = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return request if isinstance(request, dict) else None


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
