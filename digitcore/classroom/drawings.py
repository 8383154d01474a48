"""The class set: drawings labelled by students, each as it was drawn and as the pipeline prepared it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from digitcore import limits
from digitcore.classroom import attempts, symbols
from digitcore.classroom.classes import Classroom, Room
from digitcore.classroom.students import Student, class_of
from digitcore.errors import ClassError

# A class of thirty with 100 drawings each takes about 12 MB.
ORIGINAL_BYTES = 20_000
STORE_BYTES = 500 * 2**20


@dataclass(frozen=True)
class Drawing:
    """One labelled drawing. label: a place in `Room.class_names`. picture: (28, 28) uint8, 0 paper to 255
    ink, as the pipeline prepared it."""

    id: int
    student: int
    number: int
    nickname: str
    label: int
    picture: np.ndarray


class ClassSet:
    """The drawings of all classes of one server."""

    def __init__(self, classroom: Classroom) -> None:
        self.store, self.clock = classroom.store, classroom.clock

    def add(
        self, student: Student, label: int, picture: np.ndarray, grey: np.ndarray, sender: str | None = None
    ) -> None:
        """Put a drawing into the class set; adding the same drawing again only changes its label.

        picture: (28, 28) float32, 0.0 paper to 1.0 ink. grey: (h, w) uint8, the drawing itself, which is
        kept as a PNG of at most ORIGINAL_BYTES. sender: the network whose budget of bytes pays for it
        (attempts.SENDERS); None for no budget. ClassError if a limit forbids it.
        """
        if picture.shape != (28, 28):
            raise ValueError(f"picture: expected (28, 28), got {picture.shape}")
        pixels = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8).tobytes()
        original, digest = bounded_png(grey), digest_of(grey)
        if self.store.bytes() > STORE_BYTES:
            raise ClassError("This server has no more room for classes' drawings; ask your teacher.")
        with self.store.writing() as db:
            room = class_of(db, student)
            names = symbols.unpacked(room["class_names"])
            if label not in range(len(names)):
                raise ClassError(f"A drawing of this class is one of {', '.join(names)}; got number {label}.")
            if not room["drawings_open"]:
                raise ClassError("Your teacher has closed the class set: no drawings can be added now.")
            changed = db.execute(
                "UPDATE drawings SET label = ? WHERE student = ? AND digest = ?", (label, student.id, digest)
            )
            if changed.rowcount:
                return
            mine, all_of_them = (
                db.execute(f"SELECT count(*) FROM drawings WHERE {whose} = ?", (number,)).fetchone()[0]
                for whose, number in (("student", student.id), ("class", student.room))
            )
            if mine >= min(room["most_drawings"], limits.current().class_drawings_per_student):
                number = "one drawing" if mine == 1 else f"{mine:,} drawings"
                raise ClassError(f"You have {number} in the class set, the most that one student may add.")
            if all_of_them >= limits.current().class_drawings:
                raise ClassError(f"The class set is full: it holds {all_of_them:,} drawings.")
            if sender is not None:
                attempts.SENDERS.take(sender, len(original))
            db.execute(
                "INSERT INTO drawings (class, student, label, picture, original, digest, added) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (student.room, student.id, label, pixels, original, digest, self.clock()),
            )

    def label_of(self, student: Student, grey: np.ndarray) -> int | None:
        """The label this student gave this very drawing; None if they have not added it."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT label FROM drawings WHERE student = ? AND digest = ?", (student.id, digest_of(grey))
            ).fetchone()
        return row["label"] if row else None

    def newest(self, student: Student) -> tuple[int, int] | None:
        """(id, label) of the drawing that a student added last; None if they have none."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT id, label FROM drawings WHERE student = ? ORDER BY id DESC LIMIT 1", (student.id,)
            ).fetchone()
        return tuple(row) if row else None

    def by_label(self, student: Student) -> tuple[list[int], list[int]]:
        """How many drawings of each of its symbols the class has, and how many of them are the student's."""
        with self.store.reading() as db:
            count = len(symbols.unpacked(class_of(db, student)["class_names"]))
            ours, mine = [0] * count, [0] * count
            for label, whose, count in db.execute(
                "SELECT label, student, count(*) FROM drawings WHERE class = ? GROUP BY label, student",
                (student.room,),
            ):
                ours[label] += count
                mine[label] += count * (whose == student.id)
        return ours, mine

    def version(self, room: Room) -> tuple[int, ...]:
        """A value that changes with the class set, found without reading the drawings."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT count(*), coalesce(max(id), 0), coalesce(sum(100 * id + label), 0) FROM drawings "
                "WHERE class = ?",
                (room.id,),
            ).fetchone()
        return tuple(row)

    def take_out(self, student: Student, grey: np.ndarray) -> None:
        """Take a student's drawing out of the class set again, if this very one is in it."""
        with self.store.writing() as db:
            db.execute("DELETE FROM drawings WHERE student = ? AND digest = ?", (student.id, digest_of(grey)))

    def remove(self, of: Student | Room, drawing: int) -> None:
        """Remove a drawing by its id: a student may remove their own, the teacher (who has the room from
        `Classroom.of_teacher`) any in the class."""
        whose = "student" if isinstance(of, Student) else "class"
        with self.store.writing() as db:
            db.execute(f"DELETE FROM drawings WHERE id = ? AND {whose} = ?", (drawing, of.id))

    def all(self, room: Room) -> list[Drawing]:
        """The class set, oldest first."""
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT drawings.id, student, number, nickname, label, picture FROM drawings "
                "JOIN students ON students.id = student WHERE drawings.class = ? ORDER BY drawings.id",
                (room.id,),
            ).fetchall()
        return [
            Drawing(*tuple(row)[:5], np.frombuffer(row["picture"], np.uint8).reshape(28, 28)) for row in rows
        ]

    def originals(self, room: Room) -> dict[int, bytes]:
        """The PNG of each drawing as it was drawn, by the drawing's id."""
        with self.store.reading() as db:
            rows = db.execute("SELECT id, original FROM drawings WHERE class = ?", (room.id,)).fetchall()
        return {row["id"]: row["original"] for row in rows}

    def count(self, room: Room) -> int:
        """How many drawings the class set holds."""
        with self.store.reading() as db:
            return db.execute("SELECT count(*) FROM drawings WHERE class = ?", (room.id,)).fetchone()[0]


def digest_of(grey: np.ndarray) -> str:
    """A drawing's identity: SHA-256 of its pixels."""
    return hashlib.sha256(np.ascontiguousarray(grey).tobytes()).hexdigest()


def bounded_png(grey: np.ndarray) -> bytes:
    """(h, w) uint8 -> a grey PNG of at most ORIGINAL_BYTES, made smaller until it fits.

    Re-encoded, so that nothing but the pixels is kept of what a browser sent.
    """
    image = Image.fromarray(grey)
    while True:
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        if file.tell() <= ORIGINAL_BYTES:
            return file.getvalue()
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
