"""A class as its teacher and its students use it, in an SQLite file for each test."""

import csv
import io
import json
import multiprocessing
import shutil
import sqlite3
import threading
import zipfile

import numpy as np
import pytest
from PIL import Image

from digitcore import files
from digitcore.classroom import board as class_board
from digitcore.classroom import classes, export, schema, scores
from digitcore.classroom import codes as class_codes
from digitcore.classroom import drawings as class_drawings
from digitcore.classroom import students as class_students
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.errors import ClassError, RunError
from digitcore.evaluation import labelled
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import extra_digits
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run

DAY = 86_400.0


@pytest.fixture
def school(rooms):
    """Two students, Anna and Bo, in one class: (rooms, room, teacher's key, anna, bo)."""
    room, key = rooms.make()
    return rooms, room, key, join(rooms, room, "Anna"), join(rooms, room, "Bo")


def join(rooms, room, nickname, key=None, **options):
    return Students(rooms).join(room.code, nickname, key or run_store.new_key(), **options)


def day_by_day(clock, rooms, days):
    """Use a server once a day, for so many days."""
    for _ in range(days):
        clock.now += DAY - 1
        rooms.store.purge()
    clock.now += days
    rooms.store.purge()


def seven(at=0):
    """A drawn seven, shifted, as the canvas's grey picture and as the pipeline's."""
    grey = np.full((280, 280), 255, np.uint8)
    grey[60:80, 70 + at : 200 + at] = grey[60:230, 180 + at : 200 + at] = 0
    picture = np.zeros((28, 28), np.float32)
    picture[4:6, 8:20] = picture[4:24, 18:20] = 1.0
    picture[0, at % 28] = 0.5
    return picture, grey


def add(rooms, student, label=7, at=0):
    ClassSet(rooms).add(student, label, *seven(at))


def refused(match):
    return pytest.raises(ClassError, match=match)


# Codes and nicknames


def test_a_code_is_three_words_that_can_be_called_out_and_no_two_classes_share_one(rooms):
    codes = {rooms.make()[0].code for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert class_codes.check_code(code) == code
        assert not set(code) & set("01UJGPDNVWCZ")


@pytest.mark.parametrize("typed", ["lamo tire bafo", " LAMO-TIRE-BAFO ", "lamotirebafo", "Lano Dire Pav0"])
def test_a_code_is_found_as_people_type_and_hear_it(typed):
    assert class_codes.check_code(typed) == "LAMO TIRE BAFO"


@pytest.mark.parametrize(
    "typed", ["", "LAMO TIRE", "LAMO TIRE BAFOX", "<b>", "'; DROP TABLE classes", "7" * 999]
)
def test_what_is_not_a_code_gets_a_sentence(rooms, typed):
    with refused("three words"):
        rooms.find(typed)


def test_a_wrong_code_finds_nothing(rooms):
    room, _ = rooms.make()
    other = "BABE LILO MIMO" if room.code != "BABE LILO MIMO" else "BABE LILO MIMA"
    with refused("no class with this code"):
        rooms.find(other)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Anna   B ", "Anna B"),
        ("=HYPERLINK(1)", "HYPERLINK(1)"),
        ("<b>Bo</b>", "b>Bo</b>"),
        ("a\u202eb\u200bc\x00", "abc"),
        ("🦊", "🦊"),
        ("Ｚoë", "Zoë"),
        ("Z" + "\u0336" * 9, "Z\u0336\u0336"),
        ("-1+2", "1+2"),
    ],
)
def test_nicknames_are_cleaned(typed, shown):
    assert class_codes.clean_nickname(typed) == shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "at least one"),
        (" \u200b ", "at least one"),
        ("a@b.org", "not an e-mail"),
        ("x" * 21, "at most 20"),
    ],
)
def test_what_is_not_a_nickname_gets_a_sentence(typed, sentence):
    with refused(sentence):
        class_codes.clean_nickname(typed)


# Students


def test_nicknames_are_unique_within_a_class_and_free_in_another(school):
    rooms, room, *_ = school
    for taken in ("Anna", "anna", " A N N A", "ANNÁ"):
        with refused("has that nickname"):
            join(rooms, room, taken)
    other, _ = rooms.make()
    assert join(rooms, other, "Anna").number == 1


def test_whoever_comes_back_with_their_key_is_the_same_student(school):
    rooms, room, *_ = school
    key = run_store.new_key()
    first = join(rooms, room, "Cleo", key)
    assert join(rooms, room, "Someone else", key) == first
    assert Students(rooms).find(room, key) == first
    assert Students(rooms).find(room, run_store.new_key()) is None


def test_of_two_who_take_a_nickname_at_once_one_gets_the_sentence(rooms):
    room, _ = rooms.make()
    outcomes, gate = [], threading.Barrier(8)

    def take():
        gate.wait()
        try:
            outcomes.append(join(rooms, room, "Anna").nickname)
        except ClassError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("Anna") == 1
    assert sum("has that nickname" in outcome for outcome in outcomes) == 7


def _join_many(path, code, name):
    for n in range(10):
        Students(Classroom(path)).join(code, f"{name}{n}", run_store.new_key())


def test_processes_that_share_the_file_lose_nothing(tmp_path):
    path = tmp_path / "classes.sqlite3"
    rooms = Classroom(path)
    room, _ = rooms.make()
    spawn = multiprocessing.get_context("fork")
    processes = [spawn.Process(target=_join_many, args=(path, room.code, name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    students = Students(rooms).of(room)
    assert sorted(student.number for student in students) == list(range(1, 21))


def test_a_class_can_be_full(rooms, monkeypatch):
    monkeypatch.setattr(class_students, "STUDENTS_PER_CLASS", 2)
    room, _ = rooms.make()
    join(rooms, room, "a"), join(rooms, room, "b")
    with refused("at most 2 students"):
        join(rooms, room, "c")


def test_a_server_keeps_a_limited_number_of_classes(rooms, monkeypatch):
    monkeypatch.setattr(classes, "CLASSES", 1)
    rooms.make()
    with refused("at most 1 classes"):
        rooms.make()


# The teacher


def test_the_teachers_key_opens_the_class_and_is_not_kept(school):
    rooms, room, key, *_ = school
    assert rooms.of_teacher(key) == room
    assert key.encode() not in rooms.store.path.read_bytes()
    for wrong in (run_store.new_key(), "short", room.code):
        with refused("no teacher's key"):
            rooms.of_teacher(wrong)


def test_students_keys_are_not_kept_either(rooms):
    room, _ = rooms.make()
    key = run_store.new_key()
    join(rooms, room, "Anna", key)
    assert key.encode() not in rooms.store.path.read_bytes()


def test_the_teacher_sets_limits(school):
    rooms, _room, key, anna, _ = school
    assert rooms.set_limits(key, most_drawings=1, revealed=True).revealed
    add(rooms, anna)
    with refused("the most that one student may add"):
        add(rooms, anna, at=1)
    rooms.set_limits(key, drawings_open=False, most_drawings=9)
    with refused("closed the class set"):
        add(rooms, anna, at=1)
    with refused("must be 1 to 100"):
        rooms.set_limits(key, most_drawings=101)
    assert rooms.of_teacher(key).most_drawings == 9


def test_a_class_from_a_larger_host_may_have_no_more_than_this_host_allows(school, monkeypatch):
    rooms, room, _, anna, _ = school
    add(rooms, anna)
    monkeypatch.setenv("DIGITLAB_CLASS_DRAWINGS_PER_STUDENT", "1")
    assert rooms.find(room.code).most_drawings == 1
    with refused("You have one drawing"):
        add(rooms, anna, at=1)


def test_the_teacher_removes_drawings_students_and_the_class(school):
    rooms, room, key, anna, bo = school
    drawings = ClassSet(rooms)
    for at in range(3):
        add(rooms, anna, at=at)
    add(rooms, bo)
    drawings.remove(rooms.of_teacher(key), drawings.all(room)[0].id)
    assert [d.nickname for d in drawings.all(room)] == ["Anna", "Anna", "Bo"]
    Students(rooms).remove(key, anna.number)
    assert [d.nickname for d in drawings.all(room)] == ["Bo"]
    with refused("no longer in this class"):
        add(rooms, anna)
    rooms.delete(key)
    with refused("no class"):
        rooms.find(room.code)
    with sqlite3.connect(rooms.store.path) as db:
        assert [db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("students", "drawings")] == [
            0,
            0,
        ]


def test_another_classs_teacher_and_another_student_remove_nothing(school):
    rooms, room, _, anna, bo = school
    _other, other_key = rooms.make()
    add(rooms, anna)
    drawings = ClassSet(rooms)
    (drawing,) = drawings.all(room)
    drawings.remove(rooms.of_teacher(other_key), drawing.id)
    drawings.remove(bo, drawing.id)
    Students(rooms).remove(other_key, anna.number)
    assert len(drawings.all(room)) == 1
    drawings.remove(anna, drawing.id)
    assert drawings.all(room) == []


def test_the_drawings_of_a_student_who_leaves_are_deleted(school):
    rooms, room, _, anna, bo = school
    add(rooms, anna), add(rooms, bo)
    Students(rooms).leave(anna)
    assert [d.nickname for d in ClassSet(rooms).all(room)] == ["Bo"]
    assert join(rooms, room, "Anna").number == 3


# The class set


def test_a_drawing_is_kept_as_the_pipeline_made_it_and_as_it_was_drawn(school):
    rooms, room, _, anna, _ = school
    add(rooms, anna)
    (drawing,) = ClassSet(rooms).all(room)
    picture, grey = seven()
    assert np.array_equal(drawing.picture, np.round(picture * 255).astype(np.uint8))
    original = Image.open(io.BytesIO(ClassSet(rooms).originals(room)[drawing.id]))
    assert np.array_equal(np.array(original), grey)


def test_the_same_drawing_again_changes_its_label_and_can_be_taken_out(school):
    rooms, room, _, anna, bo = school
    drawings, (_, grey) = ClassSet(rooms), seven()
    add(rooms, anna, 7), add(rooms, anna, 1), add(rooms, bo, 7)
    assert [d.label for d in drawings.all(room)] == [1, 7]
    assert (drawings.label_of(anna, grey), drawings.label_of(bo, grey)) == (1, 7)
    drawings.take_out(anna, grey)
    assert drawings.label_of(anna, grey) is None
    assert drawings.count(room) == 1


def test_the_class_set_has_limits(school, monkeypatch):
    rooms, _, _, anna, bo = school
    for label in (-1, 10):
        with refused("is one of 0, 1, 2"):
            add(rooms, anna, label)
    monkeypatch.setenv("DIGITLAB_CLASS_DRAWINGS", "1")
    add(rooms, anna)
    with refused("is full: it holds 1"):
        add(rooms, bo)
    monkeypatch.setattr(class_drawings, "STORE_BYTES", 1)
    with refused("no more room"):
        add(rooms, anna, at=1)


def test_a_noisy_drawing_is_kept_small():
    noise = np.random.default_rng(0).integers(0, 256, (280, 640), np.uint8)
    assert len(class_drawings.bounded_png(noise)) <= class_drawings.ORIGINAL_BYTES


def test_a_file_of_a_newer_version_is_left_alone(rooms):
    rooms.make()
    with sqlite3.connect(rooms.store.path) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with refused("update Digit Lab"):
        rooms.make()


def test_a_damaged_file_gives_a_sentence(rooms):
    rooms.make()
    for path in rooms.store.path.parent.glob("classes.sqlite3*"):
        path.unlink()
    rooms.store.path.write_bytes(b"not a database " * 100)
    with refused("file is damaged"):
        rooms.make()


# How it is read


class Reader:
    """A network that reads every digit as 7 and counts the pictures it was asked about."""

    title, reads_digits = "sevens", True

    def __init__(self):
        self.asked = 0

    def predict(self, images):
        self.asked += len(images)
        probabilities = np.full((len(images), 10), 0.02, np.float32)
        probabilities[:, 7] = 0.8
        probabilities[:, 1] = images[:, 0].max(1) / 10  # seven(at) differ there; the least likely ones last
        return probabilities


def test_misreadings_are_counted_by_digit_and_by_nickname(school):
    rooms, room, _, anna, bo = school
    add(rooms, anna, 7), add(rooms, anna, 1, at=1), add(rooms, bo, 3, at=2)
    figure = scores.ClassReader().read("m", Reader, ClassSet(rooms).all(room))
    assert (figure.whole.misses, figure.whole.n) == (2, 3)
    assert {d: s.misses for d, s in figure.by_digit.items()} == {1: 1, 3: 1, 7: 0}
    assert {who: (s.misses, s.n) for who, s in figure.by_nickname.items()} == {"Anna": (1, 2), "Bo": (1, 1)}
    assert [(miss.drawing.label, miss.answer) for miss in figure.misses] == [(3, 7), (1, 7)]  # hardest first


def test_a_network_is_asked_only_once_about_each_picture(school):
    rooms, room, _, anna, _ = school
    network, reader, drawings = Reader(), scores.ClassReader(), ClassSet(rooms)
    add(rooms, anna)
    assert not reader.knows("m", drawings.all(room))
    reader.read("m", lambda: network, drawings.all(room))
    add(rooms, anna, at=1)
    add(rooms, anna, 1)  # another label, the same picture
    figure = reader.read("m", lambda: network, drawings.all(room))
    assert (network.asked, figure.whole.misses) == (2, 1)
    assert reader.knows("m", drawings.all(room))


# The board


def finished(key, validation=100, test=50, name="", extra=None):
    """A visitor's finished run with so many misses of 5,000 validation and 10,000 test digits."""
    run = run_store.create(Settings.for_architecture("mlp-128"), key, name)
    card = model_store.card("mlp-128-128") | {"title": name, "architecture": "mlp-128"}
    card["validation"] = {"accuracy": 1 - validation / 5_000, "misses": validation, "n": 5_000}
    card["test"] = {"accuracy": 1 - test / 10_000, "misses": test, "n": 10_000}
    files.write_json(run.file("card.json"), card | (extra or {}))
    return run


@pytest.fixture
def board(rooms, clock, monkeypatch):
    """A class with two students who have a run each: Bo's is better on validation, Anna's on the test."""
    monkeypatch.setattr(run_store.time, "time", clock)
    room, teacher = rooms.make()
    keys = {name: run_store.new_key() for name in ("Anna", "Bo")}
    students = {name: join(rooms, room, name, key) for name, key in keys.items()}
    clock.now += 1
    finished(keys["Anna"], 120, 100, "a"), finished(keys["Bo"], 100, 300, "b")
    return rooms, room, teacher, keys, students


def test_the_board_ranks_by_validation_until_the_test_is_revealed(board):
    rooms, room, teacher, *_ = board
    rows = class_board.rows(rooms, room)
    assert [(row.place, row.nickname, row.test) for row in rows] == [(1, "Bo", None), (2, "Anna", None)]
    room = rooms.set_limits(teacher, revealed=True)
    rows = class_board.rows(rooms, room)
    assert [(row.place, row.by_validation, row.nickname) for row in rows] == [(1, 2, "Anna"), (2, 1, "Bo")]
    assert [row.test.misses for row in rows] == [100, 300]


def test_runs_from_before_joining_of_other_data_and_unfinished_are_not_on_it(board, clock):
    rooms, room, _, keys, _ = board
    finished(keys["Anna"], extra={"dataset": {"name": "fashion-mnist"}})
    run_store.create(Settings.for_architecture("mlp-128"), keys["Anna"])
    finished(keys["Anna"]).file("card.json").write_text('{"half')
    clock.now -= 100
    finished(keys["Anna"], 0)
    clock.now += 100
    assert len(class_board.rows(rooms, room)) == 2


def test_a_student_withdraws_their_runs_and_a_deleted_run_vanishes(board):
    rooms, room, _, keys, students = board
    Students(rooms).show_runs(students["Anna"], False)
    assert [row.nickname for row in class_board.rows(rooms, room)] == ["Bo"]
    shutil.rmtree(run_store.list_runs(keys["Bo"])[0].folder)
    assert class_board.rows(rooms, room) == []


def test_a_closed_board_keeps_what_is_on_it_and_takes_no_more(board, clock):
    rooms, _, teacher, keys, _ = board
    rooms.set_limits(teacher, runs_open=False)
    clock.now += 10
    finished(keys["Anna"], 0)
    assert len(class_board.rows(rooms, rooms.set_limits(teacher, runs_open=False))) == 2
    assert len(class_board.rows(rooms, rooms.set_limits(teacher, runs_open=True))) == 3


def test_a_run_that_learnt_from_the_class_set_says_so(board):
    rooms, room, _, keys, _ = board
    finished(keys["Anna"], 0, extra={"extra_digits": {"n": 12, "sha256": "…"}})
    assert class_board.rows(rooms, room)[0].class_digits == 12


# Taken home


def test_the_npz_holds_the_class_set_and_can_measure_a_network(school, tmp_path):
    rooms, room, _, anna, bo = school
    add(rooms, anna, 7), add(rooms, bo, 1)
    path = tmp_path / "our-class.npz"
    path.write_bytes(export.npz(ClassSet(rooms).all(room)))
    with np.load(path, allow_pickle=False) as file:
        assert file["images"].shape == (2, 28, 28)
        assert file["labels"].tolist() == [7, 1]
        assert file["students"].tolist() == [1, 2]
        assert file["nicknames"].tolist() == ["Anna", "Bo"]
    assert labelled.find(str(path), model_store.load("digitnet")).labels.tolist() == [7, 1]


def test_the_zip_holds_the_drawings_by_digit_and_its_table_holds_no_formulas(school):
    rooms, room, _, anna, _ = school
    odd = join(rooms, room, "../🦊 çé=1")
    add(rooms, anna, 7), add(rooms, odd, 1)
    add(rooms, join(rooms, room, "🦊"), 2)
    with zipfile.ZipFile(io.BytesIO(export.zipped(ClassSet(rooms), room))) as archive:
        assert archive.namelist() == [
            "7/anna-0001.png",
            "1/ce-1-0002.png",
            "2/student-4-0003.png",
            "labels.csv",
        ]
        assert np.array_equal(np.array(Image.open(archive.open("7/anna-0001.png"))), seven()[1])
        table = list(csv.reader(io.StringIO(archive.read("labels.csv").decode("utf-8-sig"))))
    assert table[1] == ["7/anna-0001.png", "7", "Anna", "1"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


# As extra digits of a training


def test_extra_digits_are_read_back_with_their_hash(tmp_path):
    images = np.stack([np.round(seven(at)[0] * 255).astype(np.uint8) for at in range(3)])
    assert extra_digits.read(tmp_path) is None
    assert extra_digits.described(Run(tmp_path)) == {}
    (tmp_path / extra_digits.FILE).write_bytes(extra_digits.pack(images, [7, 7, 1]))
    again, labels = extra_digits.read(tmp_path)
    assert np.array_equal(again, images)
    assert labels.tolist() == [7, 7, 1]
    entry = {"extra_digits": {"n": 3, "sha256": extra_digits.sha256(images, labels)}}
    assert extra_digits.described(Run(tmp_path)) == entry
    (tmp_path / "card.json").write_text(json.dumps(entry))
    extra_digits.forget(tmp_path)
    assert extra_digits.described(Run(tmp_path)) == entry  # it may learn on, and has seen them


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 half",
        extra_digits.pack(np.zeros((0, 28, 28), np.uint8), []),
        extra_digits.pack(np.zeros((2, 28, 28), np.uint8), [1]),
        extra_digits.pack(np.zeros((1, 28, 28), np.float32), [1]),
        extra_digits.pack(np.zeros((1, 28, 28), np.uint8), [11]),
    ],
)
def test_a_file_that_holds_no_digits_gives_a_sentence(tmp_path, content):
    (tmp_path / extra_digits.FILE).write_bytes(content)
    with pytest.raises(RunError, match=r"extra_digits\.npz"):
        extra_digits.read(tmp_path)


def test_a_run_has_its_extra_digits_before_a_trainer_may_take_it(rooms):
    packed = extra_digits.pack(np.zeros((1, 28, 28), np.uint8), [1])
    run = run_store.create(Settings.for_architecture("mlp-128"), run_store.new_key(), extra=packed)
    files = {name: run.file(name).stat().st_mtime_ns for name in (extra_digits.FILE, "settings.json")}
    assert files[extra_digits.FILE] <= files["settings.json"]
    assert extra_digits.read(run.folder)[1].tolist() == [1]


def test_copies_that_wait_in_run_folders_are_deleted_with_the_class(school, clock):
    rooms, room, _, _, _ = school
    key = run_store.new_key()
    join(rooms, room, "Cleo", key)
    ours, others = (run_store.create(Settings.for_architecture("mlp-128"), key) for _ in range(2))
    for run, source in ((ours, room.id), (others, room.id + 1)):
        packed = extra_digits.pack(np.zeros((1, 28, 28), np.uint8), [1], source)
        run.file(extra_digits.FILE).write_bytes(packed)
    day_by_day(clock, rooms, 31)
    assert not ours.file(extra_digits.FILE).exists()
    assert others.file(extra_digits.FILE).exists()
