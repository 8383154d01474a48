"""How old a class is, told by a clock that may be wrong.

A class is over after limits.class_days; one that nobody has joined, after a day. A school's computer may
start in the year before and set its clock an hour later, and what was made in between would seem to be years
old. So the file remembers when it was last looked at, and a jump (two days and more without a look, or a step
back) never ends a class by itself: it takes away at most half of the time that a class had left. A server
that is looked at every day counts exactly; one that was switched off for weeks keeps a class a few days
longer.
"""

from __future__ import annotations

import sqlite3

from digitcore import limits

DAY = 86_400.0
JUMP = 2 * DAY
"""Seconds without a look from which on the clock may have been set; who looks daily is never late by a
day."""
NOTED_EVERY = 3_600.0
"""Seconds after which a reader writes down that it has looked."""
BACK = 60.0
"""Seconds that a clock may be set back without anything being done about it: time servers do that."""
UNUSED = DAY


def lifetime() -> float:
    """Seconds from a class's making to its end."""
    return limits.current().class_days * DAY


def jumped(seen: float, now: float) -> bool:
    """Whether more has passed than between two looks of one who looks every day."""
    return now - seen > JUMP or now - seen < -BACK


def to_be_noted(seen: float, now: float) -> bool:
    """Whether it is time to write down that the file was looked at."""
    return now - seen > NOTED_EVERY or jumped(seen, now)


def note(db: sqlite3.Connection, now: float) -> None:
    """Write down that the file is looked at, and keep a jump of the clock from ending any class."""
    row = db.execute("SELECT seen FROM clock").fetchone()
    if row is None:
        db.execute("INSERT INTO clock (seen) VALUES (?)", (now,))
        return
    seen = row[0]
    step = now - seen
    if step < -BACK:  # everything that was written down by the clock of before goes along
        db.execute("UPDATE classes SET created = created + ?, unused_since = unused_since + ?", (step, step))
        db.execute("UPDATE classes SET runs_until = runs_until + ?", (step,))
        db.execute("UPDATE students SET joined = joined + ?", (step,))
    elif step > JUMP:
        for room, created in db.execute("SELECT id, created FROM classes").fetchall():
            left = created + lifetime() - seen
            if left > 0 and left - step < left / 2:
                db.execute("UPDATE classes SET created = ? WHERE id = ?", (now + left / 2 - lifetime(), room))
        db.execute("UPDATE classes SET unused_since = ?", (now,))
    if to_be_noted(seen, now):
        db.execute("UPDATE clock SET seen = ?", (now,))


def over(db: sqlite3.Connection, now: float, unused: float = UNUSED) -> list[int]:
    """The ids of classes whose time is over, and of those that have been without a student for `unused`
    seconds, the oldest first; to be asked after `note`."""
    rows = db.execute(
        "SELECT id FROM classes WHERE created <= ? OR (unused_since <= ? AND NOT EXISTS "
        "(SELECT 1 FROM students WHERE class = classes.id)) ORDER BY created",
        (now - lifetime(), now - unused),
    ).fetchall()
    return [row[0] for row in rows]
