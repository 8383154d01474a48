"""python -m benchmarks.pipeline [FOLDER] [--model NAME] [--quick]

What each step of the reading pipeline is worth: one network's misses with and without it.
A step is one of `normalisation.read`, or a part of one. The pictures are validation digits as they are,
pasted on pages, as photographs and bitmaps made by `benchmarks.support.papers`, and degraded; and the sets in
FOLDER, if given, as `benchmarks.support.development` finds them. Only counts are kept, never pictures.
"usual" is what most demos do: invert and resize to 28x28, nothing else.
"""

import argparse
import contextlib
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from benchmarks.support import papers, record
from benchmarks.support.development import EMPTY, or_empty
from benchmarks.support.development import load as development
from digitcore import datasets
from digitcore.evaluation import corruption
from digitcore.networks import model_store
from digitcore.preprocessing import noise, normalisation, paper, polarity, ruled_lines, strokes
from digitcore.preprocessing.levels import scaled

SPOILT = {"noise": 0.2, "impulses": 0.1, "fog": 0.75, "stripes": 0.4, "blur": 1.5, "scale": 0.5}
"""Factors of `digitcore.evaluation.corruption`, applied in 28x28, where ink is hardest to tell from paper."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", nargs="?", type=Path, help="development sets to measure as well")
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the digits; keeps nothing")
    arguments = parser.parse_args()
    classifier = model_store.load(arguments.model)
    few = 20 if arguments.quick else 1
    sets = made_here(few) | (development(arguments.folder, few) if arguments.folder else {})
    misses = {}
    print(f"misses of {arguments.model}".ljust(24) + "    n" + "".join(f"{step:>18s}" for step in STEPS))
    for name, (pictures, labels) in sets.items():
        misses[name] = {}
        for step, switched in STEPS.items():
            with switched() as read:
                ready = np.stack([or_empty(read, picture) for picture in pictures])
            misses[name][step] = int((classifier.predict(ready).argmax(1) != labels).sum())
        counts = "".join(f"{n:18d}" for n in misses[name].values())
        print(f"{name:24s}{len(labels):5d}{counts}", flush=True)
    if not arguments.quick:
        n = {name: len(labels) for name, (_, labels) in sets.items()}
        figures = {"model": arguments.model, "n": n, "misses": misses}
        print(record.write("pipeline", "python -m benchmarks.pipeline FOLDER", figures))
    return 0


def made_here(few):
    """{name: (grey pictures, labels)}, all made from validation digits."""
    digits, labels = (part[::few] for part in datasets.load("mnist", "validation"))
    rng = np.random.default_rng(0)
    sets = {
        "validation": (digits[:1000], labels[:1000]),
        "pasted": ([pasted(d, rng) for d in digits[:200]], labels[:200]),
    }
    n = max(2, 100 // few)
    for kind in papers.KINDS:
        some = max(1, n // 10) if kind == "huge" else n  # they have ten million pixels each
        shots = [papers.photograph(digit, kind, rng) for digit in digits[:some]]
        sets[kind] = ([cv2.cvtColor(shot, cv2.COLOR_RGB2GRAY) for shot in shots], labels[:some])
    for kind in papers.BITMAPS:
        small = [papers.bitmap(digit, kind, rng) for digit in digits[: 2 * n]]
        sets[kind] = ([255 - glyph if i % 2 else glyph for i, glyph in enumerate(small)], labels[: 2 * n])
    for name, level in SPOILT.items():
        sets[f"{name} {level}"] = corruption.corrupt(digits[:n], name, level), labels[:n]
    return sets


def pasted(digit, rng):
    """On a 500x400 page, 2 to 12 times as large, light on dark or dark on light."""
    side = 28 * int(rng.integers(2, 13))
    page = np.zeros((400, 500), np.uint8)
    top, left = rng.integers(400 - side + 1), rng.integers(500 - side + 1)
    page[top : top + side, left : left + side] = cv2.resize(
        digit, (side, side), interpolation=cv2.INTER_LINEAR
    )
    return 255 - page if rng.random() < 0.5 else page


def usual(grey):
    small = cv2.resize(grey, EMPTY.shape, interpolation=cv2.INTER_AREA)
    dark_on_light = np.concatenate((small[0], small[-1], small[:, 0], small[:, -1])).mean() > 127
    return scaled(255 - small if dark_on_light else small)


@contextlib.contextmanager
def only_resized():
    yield usual


def leaving_out(*steps):
    """The pipeline without some of its steps, which the Draw page can switch off."""

    @contextlib.contextmanager
    def switched():
        yield lambda grey: normalisation.read(grey, without=steps).picture

    return switched


def without(module, name, instead):
    """The pipeline with one part of a step replaced by one that does nothing."""

    @contextlib.contextmanager
    def switched():
        with mock.patch.object(module, name, instead):
            yield lambda grey: normalisation.read(grey).picture

    return switched


def even_ground(up):
    return up.astype(np.float32) - float(np.percentile(up, 5))


def all_ink(inks, near=strokes.NEAR):
    threshold = inks.levels.paper + max(strokes.WEAKEST[0] * inks.levels.contrast, 3 * inks.levels.noise)
    mask = inks.above > threshold
    return mask, tuple(cv2.boundingRect(mask.view(np.uint8)))


STEPS = {
    "every step": leaving_out(),
    "usual": only_resized,
    "no ink": leaving_out("ink"),
    "no polarity": without(polarity, "polarity_of", lambda grey: "dark-on-light"),
    "no flattening": without(paper, "flatten", even_ground),
    "no smoothing": without(noise, "quiet", lambda grey: grey),
    "no fog out": without(paper, "without_fog", lambda above, levels: above),
    "no unrest": without(noise, "unrest", lambda above, levels: levels),
    "no lines out": without(ruled_lines, "without_lines", lambda above, levels: above),
    "no debris out": without(strokes, "digit", all_ink),
    "no frames out": without(strokes, "_borders", lambda stats, *_: np.zeros(len(stats), bool)),
    "no refusals": without(strokes, "refuse", lambda *_: None),
    "no box": leaving_out("box"),
    "no tight box": without(normalisation, "tight", lambda found, box: box),
    "no wider pen": without(normalisation, "_by_a_wider_pen", lambda cropped: cropped),
    "no scale": leaving_out("scale"),
    "no centre of mass": leaving_out("centre"),
}


if __name__ == "__main__":
    raise SystemExit(main())
