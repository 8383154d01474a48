"""The pins: exact, explained, complete, shown to resolve, and what the tests themselves run with."""

import ast
import json
import os
import re
import sys
import zipfile
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from benchmarks import audit, check_pins, licences, lock
from benchmarks.support import record
from digitcore import paths

ROOT = paths.REPOSITORY
SERVING = ["requirements.txt", "requirements-cluster.txt", "requirements-api.txt", "requirements-onnx.txt"]
FILES = [*SERVING, "requirements-dev.txt"]
# Import name -> distribution, where the two differ.
DISTRIBUTION = {"cv2": "opencv-python-headless", "PIL": "pillow", "ai_edge_litert": "ai-edge-litert"}
# What Streamlit itself requires, in the version that the lock holds.
OF_STREAMLIT = {"python_multipart"}
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
    third_party = set(imported_packages()) - set(sys.stdlib_module_names) - OURS - OF_STREAMLIT
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


def locked():
    return [Requirement(line) for line in lock.pinned()]


@pytest.mark.parametrize("file", FILES)
def test_the_lock_holds_every_direct_pin_at_its_version(file):
    found = {(pin.name, str(pin.specifier)) for pin in locked()}
    for pin in pins(file):
        assert (pin.name, str(pin.specifier)) in found, f"{pin}: python -m benchmarks.lock"


def test_every_locked_package_has_one_version_and_hashes_and_no_address():
    text = lock.LOCK.read_text()
    assert "://" not in text and "index" not in text
    for entry in re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^#.*\n", "", text)):
        assert re.match(r"[a-z0-9.-]+==\S+( ;[^\\]*)? \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.skipif(not os.environ.get("CI"), reason="people install the direct pins")
def test_what_is_locked_for_this_machine_is_what_ci_runs():
    for pin in locked():
        if pin.marker is None or pin.marker.evaluate():
            assert metadata.version(pin.name) in pin.specifier, pin


def test_ci_installs_the_lock_by_its_hashes_before_anything_else():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    install = next(i for i, line in enumerate(lines) if "--require-hashes -r requirements.lock" in line)
    assert install < next(i for i, line in enumerate(lines) if line.startswith("eval "))


def test_every_licence_is_known_and_free():
    assert not {name: found for name, found in licences.licences().items() if not licences.FREE.search(found)}


def advisories(path, **affected):
    """A zip with one advisory about pillow, as osv.dev writes them."""
    with zipfile.ZipFile(path, "w") as archive:
        entry = {"id": "X-1", "affected": [{"package": {"name": "Pillow", "ecosystem": "PyPI"}, **affected}]}
        archive.writestr("X-1.json", json.dumps(entry))
    return path


@pytest.mark.parametrize(
    ("events", "open_still"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "9.1"}], False),
        ([{"introduced": "12.0"}, {"fixed": "13.0.1"}], True),
        ([{"introduced": "12.0"}, {"fixed": "13.0.0"}], False),
        ([{"introduced": "12.0"}, {"last_affected": "13.0.0"}], True),
        ([{"introduced": "1"}, {"fixed": "2"}, {"introduced": "13"}], True),
    ],
)
def test_an_audit_without_a_network_finds_a_locked_version_within_an_advisorys_range(
    tmp_path, events, open_still
):
    file = advisories(tmp_path / "all.zip", ranges=[{"type": "ECOSYSTEM", "events": events}])
    pillow = [pin for pin in audit.versions() if pin[0] == "pillow"]
    assert len(pillow) == 1
    assert [found[0] for found in audit.known(file, pillow)] == ["pillow"] * open_still


def test_an_audit_finds_a_version_that_is_listed(tmp_path):
    ((name, version),) = [pin for pin in audit.versions() if pin[0] == "pillow"]
    assert list(audit.known(advisories(tmp_path / "a.zip", versions=[str(version)]), [(name, version)]))
    assert not list(audit.known(advisories(tmp_path / "b.zip", versions=["1.0"]), [(name, version)]))
