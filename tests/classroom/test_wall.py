"""The order of the wall, and the digits that a class is asked for."""

import random

import numpy as np
import pytest

from digitcore import datasets
from digitcore.classroom import qr_code, wall
from digitcore.classroom.asking import next_label
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet, Drawing
from tests.classroom.test_classes import add, join


def drawing(number, label, nickname):
    return Drawing(number, 1, 1, nickname, label, np.zeros((28, 28), np.uint8))


@pytest.fixture
def tiles():
    """Anna's 7 read as 1 and 1, Bo's 7 read as 7 and 1, and his 2 read as 3: in this order."""
    said = [(7, "Anna", 1), (1, "Anna", 1), (7, "Bo", 7), (7, "Bo", 1), (2, "Bo", 3)]
    probabilities = np.full((len(said), 10), 0.02, np.float32)
    for row, (_, _, answer) in zip(probabilities, said, strict=True):
        row[answer] = 0.8
    drawn = [drawing(n, label, who) for n, (label, who, _) in enumerate(said)]
    return wall.tiles(drawn, datasets.DIGITS, probabilities)


def test_the_newest_come_first(tiles):
    assert [tile.drawing.id for tile in wall.arranged(tiles, wall.NEWEST)[""]] == [4, 3, 2, 1, 0]
    assert [tile.missed for tile in tiles] == [True, True, False, False, True]
    assert (tiles[0].label, tiles[0].answer) == ("2", "3")


def test_by_digit_by_student_and_by_confusion(tiles):
    def ids(order):
        return {
            heading: [tile.drawing.id for tile in group]
            for heading, group in wall.arranged(tiles, order).items()
        }

    assert ids(wall.DIGIT) == {"1": [1], "2": [4], "7": [3, 2, 0]}
    assert ids(wall.STUDENT) == {"Anna": [1, 0], "Bo": [4, 3, 2]}
    assert list(ids(wall.WRONG).items()) == [("7 read as 1", [3, 0]), ("2 read as 3", [4])]


def lesson(students, rounds, ours, removed=()):
    """The digits of a class after each student has sent as many as asked for, in a random order."""
    mind = random.Random(0)
    mine = [[0] * 10 for _ in range(students)]
    asked = []
    for _ in range(rounds):
        for student in mind.sample(range(students), students):
            digit = next_label(ours, mine[student], student + 1, students)
            ours[digit] += 1
            mine[student][digit] += 1
            asked.append(digit)
    return ours, mine, asked


def test_a_class_of_thirty_has_as_many_of_each_digit_at_any_time():
    for rounds in (1, 5, 10, 17):
        ours, mine, _ = lesson(30, rounds, [0] * 10)
        assert max(ours) - min(ours) <= 2
        assert all(max(own) - min(own) <= 1 for own in mine)


def test_students_who_are_asked_at_the_same_time_are_not_all_asked_for_the_same_digit():
    assert sorted(next_label([0] * 10, [0] * 10, number, 10) for number in range(1, 11)) == list(range(10))


def test_a_gap_of_the_class_is_filled_first():
    _, _, asked = lesson(5, 4, [20] * 4 + [0] + [20] * 5)
    assert asked.count(4) >= 15
    _, _, asked = lesson(1, 3, [3] * 9 + [0])
    assert asked[:2] == [9, 9]


@pytest.fixture
def school(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    rooms = Classroom()
    room, _ = rooms.make()
    return rooms, room, join(rooms, room, "Anna"), join(rooms, room, "Bo")


def test_counts_the_newest_and_the_version_follow_the_class_set(school):
    rooms, room, anna, bo = school
    drawings = ClassSet(rooms)
    assert drawings.newest(anna) is None
    versions = [drawings.version(room)]
    for act in (
        lambda: add(rooms, anna, 7),
        lambda: add(rooms, bo, 7, at=1),
        lambda: add(rooms, anna, 3, at=2),
        lambda: add(rooms, anna, 4, at=2),
        lambda: drawings.remove(bo, drawings.newest(bo)[0]),
    ):
        act()
        versions.append(drawings.version(room))
    assert len(set(versions)) == len(versions)
    ours, _mine = drawings.by_label(anna)
    assert [ours[7], ours[4], sum(ours)] == [1, 1, 2]
    assert drawings.by_label(bo) == (ours, [0] * 10)
    assert drawings.newest(anna)[1] == 4


def test_a_qr_code_is_an_image_with_a_quiet_zone():
    image = qr_code.svg("http://192.0.2.2:8501/classroom?class=LAMO-TIRE-BAFO-3f9a0c21d4")
    assert (
        image.startswith("<svg") and 'viewBox="0 0 45 45"' in image
    )  # version 5: 37 modules and two times 4
