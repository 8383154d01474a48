"""A class: made by a teacher, joined by nickname, with drawings that the students label.

    teacher     has a key of 128 random bits, kept hashed: limits, export, deletion
    code        opens the class to look at and to join (codes.py)
    invitation  the code with a part that nobody can guess, for the QR code and links
    student     a nickname and the hash of a key (students.py)
    symbols     what it draws: the digits, or up to 20 symbols that the teacher names (symbols.py)

Everything is kept in one SQLite file (store.py) and deleted after limits.class_days (age.py), or earlier if
the teacher wishes. `students` says who is in a class, `drawings` keeps what they draw, `board` ranks their
runs, `scores` lets networks read the drawings, `smallest` and `fooling` are its two challenges,
`export` gives the drawings to the teacher.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitcore import datasets, limits, paths
from digitcore.classroom import age, codes, symbols
from digitcore.classroom.store import Store, delete_class
from digitcore.errors import ClassError, NoClass, RunError
from digitcore.runs import extra_digits, own_data
from digitcore.runs import store as run_store

CLASSES = 100
# When the server is full, a class that nobody has joined for this long makes room for a new one.
GIVES_WAY_SECONDS = 3_600.0

FILE = "classes.sqlite3"
NO_CLASS = "There is no class with this code; ask your teacher for it (classes are deleted after some weeks)."


@dataclass(frozen=True)
class Room:
    """A class as it is now. created, goes: Unix time. runs_until: runs requested later stay off the board;
    None if there is no end. revealed: whether the board shows test accuracies. invitation: the part of an
    address that opens the class, such as "LAMO-TIRE-BAFO-3f9a0c21d4". network: the one that reads the wall;
    None for the first one that ships. class_names: what it draws; the label of a drawing is a place in it."""

    id: int
    code: str
    created: float
    drawings_open: bool
    runs_until: float | None
    revealed: bool
    most_drawings: int
    invitation: str
    network: str | None
    class_names: tuple[str, ...]

    @property
    def draws_digits(self) -> bool:
        """Whether the networks that ship read what the class draws."""
        return datasets.are_digits(self.class_names)

    @property
    def goes(self) -> float:
        """When the class and all its data are deleted."""
        return self.created + age.lifetime()


class Classroom:
    """All classes of one server. path: their file, by default next to the runs. clock: Unix time."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.store = Store(path or paths.runs() / FILE, clock, forget_copies)
        self.clock = clock

    def make(self, class_names: Sequence[str] = datasets.DIGITS) -> tuple[Room, str]:
        """A new class that draws these symbols, and its teacher's key, which is not kept and cannot be shown
        again."""
        draws = symbols.packed(symbols.checked(class_names))
        key = run_store.new_key()
        with self.store.writing() as db:
            now = self.clock()
            if db.execute("SELECT count(*) FROM classes").fetchone()[0] >= CLASSES:
                unused = age.over(db, now, GIVES_WAY_SECONDS)
                if not unused:
                    raise ClassError(
                        f"This server keeps at most {CLASSES} classes and already has that many: delete one."
                    )
                delete_class(db, unused[0], forget_copies)
            most = limits.current().class_drawings_per_student
            values = (_new_code(db), _hash(key), now, now, most, draws)
            db.execute(
                "INSERT INTO classes (code, teacher, created, unused_since, most_drawings, class_names) "
                "VALUES (?, ?, ?, ?, ?, ?)",
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
            symbols.unpacked(row["class_names"]),
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
        ships, or the hash of a run's. Closing the board keeps the runs that are on it."""
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
            delete_class(db, room.id, forget_copies)

    def renew_teacher(self, key: str) -> str:
        """Replace the teacher's key of the class by a new one, which is returned."""
        room, new = self.of_teacher(key), run_store.new_key()
        with self.store.writing() as db:
            db.execute("UPDATE classes SET teacher = ? WHERE id = ?", (_hash(new), room.id))
        return new


def forget_copies(room: int, owners: list[str]) -> None:
    """Make runs that have not yet learnt from a class's drawings learn without them, and delete the data sets
    that were made of them."""
    for owner in owners:
        extra_digits.forget_source(paths.runs() / owner, room)
        own_data.forget_class(paths.runs() / owner, room)


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
