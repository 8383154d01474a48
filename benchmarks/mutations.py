"""python -m benchmarks.mutations [--only WORD] [--again] [--list]

Do the tests notice changes that break the code?
Each change in `support/mutants` (to a constant or a comparison, or a step left out) is made to a copy of
the project, one at a time, and the tests of its wing are run on the copy until one fails. A change that no
test notices survives. Takes about 40 minutes of one core.

--only keeps to the changes with this word in their name or file, and writes no result. --again keeps to those
that survived the last time, for which tests have been written since. --list prints them and runs nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.support import record
from benchmarks.support.mutants.every import MUTANTS
from benchmarks.support.mutants.mutant import Mutant
from digitcore.paths import REPOSITORY

LEFT_OUT = {".git", ".venv", "venv", "runs", "data", ".pytest_cache", ".ruff_cache"}
LIMIT = 600
"""Seconds after which a wing's tests are stopped: a change that makes them hang has been noticed."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [each for each in MUTANTS if arguments.only in each.name or arguments.only in each.file]
    if arguments.again:
        chosen = survivors(chosen)
    if arguments.list:
        print("\n".join(map(called, chosen)))
        return 0
    survived = measured(chosen)
    print(f"{len(survived)} of {len(chosen)} changes survive the tests of their wing.")
    if not arguments.only:
        figures = {"changes": len(MUTANTS), "survived": [called(each) for each in survived]}
        figures["wings"] = {wing: sum(each.wing == wing for each in MUTANTS) for wing in wings(MUTANTS)}
        if arguments.again:
            figures["measured_again"] = [called(each) for each in chosen]
        print("Kept in", record.write("mutations", "python -m benchmarks.mutations", figures))
    return 1 if survived else 0


def called(mutant: Mutant) -> str:
    return f"{mutant.file}: {mutant.name}"


def survivors(mutants: list[Mutant]) -> list[Mutant]:
    """Those that survived when they were measured last."""
    kept = record.read("mutations")["survived"]
    return [each for each in mutants if called(each) in kept]


def wings(mutants: list[Mutant]) -> list[str]:
    return sorted({each.wing for each in mutants})


def measured(mutants: list[Mutant]) -> list[Mutant]:
    """The changes that survive. ValueError where one cannot be made, and RuntimeError where the tests fail
    before anything is changed."""
    survived = []
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
            file.write_text(each.applied(before), encoding="utf-8")
            try:
                failed = first_failure(copy, each.tests)
            finally:
                file.write_text(before, encoding="utf-8")
            if not failed:
                survived.append(each)
            said = f"noticed by {failed}" if failed else "SURVIVES"
            print(f"{called(each)}: {said} ({time.perf_counter() - start:.0f} s)", flush=True)
    return survived


def _ignored(folder: str, names: list[str]) -> set[str]:
    return {"__pycache__"} | (LEFT_OUT if Path(folder) == REPOSITORY else set())


def first_failure(copy: Path, tests: list[str]) -> str:
    """The first of these tests that fails on the copy; "" where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "DIGITLAB_RUNS": str(copy.parent / "runs"),
        "PYTHONDONTWRITEBYTECODE": "1",  # within a second, a change of equal size is not seen
    }
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
