"""A new link in place of the old one: runs and classes move to it, and the old one opens nothing."""

import pytest

from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.renewal import renew_visitor
from digitcore.classroom.students import Students
from digitcore.errors import RunError
from digitcore.networks.settings import Settings
from digitcore.runs import store as run_store
from tests.classroom.test_classes import add, finished, join


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    return Classroom()


def test_runs_and_classes_move_to_the_new_link_and_the_old_one_opens_nothing(rooms):
    old = run_store.new_key()
    room, _ = rooms.make()
    add(rooms, join(rooms, room, "Anna", old))
    run = finished(old, name="mine")
    new = renew_visitor(rooms, old)
    assert [each.id for each in run_store.list_runs(new)] == [run.id]
    assert Students(rooms).find(room, new).nickname == "Anna" and ClassSet(rooms).count(room) == 1
    assert run_store.list_runs(old) == [] and Students(rooms).find(room, old) is None


def test_there_is_a_new_link_even_without_runs_and_classes(rooms):
    old = run_store.new_key()
    assert renew_visitor(rooms, old) != old
    assert not rooms.store.path.exists()


def test_while_a_run_is_waiting_or_in_training_the_old_link_stays(rooms):
    key = run_store.new_key()
    run_store.create(Settings.for_architecture("mlp-128"), key)
    with pytest.raises(RunError, match="stop them, or wait"):
        renew_visitor(rooms, key)
    assert len(run_store.list_runs(key)) == 1


def test_if_the_runs_cannot_be_moved_the_class_keeps_the_student_too(rooms, monkeypatch):
    key = run_store.new_key()
    room, _ = rooms.make()
    join(rooms, room, "Anna", key)
    finished(key)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(RunError, match="No space left"):
        renew_visitor(rooms, key)
    assert Students(rooms).find(room, key).nickname == "Anna"
