"""A class that draws symbols which its teacher has named: asked for, kept, exported, made a data set."""

import csv
import io
import zipfile

import numpy as np
import pytest

from digitcore import datasets, paths
from digitcore.classroom import export, symbols, wall
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.datasets import own
from digitcore.datasets.collecting import making
from digitcore.errors import ClassError
from digitcore.runs import own_data
from tests.classroom.test_classes import join
from tests.datasets.collecting import signs

NAMES = ("A", "a", "x/y", "=")
KEY = "K" * 22


@pytest.fixture
def school(rooms):
    room, teacher = rooms.make(NAMES)
    return rooms, room, teacher, Students(rooms).join(room.code, "Anna", KEY)


def draw(rooms, student, label, number=0):
    """A drawing that differs from all others of other labels and numbers."""
    grey = signs.drawn("+x-="[label], number)
    ClassSet(rooms).add(student, label, np.zeros((28, 28), np.float32), grey)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("A, B , +", ("A", "B", "+")),
        ("+ - x =", ("+", "-", "x", "=")),
        ("full stop, comma,", ("full stop", "comma")),
        (" ".join("ABCDEFGHIJKLMNOPQRST"), tuple("ABCDEFGHIJKLMNOPQRST")),
    ],
)
def test_a_teacher_names_the_symbols_with_commas_or_spaces(typed, names):
    assert symbols.named(typed) == names


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "2 to 20 different symbols; got 0"),
        ("A", "got 1"),
        (" ".join("ABCDEFGHIJKLMNOPQRSTU"), "got 21"),
        ("A B A", "got 'A' twice"),
        ("A, " + "long" * 7, "1 to 24 characters"),
        ("e\u0301 \u00e9", "twice"),
    ],
)
def test_what_is_no_list_of_symbols_is_said(typed, said):
    with pytest.raises(ClassError, match=said):
        symbols.named(typed)


def test_a_class_keeps_its_symbols_and_takes_drawings_of_them_alone(school):
    rooms, room, teacher, anna = school
    assert rooms.of_teacher(teacher).class_names == room.class_names == NAMES and not room.draws_digits
    assert rooms.make()[0].draws_digits
    draw(rooms, anna, 3)
    ours, mine = ClassSet(rooms).by_label(anna)
    assert ours == mine == [0, 0, 0, 1]
    with pytest.raises(ClassError, match="one of A, a, x/y, =; got number 4"):
        ClassSet(rooms).add(anna, 4, np.zeros((28, 28), np.float32), signs.drawn("x", 1))


def test_the_wall_shows_them_by_name_in_the_teachers_order_and_without_an_answer(school):
    rooms, room, _, anna = school
    for label in (3, 0, 1):
        draw(rooms, anna, label)
    tiles = wall.tiles(ClassSet(rooms).all(room), room.class_names, None)
    assert [(tile.label, tile.answer, tile.missed) for tile in tiles] == [
        ("a", None, False),
        ("A", None, False),
        ("=", None, False),
    ]
    assert list(wall.arranged(tiles, wall.SYMBOL)) == ["A", "a", "="]
    assert wall.WRONG not in wall.orders(room, is_read=False) and wall.SYMBOL in wall.orders(room)
    assert wall.WRONG in wall.orders(room) and wall.DIGIT in wall.orders(rooms.make()[0])


def test_a_network_that_knows_some_of_the_symbols_answers_those_alone(school):
    rooms, room, _, anna = school
    for label in (0, 1, 3, 3):
        draw(rooms, anna, label, number=label + len(ClassSet(rooms).all(room)))
    said = np.eye(2, dtype=np.float32)[[0, 0, 1, 0]]
    tiles = wall.tiles(ClassSet(rooms).all(room), room.class_names, said, known=("A", "="))
    assert [(tile.label, tile.answer, tile.missed) for tile in tiles[::-1]] == [
        ("A", "A", False),
        ("a", None, False),
        ("=", "=", False),
        ("=", "A", True),
    ]


def test_the_export_has_folders_that_any_system_takes_and_says_each_name(school):
    rooms, room, _, anna = school
    for label in range(4):
        draw(rooms, anna, label)
    drawings = ClassSet(rooms)
    with zipfile.ZipFile(io.BytesIO(export.zipped(drawings, room))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8-sig"))))
        assert [row["file"].lstrip("'").split("/")[0] for row in rows] == [
            "symbol-01",
            "symbol-02",
            "symbol-03",
            "=",
        ]
        assert {row["file"].lstrip("'") for row in rows} < set(archive.namelist())
    assert [row["label"].lstrip("'") for row in rows] == list(NAMES)
    arrays = np.load(io.BytesIO(export.npz(drawings.all(room), room.class_names)), allow_pickle=False)
    assert tuple(arrays["class_names"][arrays["labels"]]) == NAMES


def test_its_drawings_become_a_data_set_with_the_class_s_names_until_the_student_leaves(school, monkeypatch):
    rooms, room, _, anna = school
    monkeypatch.setattr(own_data, "_start", lambda place: making.main(place))
    for label, count in ((0, 10), (2, 3), (3, 12)):
        for number in range(count):
            draw(rooms, anna, label, number)
    archive, names = export.to_learn(ClassSet(rooms), room, 10)
    assert names == ["A", "="]
    mine, other = (
        own_data.ask(KEY, [("our-class.zip", archive)], "Ours", names=names, drawn_by=drawn_by)
        for drawn_by in (room.id, None)
    )
    info = datasets.describe(mine)
    assert info.class_names == ("A", "=") and info.title == "Ours"
    assert own.about(mine)["counts"] == [10, 12]
    parts = [datasets.load(mine, part)[1] for part in datasets.PARTS]
    assert np.array_equal(np.bincount(np.concatenate(parts)), [10, 12])
    bo = join(rooms, room, "Bo")
    Students(rooms).leave(bo)
    assert set(own_data.names(KEY)) == {mine, other}
    Students(rooms).leave(anna)
    assert own_data.names(KEY) == [other] and not list(paths.runs().rglob(mine))
