"""python -m benchmarks.as_read FOLDER [--model NAME|FOLDER] [--misses OUT] [--quick]

What a visitor gets: the development sets in FOLDER, read as `predict` and Upload read them.
Nothing says that a picture holds one digit, or what its polarity is. Of each set of single digits:

    right and sure   the text is the digit, and nothing else
    right, unsure    the text is "?", the best guess is the digit
    wrong and sure   another digit, without a "?"
    wrong, unsure    the text is "?", the best guess is another digit
    several          more than one digit or "?"; `several and sure`: those of them without a "?"
    refused          a sentence in place of an answer

Of the pictures of several digits (`multi`), how many are exact, and how many of their digits are right,
unsure, wrong, missing and invented. Only counts are kept; --misses draws the pictures that were not right and
sure, outside this repository.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.support import development, record
from benchmarks.support.texts import counts_of
from digitcore.commands.options import open_model
from digitcore.errors import DigitcoreError
from digitcore.evaluation import metrics
from digitcore.networks import model_store
from digitcore.paths import REPOSITORY
from digitcore.preprocessing import images
from digitcore.reading import reader
from digitcore.reading.digit import Digit, text_of
from digitcore.reading.figure import with_boxes

OUTCOMES = (
    "right and sure",
    "right, unsure",
    "wrong and sure",
    "wrong, unsure",
    "several",
    "several and sure",
    "refused",
)
PAGES = "multi"


@dataclass(frozen=True)
class Read:
    """One picture as it was read: text with "?" where unsure, best guess, and an error or ""."""

    text: str
    guess: str
    error: str = ""

    def outcome(self, label: str) -> str:
        """Which of OUTCOMES it is where the picture holds the one digit `label`."""
        if self.error or not self.guess:
            return "refused"
        if len(self.guess.replace("\n", "")) > 1:
            return "several" if "?" in self.text else "several and sure"
        return (
            f"{'right' if self.guess == label else 'wrong'}{', unsure' if '?' in self.text else ' and sure'}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", type=Path, help="development sets")
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    parser.add_argument("--misses", type=Path, metavar="OUT", help="folder for those not right and sure")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of each large set, and all of the others; keeps nothing"
    )
    arguments = parser.parse_args()
    if arguments.misses and REPOSITORY in arguments.misses.resolve().parents:
        parser.error(f"--misses: pictures of these sets stay outside the repository, got {arguments.misses}")
    figures = {"model": open_model(arguments.model).name, "sets": {}}
    with ProcessPoolExecutor(2, initializer=open_in_worker, initargs=(arguments.model,)) as pool:
        for name, (pictures, labels) in development.load(arguments.folder).items():
            if arguments.quick and len(labels) >= 1000:
                pictures, labels = pictures[::10], labels[::10]
            items = list(zip(pictures, (str(label) for label in labels), strict=True))
            every = pool.map(partial(_one, arguments.misses, name), range(len(items)), items, chunksize=8)
            figures["sets"][name] = shown(name, Counter(every))
        pages = list(_pages(arguments.folder / PAGES))
        if pages:
            outcomes = pool.map(partial(_page, arguments.misses), pages)
            figures["pages"] = _shown_pages(sum(outcomes, Counter()))
    figures["mean_right_and_sure"] = float(
        np.mean([row["right and sure"] / row["n"] for row in figures["sets"].values()])
    )
    print(f"mean of the sets, right and sure: {figures['mean_right_and_sure']:.2%}")
    if not arguments.quick and arguments.model in model_store.shipped():
        print("Kept in", record.write("as_read", "python -m benchmarks.as_read FOLDER", figures))
    return 0


_classifier = None


def open_in_worker(model: str) -> None:
    """Load the network that this process reads with."""
    global _classifier
    cv2.setNumThreads(1)
    _classifier = open_model(model)


def classifier():
    """The network that `open_in_worker` loaded."""
    return _classifier


def read(data: np.ndarray | bytes, classifier) -> tuple[Read, tuple[Digit, ...], np.ndarray | None]:
    """(what is read, the digits, the grey picture) of a file's bytes, or of a grey picture (h, w) uint8."""
    grey = None
    try:
        grey = images.decode(data) if isinstance(data, bytes) else data
        digits = reader.read(grey, classifier)
    except DigitcoreError as error:
        return Read("", "", str(error)), (), grey
    names = classifier.class_names
    return Read(text_of(digits, names), text_of(digits, names, unsure=None)), digits, grey


def _one(misses, name, number, item):
    picture, label = item
    found, digits, grey = read(picture, _classifier)
    outcome = found.outcome(label)
    if misses and outcome != "right and sure":
        draw(misses, f"{name}-{label}-{number}", found, digits, grey)
    return outcome


def draw(misses: Path, name: str, found: Read, digits, grey) -> None:
    """Write a picture with what was read in it, under a name that says what that is."""
    misses.mkdir(parents=True, exist_ok=True)
    seen = grey if grey is not None else np.zeros((28, 28), np.uint8)
    if digits:
        seen = with_boxes(seen, seen.shape[::-1], digits, _classifier.class_names if _classifier else ())
        seen = seen[:, :, ::-1]
    if max(seen.shape) > 800:
        scale = 800 / max(seen.shape)
        seen = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    text = found.text.replace("\n", "_").replace("?", "x")[:60] or "none"
    cv2.imwrite(str(misses / f"{name}-read-{text}.png"), seen)


def _pages(folder: Path) -> Iterator[tuple[str, bytes, str, str]]:
    """(name, bytes, true text, layout) of the pictures of several digits."""
    labels = folder / "labels.csv"
    if not labels.exists():
        return
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            truth = row["string"]
            if row["layout"] == "grid":  # one character for each cell, "0" for an empty one
                truth = "/".join(",".join(cells).replace("0", "") for cells in truth.split("/"))
            yield Path(row["file"]).stem, (folder / row["file"]).read_bytes(), truth, row["layout"]


def _page(misses, page):
    name, data, truth, layout = page
    found, digits, grey = read(data, _classifier)
    counts = counts_of(truth, layout, found.text, found.guess)
    print(f"    {name} {layout:5} {'exact' if counts['exact'] else found.text or found.error!r}", flush=True)
    if misses and not counts["exact"]:
        draw(misses, f"{PAGES}-{name}", found, digits, grey)
    return counts


def shown(name: str, outcomes: Counter) -> dict:
    """Print a set's counts; returns what is kept of it."""
    n = outcomes.total()
    right = outcomes["right and sure"]
    low, high = metrics.wilson_interval(right, n)
    others = ", ".join(f"{key} {outcomes[key]}" for key in OUTCOMES[1:] if outcomes[key])
    print(f"{name:20}{n:6,}  right and sure {right / n:7.2%} ({low:.1%} to {high:.1%})  {others}", flush=True)
    return {"n": n, **{key: outcomes[key] for key in OUTCOMES}, "interval": [low, high]}


def _shown_pages(counts: Counter) -> dict:
    print(
        f"{PAGES}: {counts['exact']} of {counts['pages']} pages exact; of {counts['digits']} digits "
        f"{counts['right']} right and sure, {counts['unsure']} unsure, {counts['wrong']} wrong, "
        f"{counts['missing']} missing; {counts['invented']} invented"
    )
    return dict(counts)


if __name__ == "__main__":
    raise SystemExit(main())
