"""The game of the smallest change: who fools the class's network with the least ink?

A student draws a digit that the network reads rightly, and changes as little of it as makes the network read
another one. What a browser claims is checked here with the network itself: only a change that holds counts,
and its size is reckoned anew. Each student's smallest change is kept, for each network.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from digitcore.classroom.classes import Classroom, Room
from digitcore.classroom.students import Student, class_of
from digitcore.errors import ClassError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled

SURE = 0.99
"""How sure the network must be of the drawing as it was: one on the border between two digits needs no
change."""

NEAR = 0.03
"""How far, on average over its pixels, a drawing may be from what the server made of the same paper: a
browser's picture of it differs by up to 0.02 (`benchmarks.browser_parity`)."""


@dataclass(frozen=True)
class Change:
    """A drawing (28, 28) uint8, 0 paper to 255 ink, as it was and as it was changed; the digits that the
    network reads in them; and how much ink was added or taken away, as a share of what was there."""

    id: int
    nickname: str
    before: np.ndarray
    after: np.ndarray
    label: int
    answer: int
    size: float


def size_of(before: np.ndarray, after: np.ndarray) -> float:
    """The ink that was added and taken away, as a share of the ink before. Both (28, 28) uint8."""
    return float(np.abs(after.astype(int) - before.astype(int)).sum() / before.astype(int).sum())


def judged(
    network: Classifier, before: np.ndarray, after: np.ndarray, drawn: np.ndarray
) -> tuple[int, int, float]:
    """(label, answer, size) of a change that holds: what the network reads in each, and `size_of`.

    before, after: (28, 28) uint8. drawn: (28, 28) float32, 0.0 paper to 1.0 ink, what the server made of the
    student's paper. Raises ClassError, in one sentence, for a change that does not count.
    """
    if np.abs(scaled(before) - drawn).mean() > NEAR:
        raise ClassError("Only a change of the drawing on your paper counts: draw a digit, then fool it.")
    answers = network.answer(scaled(np.stack([before, after])))
    as_drawn, changed = (
        network.verdict(probabilities, digitness)
        for probabilities, digitness in zip(answers.probabilities, answers.digitness, strict=True)
    )
    if not as_drawn.accepted or as_drawn.confidence < SURE:
        raise ClassError(
            f"{network.title} must be at least {SURE:.0%} sure of your drawing before it is fooled; "
            f"it reads {as_drawn.text} and is {as_drawn.sureness} sure."
        )
    if not changed.accepted or changed.label == as_drawn.label:
        raise ClassError(f"{network.title} is not fooled: it reads {changed.text}.")
    return as_drawn.label, changed.label, size_of(before, after)


class Fooling:
    """The changes of all classes of one server."""

    def __init__(self, classroom: Classroom) -> None:
        self.store, self.clock = classroom.store, classroom.clock

    def send(
        self,
        student: Student,
        identity: str,
        network: Classifier,
        before: np.ndarray,
        after: np.ndarray,
        drawn: np.ndarray,
    ) -> tuple[float, bool]:
        """Check a change as `judged` does and keep it if it is the student's smallest; returns its size and
        whether it was kept.

        identity: unique to the network, such as its file's SHA-256.
        """
        label, answer, size = judged(network, before, after, drawn)
        blobs = before.tobytes(), after.tobytes()
        with self.store.writing() as db:
            class_of(db, student)  # or they have left
            smallest = _smallest(db, student, identity)
            if smallest is not None and smallest <= size:
                return size, False
            db.execute("DELETE FROM changes WHERE student = ? AND network = ?", (student.id, identity))
            db.execute(
                "INSERT INTO changes (class, student, network, label, answer, size, before, after, added) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (student.room, student.id, identity, label, answer, size, *blobs, self.clock()),
            )
        return size, True

    def smallest(self, student: Student, identity: str) -> float | None:
        """The size of a student's smallest change that fooled this network; None if there is none."""
        with self.store.reading() as db:
            return _smallest(db, student, identity)

    def all(self, room: Room, identity: str) -> list[Change]:
        """Each student's smallest change that fooled this network, the smallest first."""
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT changes.id, nickname, before, after, label, answer, size FROM changes "
                "JOIN students ON students.id = student WHERE changes.class = ? AND network = ? "
                "ORDER BY size, added",
                (room.id, identity),
            ).fetchall()
        return [
            Change(
                row["id"],
                row["nickname"],
                *(np.frombuffer(row[name], np.uint8).reshape(28, 28) for name in ("before", "after")),
                row["label"],
                row["answer"],
                row["size"],
            )
            for row in rows
        ]

    def remove(self, room: Room, change: int) -> None:
        """Remove a change by its id, for the teacher, who has the room from `Classroom.of_teacher`."""
        with self.store.writing() as db:
            db.execute("DELETE FROM changes WHERE id = ? AND class = ?", (change, room.id))


def _smallest(db: sqlite3.Connection, student: Student, identity: str) -> float | None:
    row = db.execute(
        "SELECT size FROM changes WHERE student = ? AND network = ?", (student.id, identity)
    ).fetchone()
    return row["size"] if row else None
