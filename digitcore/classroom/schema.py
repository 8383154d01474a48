"""The tables of the file of all classes, and how a file of an earlier version gets them."""

from __future__ import annotations

import sqlite3

from digitcore.errors import ClassError

VERSION = 4
# label: the place of what was drawn among the class's symbols (symbols.py), of which there are up to 20.
DRAWINGS = """
CREATE TABLE drawings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused: a network's answers are remembered by it
    class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 19),
    picture BLOB NOT NULL CHECK (length(picture) = 784),
    original BLOB NOT NULL,                 -- PNG
    digest TEXT NOT NULL,                   -- of the drawing as the canvas sent it
    added REAL NOT NULL,
    UNIQUE (student, digest)
);
"""
SCHEMA = f"""
CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL UNIQUE,
    teacher TEXT NOT NULL UNIQUE,           -- SHA-256 of the teacher's key, which is kept nowhere
    created REAL NOT NULL,
    drawings_open INTEGER NOT NULL DEFAULT 1,
    runs_until REAL,                        -- runs requested later stay off the board; NULL: no end
    revealed INTEGER NOT NULL DEFAULT 0,
    most_drawings INTEGER NOT NULL,         -- per student
    unused_since REAL,                      -- without a student since then
    network TEXT,                           -- the network that reads the wall; NULL: the first one
    class_names TEXT                        -- JSON list of the symbols that it draws; NULL: the digits
);
CREATE TABLE students (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    number INTEGER NOT NULL,                -- 1, 2, 3 … in the class, never reused
    nickname TEXT NOT NULL,
    folded TEXT NOT NULL,                   -- what must differ: no capitals, spaces or variants of accents
    owner TEXT NOT NULL,                    -- the hash that names the visitor's folder of runs
    shows_runs INTEGER NOT NULL,
    joined REAL NOT NULL,
    UNIQUE (class, folded),
    UNIQUE (class, owner)
);
{DRAWINGS}CREATE INDEX drawings_of_class ON drawings (class);
CREATE TABLE clock (seen REAL NOT NULL);    -- one row: when this file was last looked at
"""
# Each student's smallest change that fools a network (fooling.py).
CHANGES = """
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
    network TEXT NOT NULL,                  -- SHA-256 of the network's file
    label INTEGER NOT NULL,                 -- what it read before
    answer INTEGER NOT NULL,                -- and what it reads now
    size REAL NOT NULL,                     -- ink added and taken away, of the ink before
    before BLOB NOT NULL CHECK (length(before) = 784),
    after BLOB NOT NULL CHECK (length(after) = 784),
    added REAL NOT NULL,
    UNIQUE (student, network)
);
"""
# From the previous version to this one.
UPGRADE = {
    1: """
ALTER TABLE classes ADD COLUMN unused_since REAL;
ALTER TABLE classes ADD COLUMN network TEXT;
UPDATE classes SET unused_since = created;
CREATE TABLE clock (seen REAL NOT NULL);
""",
    2: CHANGES,
    # SQLite changes no CHECK in place. The last id given comes along, so that none is given again.
    3: f"""
ALTER TABLE classes ADD COLUMN class_names TEXT;
DROP INDEX drawings_of_class;
ALTER TABLE drawings RENAME TO older_drawings;
{DRAWINGS}INSERT INTO drawings (id, class, student, label, picture, original, digest, added)
    SELECT id, class, student, label, picture, original, digest, added FROM older_drawings;
DELETE FROM sqlite_sequence WHERE name = 'drawings';
UPDATE sqlite_sequence SET name = 'drawings' WHERE name = 'older_drawings';
DROP TABLE older_drawings;
CREATE INDEX drawings_of_class ON drawings (class);
""",
}


def bring_up_to_date(connection: sqlite3.Connection, name: str) -> None:
    """Within a transaction: make the tables of a new file, or change those of an older one.

    name: the file's. ClassError if it is of a later version.
    """
    # Read within the transaction: another process may have been faster.
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, *UPGRADE, VERSION):
        raise ClassError(
            f"{name} is of version {version} of Digit Lab's classes, and this copy knows version {VERSION}: "
            "update Digit Lab, or move the file away."
        )
    if version == 0:
        _execute(connection, SCHEMA)
        _execute(connection, CHANGES)
    for older in range(version or VERSION, VERSION):
        _execute(connection, UPGRADE[older])
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _execute(connection: sqlite3.Connection, statements: str) -> None:
    """Execute statements one by one, within the transaction (`executescript` would end it)."""
    for statement in statements.split(";\n"):
        connection.execute(statement)
