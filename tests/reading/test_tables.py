"""Tables: no cell runs in a spreadsheet, no name hides another."""

import csv
import io

import pytest

from digitcore.reading.tables import csv_text, harmless, short_names


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("number", ["0138", "00", "1234567890123456"])
def test_digits_that_a_spreadsheet_would_make_another_number_of_get_an_apostrophe(number):
    assert harmless(number) == f"'{number}"


@pytest.mark.parametrize("cell", [-0.5, -3, None, "7.png", "a=b", "", "0", "138", "0.5", "012\n345", 12])
def test_everything_else_stays_as_it_is(cell):
    assert harmless(cell) is cell


def test_csv_reads_back_as_written():
    rows = [['a "quoted", name', 0.5, None], ["line\nend", -1, "é"], ["=1+1", 2, "x"]]
    text = csv_text(["file", "n", "text"], rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["file", "n", "text"],
        ['a "quoted", name', "0.5", ""],
        ["line\nend", "-1", "é"],
        ["'=1+1", "2", "x"],
    ]


def test_names_are_cut_to_what_tells_them_apart():
    assert short_names(["x/a/7.png", "x/b/7.png", "x/b/8.png"]) == ["a/7.png", "b/7.png", "8.png"]
    assert short_names(["c:\\scans\\7.png"]) == ["7.png"]
    assert short_names(["a/x/7.png", "b/x/7.png", "7.png"]) == ["a/x/7.png", "b/x/7.png", "7.png"]


def test_equal_paths_stay_equal_and_all_are_kept():
    assert short_names(["7.png", "7.png"]) == ["7.png", "7.png"]


def test_names_are_bounded_however_deep_the_folders():
    deep = ["/".join(["d"] * 5000 + [str(n), *["e"] * 5000, "7.png"]) for n in range(300)]
    assert all(len(name) <= 200 and name.count("/") <= 3 for name in short_names(deep))


def test_what_does_not_print_cannot_disguise_a_name():
    assert short_names(["gpj\u202egnp.exe", "a\nb.png", "10.05\u202fAM.png"]) == [
        "gpj\ufffdgnp.exe",
        "a\ufffdb.png",
        "10.05 AM.png",
    ]
