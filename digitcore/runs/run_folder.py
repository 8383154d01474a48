"""A training run is a folder: what is in it, read afresh on every call. TensorFlow is not needed.

    runs/<owner>/<run id>/
        settings.json   what was asked for; its existence makes the folder a run
        started         written when a trainer is launched
        relaunches      how many trainers have died since the last checkpoint and were replaced
        lock            held by the trainer for as long as it lives: locked means alive
        events.jsonl    one JSON object per line: progress, epochs, state, interventions (events.py)
        log.txt         whatever the trainer printed
        checkpoint.npz  the state of the fit at its beginning and after each epoch (training/checkpoint.py)
        unfinished/     the result while it is being made and measured (training/publication.py)
        replay/         what the network knew after each epoch (recording.py)
        model.*, test.npz
        card.json       the result; its existence means complete

Control files, by which anybody changes what the trainer does (requests.py writes them, and the trainer looks
for them ten times a second):

        stop            end the fit and keep its best epoch
        pause, step     wait; with `step` beside it, first learn to the end of the epoch
        learning-rate   {"value", "asked"}: use this learning rate from the next batch on
        more-epochs     {"epochs", "from", "until", "asked"}: what a complete run is still to do
        onnx            make an ONNX file too, at the end

Everything is written by temp-and-rename or appended in whole, flushed lines, so that a folder whose trainer
was killed at any byte can still be read, and another trainer continues from its checkpoint. What the files
mean together is up to state.py; `paths` owns their names.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import unicodedata
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitcore import files, paths
from digitcore.errors import DamagedFile, RunError
from digitcore.networks.ranges import RANGES
from digitcore.networks.settings import Settings
from digitcore.runs import events

LONGEST_NAME = 60
# These join the parts of an emoji or keep two letters of Persian apart; all other invisible characters go.
_JOINERS = ("\u200c", "\u200d")

# Two probes of one lock at the same instant would each take the other for a living trainer.
_probing = threading.Lock()


def clean_name(text: str) -> str:
    """A run's name on one line of at most `LONGEST_NAME` characters, without control and format characters,
    such as U+202E, which would reverse the text around it."""
    seen = [sign for sign in text if sign.isspace() or sign in _JOINERS or not _is_invisible(sign)]
    return " ".join("".join(seen).split())[:LONGEST_NAME].strip()


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign).startswith("C")


class Run:
    """One run's folder. `store` creates runs and finds them."""

    def __init__(self, folder: Path, recorded: bool = False) -> None:
        self.folder = Path(folder)
        self.recorded = recorded

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def _header(self) -> dict[str, Any]:
        try:
            header = files.read_json(self.file(paths.SETTINGS))
        except (FileNotFoundError, DamagedFile) as error:
            raise RunError(f"Run {self.id} has no readable settings.json.") from error
        sound = isinstance(header, dict) and isinstance(header.get("settings"), dict)
        if not sound or not files.is_number(header.get("created")):
            raise RunError(f"Run {self.id} has no readable settings.json.")
        return header

    @property
    def settings(self) -> Settings:
        """What was asked for. RunError if it is damaged, SettingsError if it is from another version."""
        return Settings.from_dict(self._header["settings"])

    @property
    def name(self) -> str:
        name = self._header.get("name")
        name = clean_name(name) if isinstance(name, str) else ""
        return name or clean_name(f"{self._header['settings'].get('architecture')} · {self.id[-4:]}")

    @property
    def created(self) -> float:
        """Unix time at which the run was requested."""
        return float(self._header["created"])

    @property
    def sweep(self) -> str | None:
        """The id that the runs of one sweep share; None for a run that is not part of one."""
        sweep = self._header.get("sweep")
        return sweep if isinstance(sweep, str) and sweep else None

    def file(self, *name: str) -> Path:
        return self.folder.joinpath(*name)

    def card(self) -> dict[str, Any] | None:
        """The result, or None if there is none yet; RunError if it is damaged."""
        try:
            card = files.read_json(self.file(paths.CARD))
        except FileNotFoundError:
            return None
        except DamagedFile as error:
            raise RunError(f"Run {self.id} has a damaged card.json.") from error
        if not isinstance(card, dict):
            raise RunError(f"Run {self.id} has a damaged card.json.")
        return card

    def events(self) -> list[dict[str, Any]]:
        """Everything that happened, in order; for curves see `learning_events`."""
        return self.events_after(0)[0]

    def events_after(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Events from byte `offset` on, and the offset for the next call."""
        return events.read(self.file(paths.EVENTS), offset)

    def learning_events(self) -> list[dict[str, Any]]:
        """`events` without what a resumed trainer learnt again, so that epochs and steps only grow."""
        return events.without_superseded(self.events())

    def interventions(self) -> list[dict[str, Any]]:
        """What people did to the run during its training, oldest first; see `events.interventions`."""
        return events.interventions(self.events())

    def append_event(self, event: str, **values: Any) -> None:
        """Append one event with the time."""
        events.append(self.file(paths.EVENTS), event, **values)

    def last_state(self) -> str | None:
        """The state in the newest state event."""
        return events.last_state(self.file(paths.EVENTS))

    def log_tail(self, lines: int = 12) -> str:
        """The last lines that the trainer printed."""
        try:
            with self.file(paths.LOG).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def lock(self) -> FileLock:
        """The lock that the trainer holds while it lives."""
        return FileLock(self.file(paths.LOCK), mode=0o600)

    def alive(self) -> bool:
        """Whether a trainer holds the lock now; no process id is needed, so it works after a restart too."""
        if not self.file(paths.LOCK).exists():
            return False
        with _probing:
            for pause in (0.005, 0.0):  # another process may be probing for an instant; a trainer stays
                try:
                    with self.lock().acquire(timeout=0):
                        return False
                except Timeout:
                    time.sleep(pause)
        return True

    def stop_requested(self) -> bool:
        return self.file(paths.STOP).exists()

    def paused(self) -> bool:
        """Whether a trainer must wait now."""
        return self.file(paths.PAUSE).exists() and not self.file(paths.STEP).exists()

    def requested_learning_rate(self) -> dict[str, Any] | None:
        """The newest request for another rate, {"value", "asked"}, obeyed or not; None if there was none."""
        asked = self._request(paths.LEARNING_RATE)
        if not isinstance(asked, dict) or not files.is_number(asked.get("asked")):
            return None
        return asked if RANGES["learning_rate"].problem("", asked.get("value")) is None else None

    def more_epochs(self) -> dict[str, Any] | None:
        """What a complete run is still to do, {"epochs", "from", "until", "asked"}; None if nothing."""
        request = self._request(paths.MORE_EPOCHS)
        if not _is_more_epochs(request):
            return None
        return None if request in self._done_more_epochs() else request

    def all_more_epochs(self) -> list[dict[str, Any]]:
        """All requests for more epochs, oldest first, whether they are done or not."""
        more = self.more_epochs()
        return [*self._done_more_epochs(), *([more] if more else [])]

    def relaunches(self) -> int:
        """How many trainers have died since the last checkpoint and were replaced."""
        count = self._request(paths.RELAUNCHES)
        return count if files.is_count(count) else 0

    def _done_more_epochs(self) -> list[dict[str, Any]]:
        with contextlib.suppress(RunError):
            done = (self.card() or {}).get("more_epochs")
            return [each for each in done if _is_more_epochs(each)] if isinstance(done, list) else []
        return []

    def _request(self, name: str) -> Any:
        """The content of a control file; None if there is none, or it is damaged."""
        with contextlib.suppress(FileNotFoundError, DamagedFile):
            return files.read_json(self.file(name))
        return None


def _is_more_epochs(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and RANGES["epochs"].problem("", value.get("epochs")) is None
        and files.is_count(value.get("from"))
        and value.get("until") == value["from"] + value["epochs"]
        and files.is_number(value.get("asked"))
    )
