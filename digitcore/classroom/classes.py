"""A class: made by a teacher, joined by nickname, with drawings that the students label.

    teacher     has a key of 128 random bits, kept hashed: limits, export, deletion
    code        opens the class to look at and to join (codes.py)
    invitation  the code with a part that nobody can guess, for the QR code and links
    student     a nickname, and the hash of the visitor's key (`runs.owner_folder`): who comes back with the
                same link is the same student. No name, no e-mail address, nothing else.

Everything is kept in one SQLite file (store.py) and deleted after limits.class_days (age.py), or earlier if
the teacher wishes. `drawings` keeps what the students draw, `board` ranks their runs, `scores` lets networks
read the drawings, `export` gives them to the teacher.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digitcore import limits, paths
from digitcore.classroom import age, codes
from digitcore.classroom.store import Store, delete_class
from digitcore.errors import ClassError, NoClass, RunError
from digitcore.runs import extra_digits
from digitcore.runs import store as run_store

CLASSES = 100
# On a full server, a class that nobody has joined for this long gives way to a new one.
GIVES_WAY_SECONDS = 3_600.0
STUDENTS_PER_CLASS = 60

FILE = "classes.sqlite3"
NO_CLASS = "There is no class with this code; ask your teacher for it (classes are deleted after some weeks)."


@dataclass(frozen=True)
class Room:
    """A class as it is now. created, goes: Unix time. runs_until: runs requested later stay off the board;
    None if there is no end. revealed: whether the board shows test accuracies. invitation: the part of an
    address that opens the class, such as "LAMO-TIRE-BAFO-3f9a0c21d4". network: the one that reads the wall;
    None for the first one that ships."""

    id: int
    code: str
    created: float
    drawings_open: bool
    runs_until: float | None
    revealed: bool
    most_drawings: int
    invitation: str
    network: str | None

    @property
    def goes(self) -> float:
        """When the class and all its data are deleted."""
        return self.created + age.lifetime()


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


class Classroom:
    """All classes of one server. path: their file, by default next to the runs. clock: Unix time."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.store = Store(path or paths.runs() / FILE, clock, _forget_copies)
        self.clock = clock

    # Classes

    def make(self) -> tuple[Room, str]:
        """A new class and its teacher's key, which is not kept and cannot be shown again."""
        key = run_store.new_key()
        with self.store.writing() as db:
            now = self.clock()
            if db.execute("SELECT count(*) FROM classes").fetchone()[0] >= CLASSES:
                unused = age.over(db, now, GIVES_WAY_SECONDS)
                if not unused:
                    raise ClassError(
                        f"This server keeps at most {CLASSES} classes and already has that many: delete one."
                    )
                delete_class(db, unused[0], _forget_copies)
            values = (_new_code(db), _hash(key), now, now, limits.current().class_drawings_per_student)
            db.execute(
                "INSERT INTO classes (code, teacher, created, unused_since, most_drawings) "
                "VALUES (?, ?, ?, ?, ?)",
                values,
            )
        return self.find(values[0]), key

    def find(self, code: str) -> Room:
        """The class of a code, however it is typed; NoClass if there is none."""
        return self._room("code = ?", codes.check_code(code), NO_CLASS)

    def invited(self, invitation: str) -> Room | None:
        """The class of an invitation; None if it is not one, such as a code alone."""
        code, _, secret = invitation.rpartition("-")
        if not secret or len(invitation) > 100:
            return None
        try:
            room = self.find(code)
        except ClassError:
            return None
        return room if hmac.compare_digest(room.invitation.encode(), invitation.encode()) else None

    def of_teacher(self, key: str) -> Room:
        """The class of a teacher's key; NoClass if there is none."""
        missing = "This is no teacher's key of a class on this server (classes are deleted after some weeks)."
        try:
            return self._room("teacher = ?", _hash(key), missing)
        except RunError as error:
            raise NoClass(missing) from error

    def _room(self, where: str, value: str, missing: str) -> Room:
        with self.store.reading() as db:
            wanted = (value, self.store.oldest(db))
            row = db.execute(f"SELECT * FROM classes WHERE {where} AND created > ?", wanted).fetchone()
        if row is None:
            raise NoClass(missing)
        return Room(
            row["id"],
            row["code"],
            row["created"],
            bool(row["drawings_open"]),
            row["runs_until"],
            bool(row["revealed"]),
            # The host's limit may have been lowered since the class was made.
            min(row["most_drawings"], limits.current().class_drawings_per_student),
            _invitation(row["code"], row["teacher"]),
            row["network"],
        )

    def set_limits(
        self,
        key: str,
        *,
        drawings_open: bool | None = None,
        runs_open: bool | None = None,
        revealed: bool | None = None,
        most_drawings: int | None = None,
        network: str | None = None,
    ) -> Room:
        """Set what the teacher allows; None leaves a limit as it is. network: the name of a network that
        ships. Closing the board keeps the runs on it."""
        room = self.of_teacher(key)
        changes: dict[str, object] = {}
        if drawings_open is not None:
            changes["drawings_open"] = int(drawings_open)
        if runs_open is not None and runs_open != (room.runs_until is None):
            changes["runs_until"] = None if runs_open else self.clock()
        if revealed is not None:
            changes["revealed"] = int(revealed)
        if most_drawings is not None:
            most = limits.current().class_drawings_per_student
            if not 1 <= most_drawings <= most:
                raise ClassError(f"Drawings per student must be 1 to {most}; got {most_drawings}.")
            changes["most_drawings"] = most_drawings
        if network is not None:
            changes["network"] = network
        if changes:
            names = ", ".join(f"{name} = ?" for name in changes)
            with self.store.writing() as db:
                db.execute(f"UPDATE classes SET {names} WHERE id = ?", (*changes.values(), room.id))
        return self.of_teacher(key)

    def delete(self, key: str) -> None:
        """Delete the teacher's class with all students and drawings."""
        room = self.of_teacher(key)
        with self.store.writing() as db:
            delete_class(db, room.id, _forget_copies)

    # Students

    def join(self, code: str, nickname: str, visitor_key: str, shows_runs: bool = True) -> Student:
        """Make a visitor a student; one who already is a student keeps their nickname."""
        room = self.find(code)
        nickname, owner = codes.clean_nickname(nickname), run_store.owner_folder(visitor_key).name
        if (member := self.member(room, visitor_key)) is not None:
            return member
        try:
            with self.store.writing() as db:
                require_room(db, room)
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
                    (*values, self.clock()),
                )
        except sqlite3.IntegrityError as error:
            if (member := self.member(room, visitor_key)) is not None:  # two clicks at once
                return member
            raise ClassError("Somebody in this class has that nickname; choose another.") from error
        return self.member(room, visitor_key)

    def member(self, room: Room, visitor_key: str) -> Student | None:
        """The student that a visitor is in a class; None if they are not a member."""
        owner = run_store.owner_folder(visitor_key).name
        return next(iter(self._students(room, "AND owner = ?", owner)), None)

    def students(self, room: Room) -> list[Student]:
        """Everybody in a class, in the order of joining."""
        return self._students(room)

    def _students(self, room: Room, where: str = "", *values: object) -> list[Student]:
        with self.store.reading() as db:
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
        """Whether a student's runs are on the board."""
        with self.store.writing() as db:
            db.execute("UPDATE students SET shows_runs = ? WHERE id = ?", (int(shows), student.id))

    def leave(self, student: Student) -> None:
        """Remove a student and all the drawings that they added."""
        with self.store.writing() as db:
            db.execute("DELETE FROM students WHERE id = ?", (student.id,))
            self._now_without(db, student.room)
            _forget_copies(student.room, [student.owner])

    def remove_student(self, key: str, number: int) -> None:
        """Remove a student by number, with all their drawings, on the teacher's behalf."""
        room = self.of_teacher(key)
        with self.store.writing() as db:
            gone = db.execute(
                "DELETE FROM students WHERE class = ? AND number = ? RETURNING owner", (room.id, number)
            )
            _forget_copies(room.id, [owner for (owner,) in gone.fetchall()])
            self._now_without(db, room.id)

    def _now_without(self, db: sqlite3.Connection, room: int) -> None:
        """A class whose last student leaves counts as unused from now on, not since it was made."""
        db.execute("UPDATE classes SET unused_since = ? WHERE id = ?", (self.clock(), room))

    # Keys

    def renew_teacher(self, key: str) -> str:
        """Replace the teacher's key of the class by a new one, which is returned."""
        room, new = self.of_teacher(key), run_store.new_key()
        with self.store.writing() as db:
            db.execute("UPDATE classes SET teacher = ? WHERE id = ?", (_hash(new), room.id))
        return new

    def unrevealed(self, visitor_key: str) -> list[tuple[float, float]]:
        """For each class that a visitor is in and whose test is not revealed: from when to when (Unix time)
        their runs belong to it."""
        owner = run_store.owner_folder(visitor_key).name
        if not self.store.path.exists():
            return []
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT joined, runs_until FROM students JOIN classes ON classes.id = class "
                "WHERE owner = ? AND NOT revealed AND created > ?",
                (owner, self.store.oldest(db)),
            ).fetchall()
        return [(row["joined"], row["runs_until"] or float("inf")) for row in rows]


def require_room(db: sqlite3.Connection, of: Room | Student) -> sqlite3.Row:
    """The class's row within this transaction; ClassError if it, or the student, is gone."""
    if isinstance(of, Student):
        row = db.execute(
            "SELECT classes.* FROM classes JOIN students ON students.class = classes.id "
            "WHERE students.id = ?",
            (of.id,),
        ).fetchone()
        missing = "You are no longer in this class: it was deleted, or your teacher has removed you."
    else:
        row = db.execute("SELECT * FROM classes WHERE id = ?", (of.id,)).fetchone()
        missing = NO_CLASS
    if row is None:
        raise NoClass(missing)
    return row


def _forget_copies(room: int, owners: list[str]) -> None:
    """Make runs that have not yet learnt from a class's drawings learn without them."""
    for owner in owners:
        extra_digits.forget_source(paths.runs() / owner, room)


def _new_code(db: sqlite3.Connection) -> str:
    while True:
        code = codes.new_code()
        if db.execute("SELECT 1 FROM classes WHERE code = ?", (code,)).fetchone() is None:
            return code


def _invitation(code: str, teacher: str) -> str:
    """The code and 40 bits derived from the hash of the teacher's key, which is never shown: a new teacher's
    key makes a new invitation."""
    secret = hashlib.sha256(f"invitation {code} {teacher}".encode()).hexdigest()[:10]
    return f"{code.replace(' ', '-')}-{secret}"


def _hash(key: str) -> str:
    return hashlib.sha256(run_store.check_key(key).encode()).hexdigest()
