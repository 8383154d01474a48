"""python -m benchmarks.robustness [--models NAME|FOLDER ...] [--alone] [--n N] [--test] [--quick]

How much of each factor of `digitcore.evaluation.corruption` a network tolerates.
Accuracy on validation digits (--test: test digits, once at the end) that are degraded in one way at a time,
level by level, through the reading pipeline; with --alone also without it, where the degraded 28x28 picture
is read as it is. Points lost are percentage points below what the same reader reads of the untouched digits.
The aim is less than one point for the geometric factors and the pen. Figures are kept of networks that ship.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.support import development, record
from digitcore import datasets
from digitcore.commands.options import open_model
from digitcore.evaluation import corruption
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled

AIM = 1.0
KINDS_WITH_AIM = ("geometry", "pen")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--models", nargs="+", metavar="NAME|FOLDER", default=[model_store.DEFAULT_MODEL])
    parser.add_argument("--alone", action="store_true", help="also read without the pipeline")
    parser.add_argument("--n", type=int, default=2000, help="how many digits, the first ones (default: 2000)")
    parser.add_argument("--test", action="store_true", help="test digits in place of validation digits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a hundred digits; keeps nothing")
    arguments = parser.parse_args()
    part = "test" if arguments.test else "validation"
    n = 100 if arguments.quick else arguments.n
    images, labels = (array[:n] for array in datasets.load("mnist", part))
    readers = {}
    for name in arguments.models:
        classifier = open_model(name)
        readers[Path(name).name] = classifier, True
        if arguments.alone:
            readers[f"{Path(name).name} alone"] = classifier, False
    figures = {"part": part, "n": len(labels), "seed": arguments.seed, "aim_points_lost": AIM}
    figures |= measured(images, labels, readers, arguments.seed)
    for reader in readers:
        over = over_the_aim(figures["factors"], reader)
        print(f"{reader} loses more than {AIM:g} point to: {', '.join(over) or 'none'} (of geometry and pen)")
    if not arguments.quick and set(arguments.models) <= set(model_store.shipped()):
        name = "robustness_test" if arguments.test else "robustness"
        print(
            "Kept in",
            record.write(name, "python -m " + " ".join(["benchmarks.robustness", *sys.argv[1:]]), figures),
        )
    return 0


def measured(images, labels, readers, seed):
    """readers: {name: (Classifier, whether through the pipeline)}. Prints each factor when it is done."""
    untouched = misses(images, labels, readers)
    print("untouched".ljust(14), *(f"{name}: {n} misses of {len(labels)}" for name, n in untouched.items()))
    factors = {}
    for name, factor in corruption.FACTORS.items():
        counts = [
            untouched
            if level == factor.untouched
            else misses(corruption.corrupt(images, name, level, seed), labels, readers)
            for level in factor.levels
        ]
        factors[name] = {
            "title": factor.title,
            "kind": factor.kind,
            "unit": factor.unit,
            "levels": list(factor.levels),
            "untouched": factor.untouched,
            "readers": {
                reader: curve([count[reader] for count in counts], untouched[reader], len(labels))
                for reader in readers
            },
        }
        for reader, found in factors[name]["readers"].items():
            points = "  ".join(
                f"{level:g}: {lost:+.1f}"
                for level, lost in zip(factor.levels, found["points_lost"], strict=True)
            )
            print(f"{name:14s}{reader:24s}points lost by level  {points}", flush=True)
    return {"untouched_misses": untouched, "factors": factors}


def misses(pictures, labels, readers):
    """{reader: how many of the pictures (n, 28, 28) uint8 it misreads}; a refused picture is a miss."""
    ready, refused = None, False
    counts = {}
    for name, (classifier, piped) in readers.items():
        if piped:
            if ready is None:
                ready, refused = development.through_the_pipeline(pictures)
            wrong = (classifier.predict(ready).argmax(1) != labels) | refused
        else:
            wrong = classifier.predict(scaled(pictures)).argmax(1) != labels
        counts[name] = int(wrong.sum())
    return counts


def curve(counts, untouched, n):
    """What is kept of one reader and one factor: misses by level, and what follows from them."""
    return {
        "misses": counts,
        "accuracy": [1 - count / n for count in counts],
        "points_lost": [100 * (count - untouched) / n for count in counts],
    }


def over_the_aim(factors, reader):
    """Each "factor level (points lost)" of geometry and pen at which the reader loses more than AIM."""
    return [
        f"{name} {level:g} ({lost:.1f})"
        for name, kept in factors.items()
        if kept["kind"] in KINDS_WITH_AIM
        for level, lost in zip(kept["levels"], kept["readers"][reader]["points_lost"], strict=True)
        if lost > AIM
    ]


if __name__ == "__main__":
    raise SystemExit(main())
