"""python -m benchmarks.constants [--quick]

What the constants of reading are worth: each is halved and doubled, alone, and the numbers composed of
validation digits are read again (`benchmarks.strings`; every twentieth of each kind).
Prints how many are exact, and how many wrong without a "?", at one half, as it is, and doubled. A constant
whose half and double read as well as itself was chosen by hand and need not be chosen better.
"""

from __future__ import annotations

import argparse
import importlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy as np

from benchmarks import as_read, strings
from benchmarks.support import record
from digitcore import datasets
from digitcore.networks import model_store

WING = "digitcore.reading"
CONSTANTS = {
    "cut_paths": ("BAND", "NEAR", "LEAN", "DEEPEST"),
    "characters": ("SURE", "CLOSE"),
    "candidates": ("WITHIN",),
    "other_writing": ("ONLY",),
}
FACTORS = 0.5, 1.0, 2.0
EVERY = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--quick", action="store_true", help="every hundredth number; keeps nothing")
    every = 100 if parser.parse_args().quick else EVERY
    jobs = [("", "", 1.0)]
    jobs += [(m, n, f) for m, names in CONSTANTS.items() for n in names for f in FACTORS if f != 1.0]
    with ProcessPoolExecutor(2, initializer=_open, initargs=(every,)) as pool:
        found = dict(zip(jobs, pool.map(_measured, jobs), strict=True))
    figures = {"numbers": len(strings.GAPS) * (1000 // every), "as they are": found["", "", 1.0]}
    print(f"of {figures['numbers']}: as they are {figures['as they are']}")
    for module, names in CONSTANTS.items():
        for name in names:
            half, double = (found[module, name, factor] for factor in (FACTORS[0], FACTORS[2]))
            figures[f"{module}.{name}"] = {"half": half, "double": double}
            print(f"{module + '.' + name:28} half {half}   double {double}", flush=True)
    if every == EVERY:
        print("Kept in", record.write("constants", "python -m benchmarks.constants", figures))
    return 0


_numbers: list[tuple[np.ndarray, str]] = []


def _open(every: int) -> None:
    cv2.setNumThreads(1)
    as_read.open_in_worker(model_store.DEFAULT_MODEL)
    digits, labels = datasets.load("mnist", "validation")
    for number, gaps in enumerate(strings.GAPS.values()):
        _numbers.extend(list(strings.composed(digits, labels, gaps, np.random.default_rng(number)))[::every])


def _measured(job: tuple[str, str, float]) -> dict[str, int]:
    """Counts of all numbers with one constant changed."""
    module, name, factor = job
    place = importlib.import_module(f"{WING}.{module}") if module else None
    usual = getattr(place, name) if place else None
    counts = Counter()
    try:
        if place:
            setattr(place, name, usual * factor)
        for picture, truth in _numbers:
            counts.update(strings.judged(picture, truth, as_read.classifier(), None, ""))
    finally:
        if place:
            setattr(place, name, usual)
    return {what: counts[what] for what in ("exact", "wrong_and_sure")}


if __name__ == "__main__":
    raise SystemExit(main())
