"""python -m benchmarks.cases [FOLDER]

Small pictures, each an example of one kind of fault: how many are read as they should be?
They are the pictures beside `tests/reading/cases/wanted.csv`, or those of the same names in FOLDER (NAME.png
or NAME/input.png). `wanted` is a regular expression for the text, with "/" between rows; where it is empty,
the picture holds no digit, and no sure digit may be read. Prints a line for each; keeps nothing.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.as_read import Read, read
from digitcore.networks import model_store
from digitcore.paths import REPOSITORY

CASES = REPOSITORY / "tests" / "reading" / "cases"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", nargs="?", type=Path, default=CASES)
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    arguments = parser.parse_args()
    classifier = model_store.load(arguments.model)
    good = total = 0
    for name, kind, wanted in cases():
        path = next((p for p in places(arguments.folder, name) if p.exists()), None)
        if path is None:
            continue
        found, *_ = read(path.read_bytes(), classifier)
        fits = is_wanted(found, wanted)
        good, total = good + fits, total + 1
        got = found.text.replace("\n", "/") or f"({found.error})"
        print(f"{'ok ' if fits else 'BAD'} {name:45} {kind:22} wanted {wanted or '(none)':20} got {got}")
    print(f"{good} of {total} as wanted")
    return 0 if good == total else 1


def cases() -> Iterator[tuple[str, str, str]]:
    """(name, kind, wanted text) of each case."""
    with (CASES / "wanted.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["name"], row["kind"], row["wanted"]


def places(folder: Path, name: str) -> tuple[Path, Path]:
    """Where the picture of a case may lie."""
    return folder / f"{name}.png", folder / name / "input.png"


def is_wanted(found: Read, wanted: str) -> bool:
    """Whether a text matches what is wanted; where that is empty, whether no digit was read."""
    if not wanted:
        return not any(c.isdigit() for c in found.text)
    return re.fullmatch(wanted, found.text.replace("\n", "/")) is not None


if __name__ == "__main__":
    raise SystemExit(main())
