"""The board of a class: the finished runs of the students who show them, the best first; and, where the class
draws symbols, those that read them.

Ranked by validation accuracy: keeping the best of twenty networks by its test accuracy would be choosing by
the test. When the teacher reveals the test, it decides the ranking, and both are shown.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from digitcore import paths
from digitcore.classroom.classes import Classroom, Room
from digitcore.classroom.students import Students
from digitcore.errors import DigitcoreError, RunError
from digitcore.runs import cards
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run

# All runs on a board are measured on the same pictures.
DATASET = "mnist"
LEAST_SYMBOLS = 2


@dataclass(frozen=True)
class Score:
    """Right answers on one part of the data."""

    accuracy: float
    misses: int
    n: int


@dataclass(frozen=True)
class Row:
    """A run on the board. place: from 1, in the present ranking; by_validation: its place before the reveal.

    test: None until it is revealed. class_digits: how many drawings of the class set it learnt from.
    folder: where its model is; no page shows it, because it is named after the student's key. model: the
    model's hash, which changes if the run is continued.
    """

    place: int
    by_validation: int
    nickname: str
    name: str
    architecture: str
    parameters: int
    validation: Score
    test: Score | None
    class_digits: int
    folder: Path
    model: str
    dataset: str = DATASET
    class_names: tuple[str, ...] = ()


def rows(classroom: Classroom, room: Room) -> list[Row]:
    """The board as it is now, without runs that their students have deleted."""
    return _ranked(room, [row for row in _shown(classroom, room) if row.dataset == DATASET])


def readers(classroom: Classroom, room: Room) -> list[Row]:
    """The same of runs that read nothing but symbols of this class, at least LEAST_SYMBOLS of them."""
    ours = set(room.class_names)
    found = _shown(classroom, room)
    return _ranked(
        room,
        [row for row in found if len(row.class_names) >= LEAST_SYMBOLS and ours.issuperset(row.class_names)],
    )


def _shown(classroom: Classroom, room: Room) -> list[Row]:
    found = []
    for student in Students(classroom).of(room):
        if not student.shows_runs:
            continue
        for run in run_store.of_owner(student.owner):
            # What somebody trained before joining is not the class's business.
            if run.created < student.joined or run.created > (room.runs_until or run.created):
                continue
            with contextlib.suppress(DigitcoreError):  # a damaged run; its owner reads why on Train
                if (row := _row(run, student.nickname)) is not None:
                    found.append(row)
    return found


def _ranked(room: Room, found: list[Row]) -> list[Row]:
    found.sort(key=lambda row: (-row.validation.accuracy, row.folder.name))
    found = [replace(row, place=n, by_validation=n) for n, row in enumerate(found, 1)]
    if not room.revealed:
        return [replace(row, test=None) for row in found]
    found.sort(key=lambda row: (-row.test.accuracy, row.by_validation))
    return [replace(row, place=n) for n, row in enumerate(found, 1)]


def _row(run: Run, nickname: str) -> Row | None:
    try:
        stat = run.file(paths.CARD).stat()
    except OSError:
        return None
    row = _read(run.folder, stat.st_mtime_ns, stat.st_size)
    return row and replace(row, nickname=nickname)


@lru_cache(maxsize=2048)  # thirty students look at the same hundreds of cards every few seconds
def _read(folder: Path, _modified: int, _size: int) -> Row | None:
    run = Run(folder)
    try:
        card = cards.read(run)
        scores = [Score(*(card[part][name] for name in ("accuracy", "misses", "n"))) for part in PARTS]
        learnt = card.get("extra_digits", {}).get("n", 0)
        about = (card["architecture"], card["parameters"])
        model = card["files"].get("model.tflite", {}).get("sha256", run.id)
        data, names = card["dataset"]["name"], tuple(card["class_names"])
        return Row(0, 0, "", run.name, *about, *scores, learnt, run.folder, model, data, names)
    except (RunError, KeyError, TypeError):  # damaged, or from an older version that lacks such figures
        return None


PARTS = ("validation", "test")
