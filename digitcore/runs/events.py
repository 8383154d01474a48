"""What a trainer reports: events.jsonl, one JSON object per line, appended and never changed.

    state         {"state"}: starting, running, paused, finishing, finished, stopped, failed, released
    batch         {"epoch", "batch", "batches", "step", "loss", "accuracy", "learning_rate"}, twice a second
    validation    {"epoch", "batch"}
    epoch         {"epoch", "epochs", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate",
                  "seconds", "best"}
    resumed       {"epoch"}: another trainer continues after that epoch, and reports again what came later
    intervention  {"what", "epoch", "step", …}: see `interventions`
    message       {"text"}

Each has its "event" and "time". A line that is not such an object, because a trainer was killed while writing
it or the disk damaged it, is skipped: what is returned has every field of its kind, of the right type.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from digitcore.files import is_count, is_number, private

Event = dict[str, Any]
Check = Callable[[Any], bool]


def _is_positive(value: Any) -> bool:
    return is_count(value) and value > 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_PROGRESS = ("batch", "validation", "epoch")
_FIELDS: dict[str, dict[str, Check]] = {
    "state": {"state": _is_text},
    "batch": {
        **dict.fromkeys(("epoch", "batch", "batches", "step"), _is_positive),
        **dict.fromkeys(("loss", "accuracy", "learning_rate"), is_number),
    },
    "validation": {"epoch": _is_positive, "batch": _is_positive},
    "epoch": {
        "epoch": _is_positive,
        "best": lambda value: isinstance(value, bool),
        **dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy", "seconds"), is_number),
    },
    "resumed": {"epoch": is_count},
    "intervention": {"what": _is_text, "epoch": is_count, "step": is_count},
    "message": {"text": _is_text},
}
_OF_INTERVENTIONS: dict[str, dict[str, Check]] = {
    "learning rate": {"value": is_number},
    "more epochs": {"epochs": _is_positive},
}


def is_sound(event: Any) -> bool:
    """Whether this is an event with all the fields of its kind; kinds of a later version are accepted."""
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return False
    if not is_number(event.get("time")):
        return False
    wanted = _FIELDS.get(event["event"], {})
    if event["event"] == "intervention":
        wanted = wanted | _OF_INTERVENTIONS.get(str(event.get("what")), {})
        if "asked" in event and not is_number(event["asked"]):
            return False
    return all(name in event and check(event[name]) for name, check in wanted.items())


def read(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """The events from byte `offset` on, and the offset for the next call. A half line at the end is left."""
    data = _bytes(path, offset)
    whole = data[: data.rfind(b"\n") + 1]
    return list(_parsed(whole)), offset + len(whole)


def append(path: Path, event: str, **values: Any) -> None:
    """Append an event with the time; a half line left by a killed writer is ended first."""
    line = json.dumps({"event": event, "time": round(time.time(), 3), **values}, ensure_ascii=False)
    torn = path.exists() and path.stat().st_size > 0 and not _ends_with_newline(path)
    with open(path, "a", encoding="utf-8", opener=private) as file:
        file.write(("\n" if torn else "") + line + "\n")


def last_state(path: Path) -> str | None:
    """The newest state event's state; read from the end of the file, where it is found quickly."""
    data = _bytes(path, 0)
    at = data.rfind(b'"event": "state"')
    while at >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        for event in _parsed(data[start : end if end >= 0 else len(data)]):
            return event.get("state")
        at = data.rfind(b'"event": "state"', 0, at)
    return None


def survives(event: Event, resumed: Event) -> bool:
    """Whether an event still counts after {"event": "resumed", "epoch": e}: epoch e + 1 and the following
    ones, which were lost with their trainer, are learnt and reported again."""
    return event["event"] not in _PROGRESS or event["epoch"] <= resumed["epoch"]


def without_superseded(events: list[Event]) -> list[Event]:
    """The events without progress that was lost with its trainer, so that epochs and steps only grow."""
    kept: list[Event] = []
    for event in events:
        if event["event"] == "resumed":
            kept = [old for old in kept if survives(old, event)]
        kept.append(event)
    return kept


def interventions(events: list[Event]) -> list[dict[str, Any]]:
    """What people did to a run during its training, oldest first: {"what", "epoch", "step", "time", …}.

    what: "pause", "resume", "step", "learning rate" (with "value"), "more epochs" (with "epochs") or
    "stop"; epoch: the epoch in which it happened, counted from 1; step: batches learnt from before it.
    """
    return [
        {name: value for name, value in event.items() if name != "event"}
        for event in events
        if event["event"] == "intervention"
    ]


def _bytes(path: Path, offset: int) -> bytes:
    """The bytes from an offset on; none if there is no file or it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except OSError:
        return b""


def _parsed(data: bytes) -> Iterator[Event]:
    for line in data.splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # a half line: its writer was killed
        if is_sound(event):
            yield event


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
