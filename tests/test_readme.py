"""The README tells the truth: its figures are those of the files, its commands, links and paths exist."""

import argparse
import importlib
import os
import re
import subprocess
from dataclasses import fields

import pytest

from benchmarks import readme
from digitcore import paths
from digitcore.limits import Limits

ROOT = paths.REPOSITORY
TEXT = readme.README.read_text(encoding="utf-8")
ALL = {file: file.read_text(encoding="utf-8") for file in readme.READMES}
EVERYTHING = "\n".join(ALL.values())
# Figures that are not ours to measure: Community Cloud's limits, as its documentation states them, and the
# goal of a class's challenge.
STATED = {"690 MB", "2.7 GB", "95%"}


def outside_blocks():
    return re.sub(r"<!-- ([a-z-]+) -->.*?<!-- /\1 -->", "", EVERYTHING, flags=re.DOTALL)


def commands():
    """Every call of our command line: whole lines, and the table's short forms."""
    whole = re.findall(r"^python -m digitcore ([^>\n]+?)(?: > \S+)?$", EVERYTHING, flags=re.MULTILINE)
    short = re.findall(r"`(?:python -m digitcore )?((?:train|evaluate|predict|datasets) [^`]+)`", EVERYTHING)
    return sorted({command for command in whole + short if "--help" not in command})


def test_every_figure_is_that_of_its_file():
    for file, text in ALL.items():
        assert readme.filled(text) == text, f"{file} is out of date: python -m benchmarks.readme"


def test_every_block_is_used_and_written():
    assert sorted(re.findall(r"<!-- ([a-z-]+) -->", EVERYTHING)) == sorted(readme.BLOCKS)


def test_the_first_readme_is_read_in_one_sitting():
    assert len(TEXT.splitlines()) <= 220


def test_no_measured_figure_stands_outside_the_blocks():
    unit = r"(?:%|ms|s|seconds|MB|KB|GB|misses|times|parameters)"
    found = set(re.findall(rf"\d[\d.,]* ?{unit}(?![\w-])", outside_blocks()))
    assert found == STATED


def test_the_first_picture_and_the_result_come_first():
    start = TEXT[:1500]
    assert start.index("![") < start.index("<!-- result -->") < start.index("## Start")
    assert re.search(r"\d\d\.\d\d%.*\*\*\d+ misses\*\*", start)


def test_every_picture_and_linked_file_exists():
    for file, text in ALL.items():
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (file.parent / target).is_file(), target


def test_the_tree_names_what_is_there():
    entries = re.findall(r"^    ( *)(\S.*?)  ", TEXT, flags=re.MULTILINE)
    assert len(entries) > 12
    above = ""
    for indent, name in entries:
        above = above if indent else name
        assert (ROOT / (above if indent else "") / name).exists(), name
    wings = {path.name for path in (ROOT / "digitcore").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert wings <= {name.rstrip("/") for _, name in entries}


@pytest.mark.parametrize("command", commands())
def test_every_command_line_is_understood(command):
    name, *arguments = command.split()
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(f"digitcore.commands.{name}").add_arguments(parser)
    parser.parse_args(arguments)


def test_every_environment_variable_is_read_by_the_program():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "digitcore").rglob("*.py"))
    limits = {f"DIGITLAB_{field.name.upper()}" for field in fields(Limits)}
    names = set(re.findall(r"DIGITLAB_[A-Z_]+", EVERYTHING))
    assert names
    for name in names - limits:
        assert f'"{name}"' in code, name


def test_ci_runs_the_command_that_the_readme_gives():
    command = re.findall(r"^python3 -m venv .* -m pytest$", TEXT, flags=re.MULTILINE)
    assert len(command) == 1
    pattern = re.search(r"sed -n '/(.+)/p' README.md", (ROOT / ".ci" / "run").read_text())[1]
    assert re.search(pattern, command[0])
    assert "requirements-dev.txt" in command[0]


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_ci_script_is_executable_and_well_formed():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_no_path_of_anybodys_machine():
    assert not re.search(r"(?<![\w.])/(?:home|work|root|Users|tmp)/", EVERYTHING)
