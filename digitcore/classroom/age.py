"""How old a class is, by a clock that may be wrong.

A class ends after limits.class_days; one that nobody has joined, after a day. A school's computer may start
with last year's date and set its clock an hour later, and what was made in between would seem to be years
old. So the file remembers when it was last used, and a jump of the clock (two days or more without use, or a
step back) never ends a class by itself: it takes away at most half of the time that a class had left. On a
server that is used every day the age is exact; on one that is off for weeks, a class lasts a few days longer.
"""

from __future__ import annotations

import sqlite3

from digitcore import limits

DAY = 86_400.0
JUMP = 2 * DAY
"""Seconds without use after which the clock may have been set; daily use never leaves such a gap."""
NOTED_EVERY = 3_600.0
"""Seconds after which a reader records that the file was used."""
BACK = 60.0
"""Seconds by which a clock may be set back without consequences, as time servers do."""
UNUSED = DAY


def lifetime() -> float:
    """Seconds from the making of a class to its end."""
    return limits.current().class_days * DAY


def jumped(seen: float, now: float) -> bool:
    """Whether the time since the last use is longer than daily use allows."""
    return now - seen > JUMP or now - seen < -BACK


def to_be_noted(seen: float, now: float) -> bool:
    """Whether it is time to record that the file was used."""
    return now - seen > NOTED_EVERY or jumped(seen, now)


def note(db: sqlite3.Connection, now: float) -> None:
    """Record that the file is used, and keep a jump of the clock from ending any class."""
    row = db.execute("SELECT seen FROM clock").fetchone()
    if row is None:
        db.execute("INSERT INTO clock (seen) VALUES (?)", (now,))
        return
    seen = row[0]
    step = now - seen
    if step < -BACK:  # all times written by the old clock move with it
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
    """The ids of classes whose time is over, and of those that have had no student for `unused` seconds, the
    oldest first; call `note` first."""
    rows = db.execute(
        "SELECT id FROM classes WHERE created <= ? OR (unused_since <= ? AND NOT EXISTS "
        "(SELECT 1 FROM students WHERE class = classes.id)) ORDER BY created",
        (now - lifetime(), now - unused),
    ).fetchall()
    return [row[0] for row in rows]
