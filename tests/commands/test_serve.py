"""`serve` without its optional packages, and with options that no server can take."""

import sys

import pytest

from digitcore import __main__ as command_line


def test_without_the_packages_one_sentence_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert command_line.main(["serve"]) == 1
    told = capsys.readouterr().err
    assert "uvicorn" in told and "requirements-api.txt" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("option", ["--port=0", "--port=65536", "--port=http", "--at-once=0", "--at-once=²"])
def test_a_port_or_number_that_cannot_be_is_wrong_usage(option, capsys):
    with pytest.raises(SystemExit) as left:
        command_line.main(["serve", option])
    assert left.value.code == 2
    assert "expected a whole number" in capsys.readouterr().err
