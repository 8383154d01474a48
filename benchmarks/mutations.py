"""python -m benchmarks.mutations [--only WORD] [--again] [--list]

Do the tests notice changes that break the code?
Each change in `support/mutants` (to a constant or a comparison, or a step left out) is made to a copy of
the project, one at a time, and the tests of its wing are run on the copy until one fails. A change that no
test notices survives. Takes about 40 minutes of one core.

--only keeps to the changes with this word in their name or file, --again to those that survived the last time
or were not measured; both add to the results. --list prints the changes and runs nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.support import record
from benchmarks.support.mutants.every import MUTANTS
from benchmarks.support.mutants.mutant import Mutant
from digitcore.paths import REPOSITORY

LEFT_OUT = {".git", ".venv", "venv", "runs", "data", ".pytest_cache", ".ruff_cache"}
LIMIT = 600
"""Seconds after which a wing's tests are stopped: a change that makes them hang has been noticed."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [each for each in MUTANTS if arguments.only in each.name or arguments.only in each.file]
    noticed = known() if arguments.only or arguments.again else {}
    if arguments.again:
        chosen = [each for each in chosen if not noticed.get(called(each))]
    if arguments.list:
        print("\n".join(map(called, chosen)))
        return 0
    for mutant, failed in measured(chosen):
        noticed[called(mutant)] = failed
        record.write("mutations", "python -m benchmarks.mutations", figures(noticed))
    survived = [called(each) for each in chosen if not noticed[called(each)]]
    print(f"{len(survived)} of {len(chosen)} changes survive the tests of their wing.")
    return 1 if survived else 0


def called(mutant: Mutant) -> str:
    return f"{mutant.file}: {mutant.name}"


def known() -> dict[str, str]:
    """What was measured before: change -> the test that noticed it, "" where none did."""
    try:
        kept = record.read("mutations")
    except FileNotFoundError:
        return {}
    return kept["noticed"] | dict.fromkeys(kept["survived"], "")


def figures(noticed: dict[str, str]) -> dict[str, Any]:
    """What is kept: which test noticed each change, and which changes survived or have not been measured."""
    names = [called(each) for each in MUTANTS]
    return {
        "changes": len(names),
        "survived": [name for name in names if noticed.get(name) == ""],
        "not_measured": [name for name in names if name not in noticed],
        "noticed": {name: noticed[name] for name in names if noticed.get(name)},
    }


def wings(mutants: list[Mutant]) -> list[str]:
    return sorted({each.wing for each in mutants})


def measured(mutants: list[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each change with the test that noticed it, "" where none did. ValueError where one cannot be made, and
    RuntimeError where the tests fail before anything is changed."""
    for each in mutants:
        each.applied((REPOSITORY / each.file).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(REPOSITORY, copy, ignore=_ignored)
        for wing in wings(mutants):
            if failed := first_failure(copy, [f"tests/{wing}"]):
                raise RuntimeError(f"tests/{wing} fail as they are: {failed}")
        for each in mutants:
            file = copy / each.file
            before = file.read_text(encoding="utf-8")
            start = time.perf_counter()
            written(file, each.applied(before))
            try:
                failed = next(filter(None, (first_failure(copy, tests) for tests in each.tests)), "")
            finally:
                written(file, before)
            said = f"noticed by {failed}" if failed else "SURVIVES"
            print(f"{called(each)}: {said} ({time.perf_counter() - start:.0f} s)", flush=True)
            yield each, failed


def written(file: Path, text: str) -> None:
    """A file with this text, and nothing compiled of its former one: Python would take a change of equal size
    within the same second for none."""
    file.write_text(text, encoding="utf-8")
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        compiled.unlink()


def _ignored(folder: str, names: list[str]) -> set[str]:
    return {"__pycache__"} | (LEFT_OUT if Path(folder) == REPOSITORY else set())


def first_failure(copy: Path, tests: list[str]) -> str:
    """The first of these tests that fails on the copy; "" where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"DIGITLAB_RUNS": str(copy.parent / "runs")}
    try:
        ran = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the limit of {LIMIT} s"
    if ran.returncode == 0:
        return ""
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split()[1].removeprefix("tests/") if failed else f"pytest's exit code {ran.returncode}"


if __name__ == "__main__":
    raise SystemExit(main())
