"""Who is next, everybody in turn, and roughly when."""

from pathlib import Path

import pytest

from digitcore.runs.turns import Pace, Took, Waiting, in_turn, in_words, waits


def waiting(owner, number, asked):
    return Waiting(Path("runs", owner, f"{owner}{number}"), asked, "mlp-128", 1.0)


def served(runs, arrivals_end=0.0):
    """The names of the runs in the order in which one trainer takes them, each for 10 seconds."""
    ended, now, order = {}, arrivals_end, []
    while runs:
        following = in_turn(runs, [], ended)[0]
        runs = [run for run in runs if run != following]
        now += 10
        ended[following.owner] = now
        order.append(following.folder.name)
    return order


def test_a_student_with_five_waiting_runs_does_not_starve_the_others():
    runs = [waiting("a", number, asked=number) for number in range(5)]
    runs += [waiting("b", 0, asked=6), waiting("c", 0, asked=7), waiting("c", 1, asked=7.5)]
    assert served(runs, arrivals_end=8) == ["a0", "b0", "c0", "a1", "c1", "a2", "a3", "a4"]


def test_whoever_has_a_run_in_training_comes_after_everybody_who_has_none():
    order = in_turn([waiting("a", 1, 1), waiting("a", 2, 2), waiting("b", 0, 9)], ["a"], {})
    assert [run.folder.name for run in order] == ["b0", "a1", "a2"]


def test_newcomers_do_not_overtake_those_who_have_waited_since_an_earlier_turn():
    order = in_turn([waiting("a", 1, asked=1), waiting("new", 0, asked=50)], [], {"a": 40})
    assert [run.folder.name for run in order] == ["a1", "new0"]


def test_the_runs_of_one_owner_start_in_the_order_in_which_they_were_requested():
    runs = [waiting("a", number, asked=10 - number) for number in range(3)]
    assert [run.asked for run in in_turn(runs, ["a"], {"a": 100})] == [8, 9, 10]


def test_the_pace_is_that_of_the_same_network_and_the_time_around_the_fit_is_added_once():
    pace = Pace([Took("mlp-128", 100, seconds=15, fitting=10), Took("cnn", 100, seconds=105, fitting=100)])
    assert pace.seconds("mlp-128", 200) == pytest.approx(20 + 5)
    assert pace.seconds("cnn", 50) == pytest.approx(50 + 5)
    assert pace.seconds("unknown", 100) == pytest.approx(55 + 5)
    assert Pace([]).seconds("cnn", 100) is None


@pytest.mark.parametrize(
    ("places", "busy", "line", "expected"),
    [
        (1, [], [10, 20, 30], [0, 10, 30]),
        (1, [5], [10, 20], [5, 15]),
        (2, [5, 8], [10, 10, 10], [5, 8, 15]),
        (3, [5], [10, 10, 10], [0, 0, 5]),
        (1, [5, 8], [10], [8]),  # one place was taken away: both must end first
    ],
)
def test_a_run_starts_when_a_place_is_free_and_those_before_it_have_theirs(places, busy, line, expected):
    assert waits(places, busy, line) == expected


def test_an_estimate_sounds_no_more_exact_than_it_is():
    said = [in_words(seconds) for seconds in (5, 70, 170, 750, 3500, 8000)]
    assert said == [
        "less than a minute",
        "about a minute",
        "about 3 minutes",
        "about 10 minutes",
        "about an hour",
        "about 2 hours",
    ]
