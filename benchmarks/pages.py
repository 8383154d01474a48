"""python -m benchmarks.pages [--kinds KIND ...] [--each N] [--seed N] [--model NAME] [--test] [--misses OUT]
                           [--quick]

How pages are read as a visitor sends them, without a hint; the pages are made here.
N pages (default 25) of each kind of `benchmarks.support.sheets`, from MNIST validation digits (--test: test
digits, once at the end). For each kind, how many pages are exact, and how many of their digits are right and
sure, unsure, wrong, missing and invented. Then drawings by a pen (`benchmarks.support.pen`): two digits that
just touch, things that are not digits, and as many digits. Only counts are kept; --misses draws the pages
that are not exact.
"""

from __future__ import annotations

import argparse
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks import as_read
from benchmarks.support import pen, record, sheets
from benchmarks.support.glyphs import STYLES
from benchmarks.support.texts import counts_of
from digitcore import datasets
from digitcore.networks import model_store

EACH = 25
GAPS = (0.0, -0.06, -0.12, -0.18)
"""Shares of the narrower digit's width: the gaps between two digits drawn with a pen."""

SEED = 4711


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    drawn = ["pairs", "none", "digits"]
    parser.add_argument("--kinds", nargs="+", choices=[*sheets.KINDS, *drawn], metavar="KIND")
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=SEED, help="another one makes other pages; keeps nothing")
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    parser.add_argument("--test", action="store_true", help="test digits in place of validation digits")
    parser.add_argument("--misses", type=Path, metavar="OUT", help="folder for pages that are not exact")
    parser.add_argument("--quick", action="store_true", help="five of each kind; keeps nothing")
    arguments = parser.parse_args()
    each = 5 if arguments.quick else arguments.each
    split = "test" if arguments.test else "validation"
    kinds = arguments.kinds or [*sheets.KINDS, *drawn]
    figures = {"model": arguments.model, "split": split, "each": each, "kinds": {}}
    whole = Counter()
    with ProcessPoolExecutor(2, initializer=_open, initargs=(arguments.model, split, arguments.seed)) as pool:
        for kind in kinds:
            if kind in sheets.KINDS:
                counts = sum(pool.map(partial(_page, kind, arguments.misses), range(each)), Counter())
                figures["kinds"][kind] = _shown(kind, counts)
                whole += counts
        if whole:
            figures["all kinds"] = _shown("all kinds", whole)
        for kind, of in (("pairs", _pair), ("none", _none), ("digits", _digit)):
            if kind in kinds:
                counts = sum(
                    pool.map(partial(of, arguments.misses), range(20 * each), chunksize=8), Counter()
                )
                figures[kind] = _shown_drawn(kind, counts)
    if not (arguments.quick or arguments.kinds or arguments.seed != SEED):
        name = "pages_test" if arguments.test else "pages"
        print("Kept in", record.write(name, "python -m benchmarks.pages", figures))
    return 0


_data = None
_seed = SEED


def _open(model, split, seed):
    global _data, _seed
    _seed = seed
    as_read.open_in_worker(model)
    _data = datasets.load("mnist", split)


def _page(kind, misses, number):
    rng = np.random.default_rng((_seed, list(sheets.KINDS).index(kind), number))
    picture, truth, layout = sheets.make(kind, *_data, rng)
    found, digits, grey = as_read.read(_encoded(picture), as_read.classifier())
    counts = counts_of(truth, layout, found.text, found.guess)
    if misses and not counts["exact"]:
        true = truth.replace("/", "_")[:50]
        as_read.draw(misses, f"{kind.replace(' ', '-')}-{number}-{true}", found, digits, grey)
    return counts


def _encoded(picture):
    """The bytes of a PNG, whichever way people send it."""
    return cv2.imencode(".png", picture[..., ::-1] if picture.ndim == 3 else picture)[1].tobytes()


def _pair(misses, number):
    rng = np.random.default_rng((_seed, 1000, number))
    first, second = (str(d) for d in rng.integers(0, 10, 2))
    style, gap = STYLES[number % 2], GAPS[number // 2 % len(GAPS)]
    picture = pen.pair(first, second, gap, pen.Hand.of(rng), style, rng.uniform(60, 160), rng)
    return _drawn(misses, picture, first + second, f"pair-{number}-{first}{second}")


def _digit(misses, number):
    rng = np.random.default_rng((_seed, 1001, number))
    name = str(number % 10)
    return _drawn(
        misses, pen.digit(name, pen.Hand.of(rng), STYLES[number // 10 % 2], rng), name, f"digit-{number}"
    )


def _none(misses, number):
    rng = np.random.default_rng((_seed, 1002, number))
    kind = list(pen.NONE)[number % len(pen.NONE)]
    return _drawn(misses, pen.none(kind, rng), "", f"none-{kind.replace(' ', '-')}-{number}")


def _drawn(misses, picture, truth, name):
    found, digits, grey = as_read.read(_encoded(picture), as_read.classifier())
    sure = any(c.isdigit() for c in found.text)
    right = not sure if not truth else found.text == truth
    if misses and not right:
        as_read.draw(misses, name, found, digits, grey)
    wrong = sure if not truth else bool(found.text) and "?" not in found.text and not right
    return Counter(drawings=1, right=int(right), wrong_and_sure=int(wrong))


def _shown(kind, counts):
    print(
        f"{kind:20}{counts['exact']:4} of {counts['pages']:4} exact; of {counts['digits']:6,} digits "
        f"{counts['right'] / counts['digits']:6.1%} right, unsure {counts['unsure']}, "
        f"wrong {counts['wrong']}, missing {counts['missing']}, invented {counts['invented']}",
        flush=True,
    )
    return dict(counts)


def _shown_drawn(kind, counts):
    title = {"pairs": "pairs by pen", "none": "no digit by pen", "digits": "digits by pen"}[kind]
    said = "refused" if kind == "none" else "right and sure"
    print(
        f"{title:20}{counts['right']:4} of {counts['drawings']:4} {said} "
        f"({counts['right'] / counts['drawings']:.1%}), {counts['wrong_and_sure']} wrong and sure",
        flush=True,
    )
    return dict(counts)


if __name__ == "__main__":
    raise SystemExit(main())
