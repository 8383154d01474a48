"""The pins: exact, explained, complete, shown to resolve, and what the tests themselves run on."""

import ast
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from benchmarks import check_pins
from benchmarks.support import record
from digitcore import paths

ROOT = paths.REPOSITORY
SERVING = ["requirements.txt", "requirements-cluster.txt", "requirements-api.txt", "requirements-onnx.txt"]
FILES = [*SERVING, "requirements-dev.txt"]
# Import name -> distribution, where the two differ.
DISTRIBUTION = {"cv2": "opencv-python-headless", "PIL": "pillow", "ai_edge_litert": "ai-edge-litert"}
OURS = {"digitcore", "pages", "app", "benchmarks", "tests"}


def lines(file):
    return [line.strip() for line in (ROOT / file).read_text().splitlines() if line.strip()]


def pins(file):
    return [Requirement(line) for line in lines(file) if not line.startswith(("#", "-r"))]


def imported_packages():
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "digitcore").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


@pytest.mark.parametrize("file", FILES)
def test_every_pin_is_exact(file):
    for pin in pins(file):
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin


@pytest.mark.parametrize("file", SERVING)
def test_every_pin_has_its_reason_above_it(file):
    text = [line for line in lines(file) if not line.startswith("-r")]
    for before, line in zip(["", *text], text, strict=False):
        if not line.startswith("#") and "platform_machine !=" not in line:  # one reason for both TensorFlows
            assert before.startswith("#"), f"{line} stands without a reason"


def test_what_the_app_imports_is_pinned_and_nothing_else():
    third_party = set(imported_packages()) - set(sys.stdlib_module_names) - OURS
    wanted = {DISTRIBUTION.get(name, name.replace("_", "-")) for name in third_party}
    pinned = {pin.name for file in SERVING for pin in pins(file)}
    assert wanted == pinned - {"tensorflow-cpu"}


@pytest.mark.parametrize("file", FILES)
def test_what_is_pinned_is_what_runs_here(file):
    for pin in pins(file):
        if pin.marker is None or pin.marker.evaluate():
            assert metadata.version(pin.name) in pin.specifier, pin


def test_one_tensorflow_on_each_platform():
    alternatives = [pin for pin in pins("requirements.txt") if pin.name.startswith("tensorflow")]
    for system, processor in [
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("win32", "AMD64"),
    ]:
        here = {"sys_platform": system, "platform_machine": processor}
        chosen = [pin.name for pin in alternatives if pin.marker.evaluate(here)]
        assert chosen == (
            ["tensorflow-cpu"] if (system, processor) == ("linux", "x86_64") else ["tensorflow"]
        )


def test_the_pins_of_now_were_shown_to_resolve():
    kept = record.read("pins")
    assert kept["pins_sha256"] == check_pins.pins_sha256(), f"out of date: {kept['command']}"
    resolved = {(row["platform"], row["python"]) for row in kept["rows"] if row["resolves"]}
    assert resolved == {(name, python) for name in check_pins.SUPPORTED for python in check_pins.PYTHONS}


def test_community_cloud_finds_no_file_that_it_would_prefer():
    for name in ("uv.lock", "Pipfile", "environment.yml"):
        assert not (ROOT / name).exists()
