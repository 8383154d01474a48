"""python -m benchmarks.not_a_digit FOLDER [--model NAME|FOLDER] [--test] [--quick]

Whether a network recognises what is not a digit.
Everything passes through the same reading pipeline; what that refuses has the lowest score, and the score of
everything else is the digitness that `Classifier.answer` gives.

    auroc      probability that a validation digit (--test: test digit, once at the end) scores higher than a
               picture of Fashion-MNIST or of notMNIST without its class I, both in FOLDER (ood_*.npz), of
               nothing (`benchmarks.support.nothings`), of what networks learn as not a digit
               (`digitcore.augmentation.negatives`), or drawn by a pen (`benchmarks.support.pen`), signs of
               other scripts (`benchmarks.support.scripts`) counted for themselves
    accepted   share of digits that are taken for one at the shipped threshold, those in FOLDER and drawn ones
               included
    refused    share of the other pictures that are not

Figures are kept of a network that ships.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.support import development, nothings, pen, record, scripts
from benchmarks.support.glyphs import STYLES
from digitcore import datasets
from digitcore.augmentation import negatives
from digitcore.commands.options import open_model
from digitcore.evaluation import metrics
from digitcore.networks import model_store

REFUSED = -1.0
"""Score of a picture that the pipeline refuses: below any digitness."""

FOREIGN = "signs of other scripts"

LETTER_I = 8
"""Label in notMNIST of the letter that looks like a 1."""

AUROC_AIMS = {"Fashion-MNIST": 0.995, "notMNIST without I": 0.97}
ACCEPTED_AIMS = {"MNIST": 0.99, "hwd1000": 0.98, "anzemur_boxes": 0.98, "paint": 0.98, "drawn digits": 0.99}
REFUSED_AIMS = {"Fashion-MNIST": 0.97, "notMNIST without I": 0.80, "drawn by a pen": 0.97, FOREIGN: 0.85}
SEED = 20_000
"""Of the pictures made here; no training uses it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", type=Path, help="development sets, with ood_*.npz")
    parser.add_argument("--model", metavar="NAME|FOLDER", default=model_store.DEFAULT_MODEL)
    parser.add_argument("--test", action="store_true", help="test digits in place of validation digits")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the pictures; keeps nothing")
    arguments = parser.parse_args()
    every = 20 if arguments.quick else 1
    part = "test" if arguments.test else "validation"
    others = strangers(arguments.folder, every) | made_here(200 // every) | drawn_signs(100 // every)
    if not set(AUROC_AIMS) <= set(others):
        parser.error(f"{arguments.folder} must hold ood_fashion_mnist.npz and ood_notmnist.npz")
    digits = {"MNIST": datasets.load("mnist", part)[0][::every]}
    sets = development.load(arguments.folder, every)
    digits |= {name: pictures for name, (pictures, _) in sets.items()}
    digits["drawn digits"] = drawn_digits(1000 // every)
    classifier = open_model(arguments.model)
    figures = {"model": classifier.name, "mnist": part, "threshold": classifier.digitness_threshold}
    figures |= measured(
        {name: scores(pictures, classifier) for name, pictures in digits.items()},
        {name: scores(pictures, classifier) for name, pictures in others.items()},
        classifier.digitness_threshold,
    )
    print_table(figures)
    if not arguments.quick and arguments.model in model_store.shipped():
        name = "not_a_digit_test" if arguments.test else "not_a_digit"
        command = "python -m benchmarks.not_a_digit FOLDER" + " --test" * arguments.test
        print("Kept in", record.write(name, command, figures))
    return 0


def strangers(folder, every):
    """{name: pictures} of the sets of other things in the folder."""
    sets = {}
    for name, title in (("ood_fashion_mnist", "Fashion-MNIST"), ("ood_notmnist", "notMNIST without I")):
        path = folder / f"{name}.npz"
        if path.is_file():
            with np.load(path, allow_pickle=False) as file:
                pictures = file["images"]
                if "labels" in file:
                    pictures = pictures[file["labels"] != LETTER_I]
            sets[title] = pictures[::every]
    return sets


def made_here(n):
    """{name: n pictures} of each kind of nothing, and of what networks learn as not a digit."""
    sets = {}
    for number, kind in enumerate(nothings.KINDS):
        rng = np.random.default_rng((SEED, number))
        sets[kind] = [nothings.draw(kind, rng) for _ in range(n)]
    digits, labels = datasets.load("mnist", "validation")  # never those that a network learnt from
    sets["as learnt"] = negatives.draw(5 * n, digits, labels, np.random.default_rng(SEED))
    return sets


def drawn_signs(n):
    """{name: n pictures} of each kind of `pen.NONE`, and a fifth of n of each sign of other scripts."""
    sets = {}
    for number, kind in enumerate(pen.NONE):
        rng = np.random.default_rng((SEED, 100 + number))
        sets[f"drawn {kind}"] = [pen.none(kind, rng) for _ in range(n)]
    rng = np.random.default_rng((SEED, 98))
    sets[FOREIGN] = [pen.foreign(name, rng) for name in scripts.FOREIGN for _ in range(-(-n // 5))]
    return sets


def drawn_digits(n):
    """n digits drawn by the same pens in both styles, each digit equally often."""
    rng = np.random.default_rng((SEED, 99))
    return [pen.digit(str(i % 10), pen.Hand.of(rng), STYLES[i // 10 % len(STYLES)], rng) for i in range(n)]


def scores(pictures, classifier):
    """(n,) digitness of each picture, REFUSED where the pipeline refuses it."""
    ready, empty = development.through_the_pipeline(pictures)
    return np.where(empty, REFUSED, classifier.answer(ready).digitness)


def measured(digits, others, threshold):
    """What is kept of digits and others, {name: scores (n,)}; the others are compared with MNIST's digits."""
    nothing = np.concatenate([others[kind] for kind in nothings.KINDS])
    drawn = [f"drawn {kind}" for kind in pen.NONE]
    others = others | {"drawn by a pen": np.concatenate([others[kind] for kind in drawn])}
    return {
        "auroc": {
            name: {"auroc": metrics.auroc(digits["MNIST"], found), "aim": AUROC_AIMS.get(name)}
            for name, found in (others | {"nothings": nothing}).items()
            if name not in nothings.KINDS and name not in drawn
        },
        "accepted": {
            name: share(found >= threshold, ACCEPTED_AIMS.get(name)) for name, found in digits.items()
        },
        "refused": {
            name: share(found < threshold, REFUSED_AIMS.get(name))
            | {"by_the_pipeline": int((found == REFUSED).sum())}
            for name, found in others.items()
        },
    }


def share(hits, aim):
    """(n,) bool -> how many, their share and its 95 % interval."""
    n, count = len(hits), int(hits.sum())
    interval = list(metrics.wilson_interval(count, n))
    return {"n": n, "count": count, "share": count / n, "interval": interval, "aim": aim}


def print_table(figures):
    print(f"{figures['model']}, MNIST's {figures['mnist']} digits, threshold {figures['threshold']:.4g}")
    for name, found in figures["auroc"].items():
        print(f"auroc     {name:24s}{found['auroc']:9.4f}{_aim(found['aim'], '.4g')}")
    for verdict in ("accepted", "refused"):
        for name, found in figures[verdict].items():
            low, high = found["interval"]
            print(
                f"{verdict:10s}{name:24s}{found['share']:9.2%}  {found['count']} of {found['n']}"
                f", {low:.1%} to {high:.1%}{_aim(found['aim'], '.0%')}"
                + (f" ({found['by_the_pipeline']} by the pipeline)" if verdict == "refused" else "")
            )


def _aim(aim, style):
    return "" if aim is None else f", aim: {aim:{style}}"


if __name__ == "__main__":
    raise SystemExit(main())
