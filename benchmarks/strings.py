"""python -m benchmarks.strings [FOLDER] [--model NAME] [--test] [--quick] [--misses OUT]

Whole numbers: how many strings of five digits side by side are read exactly?
A seeded generator composes them from MNIST validation digits (--test: test digits, once at the end), and uses
each digit once:

    apart       1 to 8 empty columns between neighbours
    touching    neighbours touch or overlap by 1 to 4 columns, at every joint

The two splits are not equally hard, and the validation figures are the rosier ones. Validation digits are a
random twelfth of MNIST's training file, whose writers the networks learnt from. No writer of the test file is
among those, and its first half is by high-school students, its second by employees of the Census Bureau, who
write more clearly (Yadav & Bottou, "Cold Case: the Lost MNIST Digits", NeurIPS 2019). Composed in the same
way, with the same gaps, the strings of the two halves differ more than any change of this reader's: both are
counted, and the figure that stands in the README is that of the whole test file.

If FOLDER is given, its pictures are read too. Its `labels.csv` has the columns file, string, kind and layout;
in `string`, "/" separates rows, and "," separates digits that have no order (layout "free": only which digits
they are counts). A string is exact when every digit of the text is right, none is missing and none is "?".
`guessed` counts those that are exact with the best guess in place of each "?", `wrong_and_sure` those that
are not exact and have no "?". Only counts are kept; --misses writes each picture that was not read exactly to
a folder.
"""

import argparse
import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from benchmarks import as_read
from benchmarks.support import record
from digitcore import datasets
from digitcore.errors import BlankError
from digitcore.networks import model_store
from digitcore.preprocessing import images
from digitcore.reading import reader
from digitcore.reading.digit import text_of
from digitcore.reading.figure import with_boxes

LENGTH = 5

HALVES = {"by students": slice(0, 1000), "by employees": slice(1000, 2000)}
"""The strings of MNIST's test file by who wrote their digits."""

GAPS = {"apart": (1, 8), "touching": (-4, 0)}
"""Columns between the boxes of two neighbours, smallest and largest; negative where they overlap."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", nargs="?", type=Path, help="pictures of several digits, with labels.csv")
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    parser.add_argument(
        "--test", action="store_true", help="compose test digits in place of validation digits"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the strings; keeps nothing")
    parser.add_argument("--misses", type=Path, metavar="OUT", help="folder for pictures not read exactly")
    arguments = parser.parse_args()
    split = "test" if arguments.test else "validation"
    digits, labels = datasets.load("mnist", split)
    figures = {"model": arguments.model, "split": split, "length": LENGTH}
    with ProcessPoolExecutor(2, initializer=as_read.open_in_worker, initargs=(arguments.model,)) as pool:
        for number, (name, gaps) in enumerate(GAPS.items()):
            made = composed(digits, labels, gaps, np.random.default_rng(number))
            if arguments.quick:
                made = itertools.islice(made, 0, None, 10)
            items = [(*each, arguments.misses, f"{name}-{i}-{each[1]}") for i, each in enumerate(made)]
            each = list(pool.map(_judged, items, chunksize=8))
            figures[name] = shown(name, sum(each, Counter()))
            if arguments.test and not arguments.quick:
                for half, part in HALVES.items():
                    figures[name][half] = shown(f"  {half}", sum(each[part], Counter()))
    if arguments.folder:
        classifier = model_store.load(arguments.model)
        figures |= folder_figures(arguments.folder, classifier, arguments.misses)
    if not arguments.quick:
        name = "strings_test" if arguments.test else "strings"
        print("Kept in", record.write(name, "python -m benchmarks.strings FOLDER", figures))
    return 0


def composed(
    digits: np.ndarray, labels: np.ndarray, gaps: tuple[int, int], rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, str]]:
    """(picture, its text) of each string: LENGTH digits (n, 28, 28) after LENGTH digits."""
    for start in range(0, len(digits) - LENGTH + 1, LENGTH):
        mine = slice(start, start + LENGTH)
        yield compose(digits[mine], gaps, rng), "".join(map(str, labels[mine]))


def _judged(item) -> Counter:
    picture, truth, misses, name = item
    return judged(picture, truth, as_read.classifier(), misses, name)


def compose(digits: np.ndarray, gaps: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Digits (n, 28, 28) uint8 side by side -> a grey picture, (h, w) uint8.

    Each digit may lie up to 2 pixels higher or lower; the whole is 1, 2 or 4 times as large as MNIST's
    digits, and dark on light or light on dark.
    """
    height, start = 28 + 4, 0
    places = []
    for digit in digits:
        ink = np.flatnonzero(digit.any(0))
        narrow = digit[:, ink[0] : ink[-1] + 1]
        places.append((start, int(rng.integers(5)), narrow))
        start += narrow.shape[1] + int(rng.integers(gaps[0], gaps[1] + 1))
    width = max(left + narrow.shape[1] for left, _, narrow in places)
    line = np.zeros((height, width), np.uint8)
    for left, top, narrow in places:
        part = line[top : top + 28, left : left + narrow.shape[1]]
        np.maximum(part, narrow, out=part)
    line = np.pad(line, int(rng.integers(4, 13)))
    factor = int(rng.choice((1, 2, 4)))
    if factor > 1:
        line = cv2.resize(line, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return 255 - line if rng.random() < 0.5 else line


def judged(picture, truth, classifier, misses, name) -> Counter:
    """What is right in one picture: strings and, as a multiset of each row, digits."""
    try:
        digits = reader.read(picture, classifier)
    except BlankError:
        digits = ()
    text = text_of(digits, classifier.class_names)
    guess = text_of(digits, classifier.class_names, unsure=None)
    if "," in truth:
        truth, text, guess = (
            "".join(sorted(each.replace("\n", ""))) for each in (truth.replace(",", ""), text, guess)
        )
    truth = truth.replace("/", "\n")
    if misses and text != truth:
        misses.mkdir(parents=True, exist_ok=True)
        seen = with_boxes(picture, picture.shape[::-1], digits, classifier.class_names)
        read = text.replace("\n", "_").replace("?", "x") or "none"
        cv2.imwrite(str(misses / f"{name}-read-{read}.png"[-200:]), seen[:, :, ::-1])
    return Counter(
        strings=1,
        exact=int(text == truth),
        guessed=int(guess == truth),
        wrong_and_sure=int(text != truth and bool(text) and "?" not in text),
        digits=len(truth.replace("\n", "")),
        digits_right=in_order(truth.replace("\n", ""), guess.replace("\n", "")),
        digits_found=len(digits),
    )


def in_order(truth: str, answer: str) -> int:
    """How many digits the answer shares with the truth, in the same order (longest common subsequence)."""
    best = [0] * (len(answer) + 1)
    for a in truth:
        before = best[:]
        for i, b in enumerate(answer):
            best[i + 1] = before[i] + 1 if a == b else max(before[i + 1], best[i])
    return best[-1]


def folder_figures(folder: Path, classifier, misses) -> dict:
    """The pictures of a folder: counts of those in lines and rows, and of those without an order."""
    counts = {"in rows": Counter(), "free": Counter()}
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            picture = images.decode((folder / row["file"]).read_bytes(), row["file"])
            layout = "free" if row["layout"] == "free" else "in rows"
            name = f"{layout}-{Path(row['file']).stem}".replace(" ", "-")
            counts[layout].update(judged(picture, row["string"], classifier, misses, name))
    return {folder.name: {layout: shown(layout, each) for layout, each in counts.items() if each}}


def shown(name: str, counts: Counter) -> dict:
    print(
        f"{name:14} {counts['exact']:5,} of {counts['strings']:5,} exact "
        f"({counts['exact'] / counts['strings']:.1%}), "
        f"{counts['guessed']:,} by best guess, {counts['wrong_and_sure']:,} wrong and sure; "
        f"digits {counts['digits_right']:,} of {counts['digits']:,} right, "
        f"{counts['digits_found']:,} found",
        flush=True,
    )
    return dict(counts)


if __name__ == "__main__":
    raise SystemExit(main())
