"""Where classes are kept: one SQLite file beside the runs, safe between threads and app processes.

runs/classes.sqlite3    classes, their students, their drawings; nothing else of the app

Every access is a connection and a transaction of its own, so that nobody holds a lock while a page is
drawn. Whatever is older than limits.class_days is deleted before anything is read.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from digitcore import limits
from digitcore.errors import ClassError

# How long a writer waits for another one; a transaction here takes milliseconds.
BUSY_SECONDS = 10.0
VERSION = 1
SCHEMA = """
CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL UNIQUE,
    teacher TEXT NOT NULL UNIQUE,           -- SHA-256 of the teacher's key, which is kept nowhere
    created REAL NOT NULL,
    drawings_open INTEGER NOT NULL DEFAULT 1,
    runs_until REAL,                        -- runs asked for later stay off the board; NULL: no end
    revealed INTEGER NOT NULL DEFAULT 0,
    most_drawings INTEGER NOT NULL          -- a student
);
CREATE TABLE students (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    number INTEGER NOT NULL,                -- 1, 2, 3 … in the class, never given twice
    nickname TEXT NOT NULL,
    folded TEXT NOT NULL,                   -- what must differ: without capitals, spaces, accents' forms
    owner TEXT NOT NULL,                    -- the hash that names the visitor's folder of runs
    shows_runs INTEGER NOT NULL,
    joined REAL NOT NULL,
    UNIQUE (class, folded),
    UNIQUE (class, owner)
);
CREATE TABLE drawings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice: what a network was asked is known by it
    class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9),
    picture BLOB NOT NULL CHECK (length(picture) = 784),
    original BLOB NOT NULL,                 -- PNG
    digest TEXT NOT NULL,                   -- of the drawing as the canvas sent it
    added REAL NOT NULL,
    UNIQUE (student, digest)
);
CREATE INDEX drawings_of_class ON drawings (class);
"""
# SQLite's write-ahead log needs memory shared by all readers, which no network file system has
# (sqlite.org/wal.html); there the rollback journal serves, one reader or writer at a time.
_NETWORK = ("nfs", "cifs", "smb", "9p", "fuse", "virtiofs", "afs", "ceph", "gluster", "lustre", "webdav")

_preparing = threading.Lock()


class Store:
    """The file of all classes. clock: Unix time, to be replaced in tests.

    gone: called with the id and the students' owners of each class that is deleted because of its age.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        gone: Callable[[int, list[str]], None] = lambda room, owners: None,
    ) -> None:
        self.path = Path(path)
        self.clock = clock
        self.gone = gone

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file throughout."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection that writes alone; all of it is kept, or none where an error leaves the block."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._connection()) as connection:
                self._purge(connection)
                connection.execute(begin)
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise  # a rule of the schema: whoever broke it says which
            raise ClassError(
                f"The classes of this server cannot be read or written now ({error})."
            ) from error

    def _connection(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                self._prepare(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten too
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file; ClassError for a file of another version."""
        with _preparing:
            if not _over_network(self.path):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, VERSION):
                connection.execute("ROLLBACK")
                raise ClassError(
                    f"{self.path.name} is of version {version} of Digit Lab's classes, and this copy knows "
                    f"version {VERSION}: update Digit Lab, or move the file away."
                )
            if version == 0:  # another process may have been quicker
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")

    def _purge(self, connection: sqlite3.Connection) -> None:
        oldest = self.clock() - limits.current().class_days * 86_400
        old = connection.execute("SELECT id FROM classes WHERE created <= ?", (oldest,)).fetchall()
        for (room,) in old:
            delete_class(connection, room, self.gone)

    def purge(self) -> None:
        """Delete what is too old, also where nobody opens a class any more."""
        if self.path.exists():
            with self.reading():
                pass

    def bytes(self) -> int:
        """What the file takes on the disk."""
        return self.path.stat().st_size if self.path.exists() else 0


def delete_class(db: sqlite3.Connection, room: int, gone: Callable[[int, list[str]], None]) -> None:
    """Delete a class, its students and drawings, and tell `gone`."""
    owners = [owner for (owner,) in db.execute("SELECT owner FROM students WHERE class = ?", (room,))]
    db.execute("DELETE FROM classes WHERE id = ?", (room,))
    gone(room, owners)


def _over_network(path: Path) -> bool:
    """Whether a file lies on a file system that other machines may share."""
    folder = path.resolve().parent
    kinds = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    kind = next((kinds[parent] for parent in (folder, *folder.parents) if parent in kinds), "")
    return kind.lower().startswith(_NETWORK)
