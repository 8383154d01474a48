"""Guesses of codes, classes made and bytes sent: what one address may do, and what a school behind it still
can."""

import numpy as np
import pytest

from digitcore.classroom import attempts
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.errors import ClassError
from tests.classroom.test_classes import add, join

SCHOOL, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def guesses(clock):
    return attempts.Guesses(clock)


def guess(guesses, times, address, session=None):
    """How many of `times` wrong codes are looked up; each comes from a session of its own if none is
    given."""
    taken = 0
    for number in range(times):
        try:
            guesses.take(f"{address} {number}" if session is None else session, address)
            taken += 1
        except ClassError:
            pass
    return taken


def test_a_session_has_eight_wrong_codes_and_then_one_after_a_while(guesses, clock):
    assert guess(guesses, 48, SCHOOL, "one session") == 8
    with pytest.raises(ClassError, match="38 seconds"):
        guesses.take("one session", SCHOOL)
    clock.now += 38
    guesses.take("one session", SCHOOL)


def test_new_sessions_do_not_renew_what_an_address_may_guess(guesses, clock):
    assert guess(guesses, 1_000, ELSEWHERE) == 120
    clock.now += 60
    assert guess(guesses, 1_000, ELSEWHERE) == 24
    with pytest.raises(ClassError, match="QR code or link"):
        guesses.take("new", ELSEWHERE)


def test_a_guesser_elsewhere_keeps_nobody_out(guesses):
    guess(guesses, 1_000, ELSEWHERE)
    guesses.take("a student", SCHOOL)


def test_many_guessers_share_what_a_server_allows_and_other_addresses_still_get_in(guesses):
    taken = sum(guess(guesses, 200, f"192.0.2.{number}") for number in range(100))
    # What the server allows, plus the few of each address that has not guessed much.
    assert 1_000 <= taken <= 1_000 + 100 * (attempts.CLEAN + 1)
    guesses.take("a student", SCHOOL)


def test_a_school_of_sixty_who_mistype_twice_gets_in_at_once(guesses):
    for student in range(60):
        assert guess(guesses, 2, SCHOOL, f"student {student}") == 2 if student < 59 else True
        try:
            guesses.take(f"student {student}", SCHOOL)
        except ClassError:
            assert student == 59
        else:
            guesses.give_back(f"student {student}", SCHOOL)


def test_right_codes_cost_nothing(guesses):
    for student in range(1_000):
        guesses.take(student, SCHOOL)
        guesses.give_back(student, SCHOOL)


def test_an_address_makes_ten_classes_and_then_one_an_hour(clock):
    makers = attempts.Makers(clock)

    def made(address):
        for number in range(97):
            try:
                makers.take(address)
            except ClassError:
                return number
        return 97

    assert made(SCHOOL) == 10
    assert made(ELSEWHERE) == 10
    clock.now += 3_600
    assert made(SCHOOL) == 1


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(attempts, "SENDERS", attempts.Senders())
    return Classroom()


def test_an_invitation_opens_its_class_and_a_code_alone_is_none(rooms):
    room, key = rooms.make()
    assert rooms.invited(room.invitation) == room
    code = room.code.replace(" ", "-")
    for other in (
        room.code,
        code,
        f"{code}-0123456789",
        f"-{room.invitation[-10:]}",
        "",
        "-",
        "x" * 999,
        "ü-ü",
    ):
        assert rooms.invited(other) is None
    rooms.renew_teacher(key)
    assert rooms.invited(room.invitation) is None


def test_a_new_teachers_key_ends_the_old_one(rooms):
    room, key = rooms.make()
    new = rooms.renew_teacher(key)
    assert rooms.of_teacher(new).id == room.id
    with pytest.raises(ClassError):
        rooms.of_teacher(key)


def test_drawings_are_counted_in_bytes_per_address_and_changing_a_label_costs_nothing(rooms):
    room, _ = rooms.make()
    anna = join(rooms, room, "Anna")
    drawings = ClassSet(rooms)
    noise = np.random.default_rng(0).integers(0, 256, (4, 130, 130), np.uint8)
    drawings.add(anna, 1, np.zeros((28, 28), np.float32), noise[0], sender=SCHOOL)
    size = attempts.SENDERS.of_address.used(SCHOOL)
    assert size == pytest.approx(len(next(iter(drawings.originals(room).values()))), rel=0.01)
    attempts.SENDERS.of_address.most = 2.5 * size
    drawings.add(anna, 2, np.zeros((28, 28), np.float32), noise[1], sender=SCHOOL)
    with pytest.raises(ClassError, match="carry on tomorrow"):
        drawings.add(anna, 3, np.zeros((28, 28), np.float32), noise[2], sender=SCHOOL)
    drawings.add(anna, 5, np.zeros((28, 28), np.float32), noise[1], sender=SCHOOL)
    drawings.add(anna, 3, np.zeros((28, 28), np.float32), noise[2], sender=ELSEWHERE)
    add(rooms, anna)
    assert drawings.count(room) == 4
