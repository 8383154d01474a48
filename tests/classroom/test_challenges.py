"""The class's challenges: a change counts only if it fools the network, and the smallest network that reads
the class wins."""

from pathlib import Path

import numpy as np
import pytest

from digitcore import datasets
from digitcore.classroom import fooling, smallest
from digitcore.classroom.board import Row, Score
from digitcore.classroom.fooling import Fooling
from digitcore.classroom.scores import ClassFigure, Share
from digitcore.classroom.students import Students
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled
from tests.classroom.test_classes import refused, school  # noqa: F401

IDENTITY = "a network's hash"


@pytest.fixture(scope="module")
def network():
    return model_store.load("digitnet-nano")


@pytest.fixture(scope="module")
def digits(network):
    """A 7 and a 2 of the validation digits of which the network is sure: (28, 28) uint8 each."""
    images, labels = datasets.load("mnist", "validation")
    answers = network.answer(scaled(images[:300])).probabilities
    sure = [images[:300][(labels[:300] == label) & (answers[:, label] > 0.999)][0] for label in (7, 2)]
    return tuple(sure)


def mixed(digits, share):
    """The 7 with so much of the 2 in it."""
    seven, two = digits
    return np.rint((1 - share) * seven.astype(float) + share * two).astype(np.uint8)


def send(rooms, student, network, before, after, drawn=None):
    drawn = scaled(before) if drawn is None else drawn
    return Fooling(rooms).send(student, IDENTITY, network, before, after, drawn)


def test_a_change_that_fools_the_network_is_kept_with_the_size_that_the_server_reckons(
    school,  # noqa: F811
    network,
    digits,
):
    rooms, room, _, anna, _ = school
    seven, two = digits
    size, kept = send(rooms, anna, network, seven, two)
    assert kept and size == pytest.approx(np.abs(two - seven.astype(float)).sum() / seven.sum())
    (change,) = Fooling(rooms).all(room, IDENTITY)
    assert (change.nickname, change.label, change.answer, change.size) == ("Anna", 7, 2, size)
    assert (change.before == seven).all() and (change.after == two).all()
    assert Fooling(rooms).all(room, "another network") == []


def test_only_the_smallest_change_of_a_student_stands_and_the_smallest_of_all_comes_first(
    school,  # noqa: F811
    network,
    digits,
):
    rooms, room, _, anna, bo = school
    seven, two = digits
    send(rooms, bo, network, seven, mixed(digits, 0.9))
    assert send(rooms, anna, network, seven, two)[1]
    size, kept = send(rooms, anna, network, seven, mixed(digits, 0.8))
    assert kept and Fooling(rooms).smallest(anna, IDENTITY) == size
    assert not send(rooms, anna, network, seven, two)[1], "a larger one changes nothing"
    assert [change.nickname for change in Fooling(rooms).all(room, IDENTITY)] == ["Anna", "Bo"]
    Students(rooms).leave(anna)
    assert [change.nickname for change in Fooling(rooms).all(room, IDENTITY)] == ["Bo"]


def test_what_does_not_fool_it_does_not_count(school, network, digits):  # noqa: F811
    rooms, room, _, anna, _ = school
    seven, two = digits
    with refused(r"digitnet-nano is not fooled: it reads 7\."):
        send(rooms, anna, network, seven, mixed(digits, 0.05))
    with refused("is not fooled: it reads 2"):  # what was drawn was a 2 already
        send(rooms, anna, network, two, two)
    with refused("Only a change of the drawing on your paper counts"):
        send(rooms, anna, network, seven, two, drawn=scaled(two))
    halfway = next(
        mixed(digits, share)
        for share in np.linspace(0, 1, 101)
        if network.answer(scaled(mixed(digits, share))[np.newaxis]).probabilities.max() < fooling.SURE
    )
    with refused("must be at least 99% sure of your drawing"):
        send(rooms, anna, network, halfway, two)
    with refused("must be at least 99% sure of your drawing"):  # no digit at all
        send(rooms, anna, network, np.full((28, 28), 255, np.uint8), two)
    assert Fooling(rooms).all(room, IDENTITY) == []


def test_whoever_has_left_sends_nothing_and_the_teacher_removes_a_change(school, network, digits):  # noqa: F811
    rooms, room, key, anna, bo = school
    send(rooms, anna, network, *digits)
    send(rooms, bo, network, *digits)
    _, other_key = rooms.make()
    (first, _) = Fooling(rooms).all(room, IDENTITY)
    Fooling(rooms).remove(rooms.of_teacher(other_key), first.id)
    assert len(Fooling(rooms).all(room, IDENTITY)) == 2, "not by the teacher of another class"
    Fooling(rooms).remove(rooms.of_teacher(key), first.id)
    assert [change.nickname for change in Fooling(rooms).all(room, IDENTITY)] == ["Bo"]
    Students(rooms).leave(anna)
    with refused("no longer in this class"):
        send(rooms, anna, network, *digits)


def entry(nickname, parameters, misses, validation=0.99, learnt=0):
    """A run of the board and how it reads a class's 100 drawings."""
    row = Row(
        0, 0, nickname, "run", "mlp-128", parameters, Score(validation, 0, 5_000), None, learnt, Path(), ""
    )
    return row, ClassFigure(Share(misses, 100), {}, {}, ())


def test_the_smallest_network_that_reads_95_of_100_leads_and_the_rest_follows_by_what_it_reads():
    pairs = [
        entry("Anna", 100_000, 0),
        entry("Bo", 5_000, 5),
        entry("Bo", 4_000, 6),  # reads 94
        entry("Cleo", 1_000, 20),
        entry("Dan", 2_000, 10),
        entry("Eva", 300, 0, learnt=40),  # has seen the class's drawings
    ]
    found = smallest.ranked(*zip(*pairs, strict=True))
    assert [(one.place, one.row.nickname, one.row.parameters) for one in found] == [
        (1, "Bo", 5_000),
        (2, "Anna", 100_000),
        (None, "Dan", 2_000),
        (None, "Cleo", 1_000),
    ]


def test_a_network_that_was_not_measured_yet_waits():
    (row, _) = entry("Anna", 10, 0)
    assert smallest.ranked([row], [None]) == []
