"""When a class is deleted: after its time, after a day without students, and never because a clock is set."""

import sqlite3

import pytest

from digitcore.classroom import classes
from digitcore.classroom.students import Students
from digitcore.errors import ClassError, NoClass
from digitcore.runs import store as run_store
from tests.classroom.test_classes import DAY, add, day_by_day, join


@pytest.fixture
def used(rooms):
    """A class with a student who has drawn something: (room, teacher's key)."""
    room, key = rooms.make()
    add(rooms, join(rooms, room, "Anna"))
    return room, key


def rows(rooms, table):
    with sqlite3.connect(rooms.store.path) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_everything_goes_after_thirty_days(rooms, clock, used):
    room, key = used
    day_by_day(clock, rooms, 29)
    assert rooms.find(room.code).goes == room.goes
    clock.now = room.goes - 1
    assert rooms.find(room.code)
    clock.now = room.goes
    with pytest.raises(NoClass):
        rooms.find(room.code)
    with pytest.raises(NoClass, match="no teacher's key"):
        rooms.of_teacher(key)
    rooms.store.purge()
    assert [rows(rooms, table) for table in ("classes", "students", "drawings")] == [0, 0, 0]


@pytest.mark.parametrize("days", [40, 400, 20_000])
def test_a_clock_that_was_behind_when_the_class_was_made_ends_nothing_when_it_is_set_right(
    rooms, clock, used, days
):
    clock.now += days * DAY
    room = rooms.find(used[0].code)
    assert room.goes - clock.now == pytest.approx(15 * DAY)
    rooms.store.purge()
    rooms.make()
    assert len(Students(rooms).of(room)) == rows(rooms, "drawings") == 1
    day_by_day(clock, rooms, 16)
    with pytest.raises(NoClass):
        rooms.find(room.code)


def test_a_clock_that_jumps_again_and_again_ends_nothing_either(rooms, clock, used):
    for _ in range(20):
        clock.now += 100 * DAY
        rooms.store.purge()
        assert rooms.find(used[0].code)
        clock.now -= 100 * DAY
        rooms.store.purge()
        assert rooms.find(used[0].code)


def test_a_clock_set_back_makes_nothing_younger_or_older(rooms, clock, used):
    clock.now -= 365 * DAY
    room = rooms.find(used[0].code)
    assert room.goes - clock.now == pytest.approx(30 * DAY)
    assert Students(rooms).of(room)[0].joined == pytest.approx(clock.now)


def test_a_weekend_without_use_counts_in_full(rooms, clock, used):
    clock.now += 3 * DAY
    assert rooms.find(used[0].code).goes == used[0].goes


def test_a_class_that_nobody_joins_is_deleted_within_a_day_and_one_with_students_stays(rooms, clock, used):
    unused, _ = rooms.make()
    clock.now += DAY - 1
    rooms.store.purge()
    assert rooms.find(unused.code)
    clock.now += 1
    rooms.store.purge()
    with pytest.raises(NoClass):
        rooms.find(unused.code)
    assert rooms.find(used[0].code)


def test_a_class_counts_as_unused_from_when_its_last_student_leaves(rooms, clock, used):
    room, _ = used
    day_by_day(clock, rooms, 3)
    Students(rooms).leave(Students(rooms).of(room)[0])
    rooms.store.purge()
    assert rooms.find(room.code)
    day_by_day(clock, rooms, 1)
    with pytest.raises(NoClass):
        rooms.find(room.code)


def test_a_clock_set_right_does_not_end_a_class_that_waits_for_its_first_student(rooms, clock):
    room, _ = rooms.make()
    clock.now += 40 * DAY
    rooms.store.purge()
    assert join(rooms, room, "Anna")


def test_a_full_server_replaces_an_unused_class_by_a_new_one(rooms, clock, used, monkeypatch):
    monkeypatch.setattr(classes, "CLASSES", 3)
    oldest, _ = rooms.make()
    rooms.make()
    with pytest.raises(ClassError, match="at most 3 classes"):
        rooms.make()
    clock.now += classes.GIVES_WAY_SECONDS
    rooms.make()
    with pytest.raises(NoClass):
        rooms.find(oldest.code)
    assert rooms.find(used[0].code)


def test_runs_belong_to_a_class_from_joining_until_the_test_is_revealed(rooms, clock, used):
    room, teacher = used
    key = run_store.new_key()
    assert Students(rooms).unrevealed(key) == []
    join(rooms, room, "Bo", key)
    assert Students(rooms).unrevealed(key) == [(clock.now, float("inf"))]
    rooms.set_limits(teacher, revealed=True)
    assert Students(rooms).unrevealed(key) == []
