"""What `benchmarks.cases` takes for wanted."""

from benchmarks.as_read import Read
from benchmarks.cases import CASES, cases, is_wanted


def test_every_case_has_its_picture():
    names = [name for name, *_ in cases()]
    assert names
    assert sorted(names) == sorted(path.stem for path in CASES.glob("*.png"))


def test_where_no_digit_is_wanted_none_may_be_sure():
    assert is_wanted(Read("", "", "Only a dot is here."), "")
    assert is_wanted(Read("?", "7"), "")
    assert not is_wanted(Read("?1", "71"), "")


def test_rows_are_separated_by_a_stroke():
    assert is_wanted(Read("5\n6", "5\n6"), "5/6")
    assert not is_wanted(Read("56", "56"), "5/6")
    assert is_wanted(Read("?12", "712"), r"\??12")
