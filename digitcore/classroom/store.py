"""Where classes are kept: one SQLite file next to the runs, safe between threads and app processes.

runs/classes.sqlite3    classes, their students, their drawings; nothing else of the app

Every access has its own connection and transaction, so that no lock is held while a page is drawn. What is
too old is no longer found, and the next writer deletes it. A file on a full or read-only disk can still be
read. age.py counts a class's age.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from digitcore.classroom import age, schema
from digitcore.errors import ClassError

# How long a writer waits for another one; transactions here take milliseconds.
BUSY_SECONDS = 10.0
# SQLite's write-ahead log needs memory shared by all readers, which no network file system offers
# (sqlite.org/wal.html); there the rollback journal is used, with one reader or writer at a time.
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
        """A read-only view of one state of the file, with the classes whose time is not over."""
        with self._said_in_a_sentence(), self._open_to_read() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection that is the only writer; all of its changes are kept, or none if an error leaves the
        block."""
        with self._said_in_a_sentence(), contextlib.closing(self._connection()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._purge(connection)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def oldest(self, connection: sqlite3.Connection) -> float:
        """Classes made until then are over; minus infinity if that is unknown because the clock has jumped
        and the jump could not be recorded."""
        now = self.clock()
        row = connection.execute("SELECT seen FROM clock").fetchone()
        jumped = row is None or age.jumped(row["seen"], now)
        return float("-inf") if jumped else now - age.lifetime()

    @contextlib.contextmanager
    def _said_in_a_sentence(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise  # a rule of the schema, which the caller explains
        except (sqlite3.Error, OSError) as error:
            print(f"{self.path}: {error}", file=sys.stderr)
            raise ClassError(f"The classes of this server {_reason(error)}.") from error

    @contextlib.contextmanager
    def _open_to_read(self) -> Iterator[sqlite3.Connection]:
        """The file itself, or a copy of it if the disk cannot be written to, not even for a reader's lock."""
        try:
            connection = self._connection()
        except (sqlite3.OperationalError, OSError) as error:
            if not self.path.exists() or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                raise
            with _copied(self.path) as connection:
                yield connection
            return
        with contextlib.closing(connection):
            row = connection.execute("SELECT seen FROM clock").fetchone()
            if row is None or age.to_be_noted(row["seen"], self.clock()):
                with contextlib.suppress(sqlite3.OperationalError):  # e.g. a full disk
                    self._note_the_time(connection)
            yield connection

    def _note_the_time(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            age.note(connection, self.clock())
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _only_for_its_owner(self.path)
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            if connection.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
                self._prepare(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted data is overwritten too
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file, or bring an older one up to date; ClassError for a newer one."""
        with _preparing:
            if not _over_network(self.path):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                schema.bring_up_to_date(connection, self.path.name)
                age.note(connection, self.clock())
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _purge(self, connection: sqlite3.Connection) -> None:
        now = self.clock()
        age.note(connection, now)
        for room in age.over(connection, now):
            delete_class(connection, room, self.gone)

    def purge(self) -> None:
        """Delete what is too old, even if nobody opens a class any more."""
        if self.path.exists():
            with self.writing():
                pass

    def bytes(self) -> int:
        """The bytes that the file takes on disk."""
        return self.path.stat().st_size if self.path.exists() else 0


def delete_class(db: sqlite3.Connection, room: int, gone: Callable[[int, list[str]], None]) -> None:
    """Delete a class, its students and drawings, and call `gone`."""
    owners = [owner for (owner,) in db.execute("SELECT owner FROM students WHERE class = ?", (room,))]
    db.execute("DELETE FROM classes WHERE id = ?", (room,))
    gone(room, owners)


def _over_network(path: Path) -> bool:
    """Whether a file is on a file system that other machines may share."""
    folder = path.resolve().parent
    kinds = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    kind = next((kinds[parent] for parent in (folder, *folder.parents) if parent in kinds), "")
    return kind.lower().startswith(_NETWORK)


def _only_for_its_owner(path: Path) -> None:
    """Make the file private before anything is written to it; SQLite gives its log the same mode."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return
    if os.name != "nt" and path.stat().st_mode & 0o077:  # made by an earlier version
        with contextlib.suppress(OSError):  # a read-only disk, or not ours
            path.chmod(0o600)


@contextlib.contextmanager
def _copied(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as it is, from a copy in a temporary folder, or in place if there is no room for one.

    In place, SQLite assumes that nobody changes the file, and ignores a log that has not been merged into it.
    """
    log = path.with_name(f"{path.name}-wal")
    with contextlib.ExitStack() as open_now:
        place = f"{path.resolve().as_uri()}?immutable=1"
        with contextlib.suppress(OSError):
            if log.exists() and log.stat().st_size:
                folder = Path(open_now.enter_context(tempfile.TemporaryDirectory()))
                for file in (path, log):
                    shutil.copyfile(file, folder / file.name)
                place = (folder / path.name).as_uri()
        connection = open_now.enter_context(contextlib.closing(sqlite3.connect(place, uri=True)))
        connection.row_factory = sqlite3.Row
        connection.isolation_level = None
        if connection.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
            raise sqlite3.OperationalError("a file of another version cannot be brought up to date here")
        yield connection


def _reason(error: Exception) -> str:
    """What went wrong, in this app's words; SQLite's own words go to the log."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) == errno.ENOSPC:
        return "cannot be changed now, because the disk is full; what is there can still be exported"
    if code == sqlite3.SQLITE_READONLY or getattr(error, "errno", None) in (errno.EROFS, errno.EACCES):
        return "cannot be changed, because the disk is read-only; what is there can still be exported"
    if code == sqlite3.SQLITE_BUSY:
        return "are busy; try again in a moment"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return "cannot be changed now, because the disk takes nothing; what is there can still be exported"
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "cannot be read or written: their file is damaged"
    return "cannot be read or written now"
