"""What `benchmarks.as_read` counts."""

import pytest

from benchmarks.as_read import Read
from benchmarks.support.texts import aligned, counts_of


@pytest.mark.parametrize(
    ("text", "guess", "error", "outcome"),
    [
        ("7", "7", "", "right and sure"),
        ("?", "7", "", "right, unsure"),
        ("1", "1", "", "wrong and sure"),
        ("?", "1", "", "wrong, unsure"),
        ("7?", "71", "", "several"),
        ("7\n1", "7\n1", "", "several and sure"),
        ("", "", "Nothing is drawn here.", "refused"),
    ],
)
def test_a_picture_of_a_seven_has_one_outcome(text, guess, error, outcome):
    assert Read(text, guess, error).outcome("7") == outcome


def test_a_page_read_exactly_has_nothing_wrong():
    counts = counts_of("12/05", "rows", "12\n05", "12\n05")
    assert counts["exact"] == 1
    assert counts["right"] == counts["digits"] == 4


def test_wrong_missing_unsure_and_invented_digits_are_told_apart():
    counts = counts_of("12/05", "rows", "11\n?", "11\n0")
    assert (counts["exact"], counts["right"], counts["wrong"], counts["unsure"], counts["missing"]) == (
        0,
        1,
        1,
        1,
        1,
    )
    assert counts_of("12", "line", "1112", "1112")["invented"] == 2


def test_digits_without_an_order_count_in_any():
    assert counts_of("7,4", "free", "4\n7", "4\n7")["exact"] == 1
    counts = counts_of("7,4", "free", "4\n1\n1", "4\n1\n1")
    assert (counts["right"], counts["wrong"], counts["invented"]) == (1, 1, 1)


def test_a_grid_is_exact_with_its_empty_cells_only():
    assert counts_of("9,2,/,,4", "grid", "9,2,\n,,4", "9,2,\n,,4")["exact"] == 1
    counts = counts_of("9,2,/,,4", "grid", "92\n4", "92\n4")
    assert counts["exact"] == 0
    assert counts["right"] == counts["digits"] == 3


def test_an_alignment_takes_a_digit_for_another_before_it_drops_both():
    assert aligned("123", "143") == [("1", "1"), ("2", "4"), ("3", "3")]
    assert aligned("123", "13") == [("1", "1"), ("2", ""), ("3", "3")]
