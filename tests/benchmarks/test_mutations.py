"""The benchmark of mutations: its changes still apply, and it tells those that a test notices."""

import os
import py_compile
import types
from importlib.machinery import SourceFileLoader

import pytest

from benchmarks import mutations
from benchmarks.support.mutants.every import MUTANTS
from benchmarks.support.mutants.mutant import Mutant
from digitcore.paths import REPOSITORY


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: f"{each.file}: {each.name}")
def test_every_change_applies_to_the_code_as_it_is(mutant):
    source = (REPOSITORY / mutant.file).read_text(encoding="utf-8")
    compile(mutant.applied(source), mutant.file, "exec")
    assert (REPOSITORY / "tests" / mutant.wing).is_dir()


def test_no_change_is_listed_twice():
    assert len({(each.file, each.text, each.replacement) for each in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("source", ["a = 2\n", "a = 1\na = 1\n"])
def test_a_text_that_is_not_there_once_is_refused(source):
    with pytest.raises(ValueError, match="once, got"):
        Mutant("digitcore/reading/x.py", "another a", "a = 1", "a = 3").applied(source)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one module and one test, in the place of this one."""
    (tmp_path / "digitcore/reading").mkdir(parents=True)
    (tmp_path / "tests/reading").mkdir(parents=True)
    (tmp_path / "digitcore/reading/x.py").write_text("a = 1\nb = 2\n")
    (tmp_path / "tests/reading/test_x.py").write_text(
        "from digitcore.reading.x import a\n\ndef test_it():\n    assert a == 1\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    monkeypatch.setattr(mutations, "REPOSITORY", tmp_path)
    return tmp_path


NOTICED = Mutant("digitcore/reading/x.py", "another a", "a = 1", "a = 3")
SURVIVES = Mutant("digitcore/reading/x.py", "another b", "b = 2", "b = 3")


def test_a_change_of_equal_size_within_the_same_second_is_seen(project):
    file = project / "digitcore/reading/x.py"
    py_compile.compile(str(file))
    then = file.stat()
    mutations.written(file, NOTICED.applied(file.read_text()))
    os.utime(file, ns=(then.st_atime_ns, then.st_mtime_ns))
    loaded = types.ModuleType("x")
    SourceFileLoader("x", str(file)).exec_module(loaded)
    assert loaded.a == 3


def test_the_first_test_that_fails_is_named(project):
    (project / "digitcore/reading/x.py").write_text(NOTICED.applied("a = 1\nb = 2\n"))
    assert mutations.first_failure(project, ["tests/reading"]) == "reading/test_x.py::test_it"


def test_changes_are_made_one_at_a_time_to_a_copy_and_those_that_nobody_notices_survive(
    project, monkeypatch, capsys
):
    seen = []

    def first_failure(copy, tests):
        seen.append((copy / "digitcore/reading/x.py").read_text())
        return "test_a" if "a = 1" not in seen[-1] else ""

    monkeypatch.setattr(mutations, "first_failure", first_failure)
    assert list(mutations.measured([NOTICED, SURVIVES])) == [(NOTICED, "test_a"), (SURVIVES, "")]
    assert seen == ["a = 1\nb = 2\n", "a = 3\nb = 2\n", "a = 1\nb = 3\n"]
    said = capsys.readouterr().out
    assert "another a: noticed by test_a" in said and "another b: SURVIVES" in said
    assert (project / "digitcore/reading/x.py").read_text() == "a = 1\nb = 2\n"


def test_tests_that_fail_by_themselves_tell_nothing(project, monkeypatch):
    monkeypatch.setattr(mutations, "first_failure", lambda copy, tests: "test_a")
    with pytest.raises(RuntimeError, match="fail as they are: test_a"):
        list(mutations.measured([NOTICED]))


def test_what_is_kept_is_which_test_noticed_a_change_and_what_is_open(monkeypatch):
    third = Mutant("digitcore/reading/x.py", "a third", "a = 1", "a = 4")
    monkeypatch.setattr(mutations, "MUTANTS", [NOTICED, SURVIVES, third])
    noticed = {mutations.called(NOTICED): "test_a", mutations.called(SURVIVES): ""}
    kept = mutations.figures(noticed)
    assert kept["noticed"] == {mutations.called(NOTICED): "test_a"}
    assert kept["survived"] == [mutations.called(SURVIVES)]
    assert kept["not_measured"] == [mutations.called(third)]
    monkeypatch.setattr(mutations.record, "read", lambda name: {"mutations": kept}[name])
    assert mutations.known() == noticed
