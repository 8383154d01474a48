"""The students of a class: a nickname each, and the hash of the visitor's key (`run_store.owner_folder`).

Whoever comes back with the same key is the same student. No name, no e-mail address, nothing else is kept.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from digitcore.classroom import codes
from digitcore.classroom.classes import NO_CLASS, Classroom, Room, forget_copies
from digitcore.errors import ClassError, NoClass
from digitcore.runs import store as run_store

STUDENTS_PER_CLASS = 60


@dataclass(frozen=True)
class Student:
    """A student of a class. number: 1, 2, 3 … in the class. owner: the name of the folder of their runs; it
    is the hash of a key, and no page shows it. drawings: how many they have in the class set."""

    id: int
    room: int
    number: int
    nickname: str
    owner: str
    shows_runs: bool
    joined: float
    drawings: int


class Students:
    """The students of all classes of one server."""

    def __init__(self, classroom: Classroom) -> None:
        self._rooms, self._store, self._clock = classroom, classroom.store, classroom.clock

    def join(self, code: str, nickname: str, visitor_key: str, shows_runs: bool = True) -> Student:
        """Make a visitor a student; one who already is a student keeps their nickname."""
        room = self._rooms.find(code)
        nickname, owner = codes.clean_nickname(nickname), run_store.owner_folder(visitor_key).name
        if (member := self.find(room, visitor_key)) is not None:
            return member
        try:
            with self._store.writing() as db:
                _require_room(db, room)
                count, last = db.execute(
                    "SELECT count(*), coalesce(max(number), 0) FROM students WHERE class = ?", (room.id,)
                ).fetchone()
                if count >= STUDENTS_PER_CLASS:
                    raise ClassError(
                        f"A class has at most {STUDENTS_PER_CLASS} students, and this one is full."
                    )
                values = (room.id, last + 1, nickname, codes.folded(nickname), owner, int(shows_runs))
                db.execute(
                    "INSERT INTO students (class, number, nickname, folded, owner, shows_runs, joined) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*values, self._clock()),
                )
        except sqlite3.IntegrityError as error:
            if (member := self.find(room, visitor_key)) is not None:  # two clicks at once
                return member
            raise ClassError("Somebody in this class has that nickname; choose another.") from error
        return self.find(room, visitor_key)

    def find(self, room: Room, visitor_key: str) -> Student | None:
        """The student that a visitor is in a class; None if they are not a member."""
        owner = run_store.owner_folder(visitor_key).name
        return next(iter(self._students(room, "AND owner = ?", owner)), None)

    def of(self, room: Room) -> list[Student]:
        """Everybody in a class, in the order of joining."""
        return self._students(room)

    def _students(self, room: Room, where: str = "", *values: object) -> list[Student]:
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT *, (SELECT count(*) FROM drawings WHERE student = students.id) AS drawings "
                f"FROM students WHERE class = ? {where} ORDER BY number",
                (room.id, *values),
            ).fetchall()
        return [
            Student(
                row["id"],
                row["class"],
                row["number"],
                row["nickname"],
                row["owner"],
                bool(row["shows_runs"]),
                row["joined"],
                row["drawings"],
            )
            for row in rows
        ]

    def show_runs(self, student: Student, shows: bool) -> None:
        """Set whether a student's runs are on the board."""
        with self._store.writing() as db:
            db.execute("UPDATE students SET shows_runs = ? WHERE id = ?", (int(shows), student.id))

    def leave(self, student: Student) -> None:
        """Remove a student and all the drawings that they added."""
        with self._store.writing() as db:
            db.execute("DELETE FROM students WHERE id = ?", (student.id,))
            self._now_without(db, student.room)
            forget_copies(student.room, [student.owner])

    def remove(self, key: str, number: int) -> None:
        """Remove a student by number, with all their drawings, on the teacher's behalf."""
        room = self._rooms.of_teacher(key)
        with self._store.writing() as db:
            gone = db.execute(
                "DELETE FROM students WHERE class = ? AND number = ? RETURNING owner", (room.id, number)
            )
            forget_copies(room.id, [owner for (owner,) in gone.fetchall()])
            self._now_without(db, room.id)

    def _now_without(self, db: sqlite3.Connection, room: int) -> None:
        """A class whose last student leaves counts as unused from now on, not since it was made."""
        db.execute("UPDATE classes SET unused_since = ? WHERE id = ?", (self._clock(), room))

    def unrevealed(self, visitor_key: str) -> list[tuple[float, float]]:
        """For each class that a visitor is in and whose test is not revealed: the times (Unix) between which
        their runs belong to it."""
        owner = run_store.owner_folder(visitor_key).name
        if not self._store.path.exists():
            return []
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT joined, runs_until FROM students JOIN classes ON classes.id = class "
                "WHERE owner = ? AND NOT revealed AND created > ?",
                (owner, self._store.oldest(db)),
            ).fetchall()
        return [(row["joined"], row["runs_until"] or float("inf")) for row in rows]


def class_of(db: sqlite3.Connection, student: Student) -> sqlite3.Row:
    """The row of a student's class within this transaction; NoClass if the class or the student is gone."""
    row = db.execute(
        "SELECT classes.* FROM classes JOIN students ON students.class = classes.id WHERE students.id = ?",
        (student.id,),
    ).fetchone()
    if row is None:
        raise NoClass("You are no longer in this class: it was deleted, or your teacher has removed you.")
    return row


def _require_room(db: sqlite3.Connection, room: Room) -> None:
    """NoClass if a class is gone by the time of this transaction."""
    if db.execute("SELECT 1 FROM classes WHERE id = ?", (room.id,)).fetchone() is None:
        raise NoClass(NO_CLASS)
