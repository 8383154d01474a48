"""The sprint's benchmark: when a network counts as there, and what is made of both times."""

import pytest

from benchmarks import sprint


def ends(*accuracies):
    """A made-up history: an epoch's end each ten seconds."""
    return [
        {"epoch": number, "test_accuracy": accuracy, "seconds": 10.0 * number}
        for number, accuracy in enumerate(accuracies, start=1)
    ]


def a_round(sprint_accuracy, mine=(10.0, 15.0), theirs=(90.0, 100.0)):
    """A sprint that ended at that accuracy after `mine` seconds (training, start to saved)."""
    return {
        "seed": 0,
        "sprint": {
            "history": ends(sprint_accuracy),
            "training_seconds": mine[0],
            "start_to_saved_seconds": mine[1],
        },
        "example": {
            "history": ends(0.98, 0.991),
            "training_seconds": theirs[0],
            "start_to_saved_seconds": theirs[1],
        },
    }


def test_the_first_epoch_that_ends_at_the_floor_counts_though_a_later_one_is_better():
    assert sprint.reached(ends(0.981, 0.99, 0.9889, 0.995), 0.99)["epoch"] == 2


def test_a_network_one_digit_below_the_floor_is_not_there():
    assert sprint.reached(ends(0.97, 0.9899), 0.99) is None
    assert sprint.reached([], 0.99) is None


def test_the_aims_are_met_by_the_median_over_the_seeds():
    fast = a_round(0.991, theirs=(160.0, 151.0))  # 16 and some 10 times faster
    slow = a_round(0.991, mine=(20.0, 15.0), theirs=(160.0, 151.0))
    assert sprint.summary([fast, slow, fast], 0.99)["aims_met"]
    figures = sprint.summary([slow, slow, fast], 0.99)
    assert figures["times_faster"]["training"] == pytest.approx([8.0, 8.0, 16.0])
    assert not figures["aims_met"]
    missed = a_round(0.9899, theirs=(160.0, 151.0))
    assert not sprint.summary([fast, missed, missed], 0.99)["aims_met"]


def test_a_sprint_that_does_not_get_there_is_no_times_faster():
    figures = sprint.summary([a_round(0.9899)], 0.99)
    assert figures["times_faster"] == {"training": [0.0], "start_to_saved": [0.0]}
    assert not figures["aims_met"]
