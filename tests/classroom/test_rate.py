"""A token bucket for each asker: what may be done at once, and when there is more."""

import pytest

from digitcore.classroom import rate as rates
from digitcore.classroom.rate import Rate
from tests.classroom.clock import Clock


def test_what_was_taken_comes_back_evenly():
    clock = Clock()
    rate = Rate(6, 60.0, clock)
    assert [rate.take("a") for _ in range(6)] == [0.0] * 6
    assert rate.take("a") == pytest.approx(10.0)
    clock.now += 9.9
    assert rate.take("a") == pytest.approx(0.1)
    clock.now += 0.1
    assert rate.take("a") == 0.0
    assert rate.take("a", 2) == pytest.approx(20.0)
    clock.now += 1_000
    assert rate.take("a", 6) == 0.0


def test_nothing_is_taken_if_there_is_too_little_and_nobody_else_pays():
    rate = Rate(3, 60.0, Clock())
    rate.take("a", 2)
    assert rate.take("a", 2) > 0
    assert rate.used("a") == 2
    assert rate.take("b", 3) == 0.0
    assert rate.take("c", 4) == float("inf")


def test_what_did_not_count_is_given_back():
    rate = Rate(1, 60.0, Clock())
    for _ in range(5):
        assert rate.take("a") == 0.0
        rate.give_back("a")
    rate.give_back("b", 100)
    assert rate.used("b") == 0


def test_a_limited_number_of_askers_is_remembered(monkeypatch):
    monkeypatch.setattr(rates, "REMEMBERED", 100)
    rate = Rate(1, 60.0, Clock())
    for number in range(1_000):
        rate.take(number)
    assert len(rate._used) == 100
    assert rate.take(999) > 0
