"""The file of all classes: from older versions, damaged, on a full or read-only disk, and who may read it."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitcore import datasets, paths
from digitcore.classroom import export
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.errors import ClassError, NoClass
from tests.classroom.test_classes import add, join, seven

# Made by version 1: three students (keys of 22 A, B and Z), four drawings, a teacher's key of 22 T.
OLD = Path(__file__).with_name("data") / "classes-version-1.sqlite3"
MADE = 1_800_000_000.0
# Made by version 3: the same students, a drawing that was taken back (number 5), Zoë's change, a network.
BEFORE_SYMBOLS = OLD.with_name("classes-version-3.sqlite3")
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits a process as Linux does")


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    return tmp_path / "classes.sqlite3"


def test_a_file_of_version_1_opens_with_everything_in_it_and_takes_new_drawings(file):
    shutil.copyfile(OLD, file)
    rooms = Classroom(clock=lambda: MADE + 86_400)
    room = rooms.find("LAMO TIRE BAFO")
    assert (room.created, room.most_drawings, room.revealed, room.network) == (MADE, 40, True, None)
    students = Students(rooms).of(room)
    assert [(s.nickname, s.drawings) for s in students] == [("Anna", 3), ("Bo", 1), ("Zoë 🦊", 0)]
    assert rooms.of_teacher("T" * 22).id == room.id
    drawings = ClassSet(rooms)
    assert [drawing.label for drawing in drawings.all(room)] == [7, 7, 7, 3]
    assert np.array_equal(drawings.all(room)[0].picture, np.round(seven()[0] * 255).astype(np.uint8))
    assert drawings.label_of(Students(rooms).find(room, "B" * 22), seven(4)[1]) == 3
    add(rooms, Students(rooms).find(room, "Z" * 22), at=5)
    assert drawings.count(room) == 5
    assert rooms.set_limits("T" * 22, network="digitnet").network == "digitnet"


def test_a_file_of_version_1_that_is_opened_a_year_later_is_not_deleted_at_once(file):
    shutil.copyfile(OLD, file)
    rooms = Classroom(clock=lambda: MADE + 20 * 86_400)
    assert rooms.find("LAMO TIRE BAFO")
    later = Classroom(clock=lambda: MADE + 365 * 86_400)
    assert len(ClassSet(later).all(later.find("LAMO TIRE BAFO"))) == 4


def test_a_file_of_version_3_keeps_its_drawings_and_never_gives_a_number_twice(file):
    shutil.copyfile(BEFORE_SYMBOLS, file)
    rooms = Classroom(clock=lambda: MADE + 60)
    room = rooms.of_teacher("T" * 22)
    assert (room.code, room.network, room.class_names) == ("LAMO TIRE BAFO", "digitnet", datasets.DIGITS)
    drawings, students = ClassSet(rooms), {s.nickname: s for s in Students(rooms).of(room)}
    kept = [(drawing.id, drawing.nickname, drawing.label) for drawing in drawings.all(room)]
    assert kept == [(1, "Anna", 7), (2, "Anna", 7), (3, "Anna", 7), (4, "Bo", 3)]
    assert np.array_equal(drawings.all(room)[0].picture, np.round(seven()[0] * 255).astype(np.uint8))
    assert set(drawings.originals(room)) == {1, 2, 3, 4}
    with rooms.store.reading() as db:
        assert tuple(db.execute("SELECT student, size FROM changes").fetchone()) == (3, 0.031)
    add(rooms, students["Bo"], 5, at=7)
    assert drawings.newest(students["Bo"]) == (6, 5)
    Students(rooms).leave(students["Bo"])
    assert [d.nickname for d in drawings.all(room)] == ["Anna"] * 3  # the tables still refer to each other
    symbols, _ = rooms.make("ABCDEFGHIJKLMNOPQRST")
    add(rooms, Students(rooms).join(symbols.code, "Cleo", "C" * 22), 19)
    assert [d.label for d in drawings.all(symbols)] == [19]


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_only_the_owner_of_the_file_can_read_it_and_its_log(file):
    rooms = Classroom()
    with rooms.store.writing():
        assert file.stat().st_mode & 0o777 == 0o600  # from its first byte on
    rooms.make()
    with rooms.store.writing(), rooms.store.reading():
        found = {path.name: path.stat().st_mode & 0o777 for path in file.parent.glob("classes.sqlite3*")}
    assert {"classes.sqlite3", "classes.sqlite3-wal"} <= set(found)
    assert set(found.values()) == {0o600}
    file.chmod(0o644)  # as versions before left it
    rooms.make()
    assert file.stat().st_mode & 0o777 == 0o600


LOOK = """
import json, os, resource, sys
from digitcore.classroom import export
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.errors import ClassError

rooms = Classroom()
if {full}:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file may grow, as on a full disk
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if {user}:
    export.zipped(ClassSet(rooms), rooms.find({code!r}))  # imports what is imported only when it is used
    os.setuid({user})  # root could write anywhere
room = rooms.find({code!r})
drawings = ClassSet(rooms).all(room)
packed = export.npz(drawings), export.zipped(ClassSet(rooms), room)
try:
    Students(rooms).join(room.code, "Late", "L" * 22)
except ClassError as error:
    said = str(error)
print(json.dumps([len(drawings), [len(each) for each in packed], rooms.of_teacher({key!r}).id, said]))
"""


def look(tmp_path, code, key, full=False, user=0):
    script = LOOK.format(code=code, key=key, full=full, user=user)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=paths.REPOSITORY,
        env={**os.environ, "DIGITLAB_RUNS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def a_class(file):
    rooms = Classroom()
    room, key = rooms.make()
    anna = join(rooms, room, "Anna")
    for at in range(3):
        add(rooms, anna, at=at)
    return rooms, room, key


@linux
def test_a_class_is_read_and_exported_from_a_full_disk(file):
    rooms, room, key = a_class(file)
    count, sizes, found, said = look(file.parent, room.code, key, full=True)
    assert (count, found) == (3, room.id)
    drawings = ClassSet(rooms)
    assert sizes == [len(export.npz(drawings.all(room))), len(export.zipped(drawings, room))]
    assert "what is there can still be exported" in said


@linux
def test_what_a_log_still_holds_is_read_from_a_full_disk_too(file):
    rooms, room, key = a_class(file)
    with contextlib.closing(sqlite3.connect(file)) as open_still:  # keeps the log from being written back
        open_still.execute("SELECT count(*) FROM classes").fetchone()
        add(rooms, Students(rooms).of(room)[0], at=9)
        assert file.with_name("classes.sqlite3-wal").stat().st_size
        assert look(file.parent, room.code, key, full=True)[0] == 4


@linux
@pytest.mark.skipif(os.getuid() != 0 if hasattr(os, "getuid") else True, reason="root becomes somebody else")
def test_a_class_is_read_and_exported_from_a_read_only_folder(tmp_path_factory, monkeypatch, request):
    folder = tmp_path_factory.mktemp("read-only")
    monkeypatch.setenv("DIGITLAB_RUNS", str(folder))
    _, room, key = a_class(folder / "classes.sqlite3")
    nobody = 65_534
    for parent in folder.parents[:-2]:
        mode = parent.stat().st_mode & 0o777
        parent.chmod(mode | 0o011)
        request.addfinalizer(lambda parent=parent, mode=mode: parent.chmod(mode))
    os.chown(folder / "classes.sqlite3", nobody, nobody)
    folder.chmod(0o555)
    count, _, found, said = look(folder, room.code, key, user=nobody)
    assert (count, found) == (3, room.id)
    assert "what is there can still be exported" in said


@pytest.mark.parametrize("content", [b"not a database " * 100, OLD.read_bytes()[:20_000], b"\0" * 5_000])
def test_a_damaged_file_gives_a_sentence_in_the_words_of_the_app(file, content):
    file.write_bytes(content)
    rooms = Classroom(clock=lambda: MADE)
    for act in (rooms.make, lambda: rooms.find("LAMO TIRE BAFO"), rooms.store.purge):
        try:
            act()
        except NoClass:
            pass
        except ClassError as error:
            assert "their file is damaged" in str(error)
            assert not {"malformed", "database", "disk image"} & set(str(error).split())
    if content != OLD.read_bytes()[:20_000]:
        with pytest.raises(ClassError, match="their file is damaged"):
            rooms.make()


def test_a_busy_file_gives_a_sentence_too(file, monkeypatch):
    rooms = Classroom()
    rooms.make()
    monkeypatch.setattr("digitcore.classroom.store.BUSY_SECONDS", 0.05)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ClassError, match="busy; try again"):
            rooms.make()
