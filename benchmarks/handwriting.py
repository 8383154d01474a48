"""python -m benchmarks.handwriting FOLDER [--models NAME|FOLDER ...] [--misses OUT.png] [--quick]

How well real handwriting is read: the sets of single digits in FOLDER, by each network.
(`benchmarks.support.development` says what the sets look like.) Each network reads through our pipeline, and
`simple-cnn`, in the same run, also through the usual one: grey, resized to 28x28, inverted when dark on
light. For each set: n, accuracy, misses and the 95 % interval (Wilson); a picture that the pipeline refuses
is a miss. "as uploaded" reads every picture as the Upload page does, which looks for several digits first:
one digit that it reads as two is a miss; the best guess counts, sure or not. Only counts are kept, and only
of networks that ship; --misses draws what the first network missed, in a place outside this repository.
`benchmarks.calibration` measures, on the same sets, how far the probabilities can be trusted.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.miss_sheet import Miss, draw_misses
from benchmarks.support import development, record
from digitcore.commands.options import open_model
from digitcore.errors import BlankError
from digitcore.evaluation import metrics
from digitcore.networks import model_store
from digitcore.paths import REPOSITORY
from digitcore.reading import reader as page_reader
from digitcore.reading.digit import text_of

MODELS = tuple(dict.fromkeys((model_store.DEFAULT_MODEL, "digitnet", "digitnet-nano", "mlp-128-128")))
USUAL_MODEL = "simple-cnn"
POOLED = {"photo + canvas + crops": ("photo", "canvas", "crops")}
MOST_MISSES = {  # a count where the aim is a count, a share where it is an accuracy
    "usps_test": 0.025,
    "uci_8x8": 0.03,
    "anzemur_boxes": 0.02,
    "photo + canvas + crops": 6,
    "scan": 2,
    "paint": 3,
    "hwd1000": 1,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", type=Path, help="development sets")
    parser.add_argument(
        "--models", nargs="+", metavar="NAME|FOLDER", help=f"default: those that exist of {', '.join(MODELS)}"
    )
    parser.add_argument(
        "--misses", type=Path, metavar="OUT.png", help="picture of the first network's misses"
    )
    parser.add_argument("--quick", action="store_true", help="a twentieth of the pictures; keeps nothing")
    arguments = parser.parse_args()
    if arguments.misses and REPOSITORY in arguments.misses.resolve().parents:
        parser.error(f"--misses: pictures of these sets stay outside the repository, got {arguments.misses}")
    sets = development.load(arguments.folder, 20 if arguments.quick else 1)
    if not sets:
        parser.error(f"{arguments.folder} holds no sets: expected *.npz and sub-folders with a labels.csv")
    names = arguments.models or [name for name in MODELS if name in model_store.shipped()]
    figures, missed = measured(sets, {Path(name).name: open_model(name) for name in names})
    print_table(figures)
    if arguments.misses:
        print("Misses in", draw_misses(missed, arguments.misses))
    if not arguments.quick and set(names) <= set(model_store.shipped()):
        print("Kept in", record.write("handwriting", "python -m benchmarks.handwriting FOLDER", figures))
    return 0


def measured(sets, classifiers):
    """(what is kept, the Misses of the first network). Each picture is made ready once for all networks.

    sets: {name: (grey pictures, labels (n,))}. classifiers: {name: Classifier}.
    """
    usual = model_store.load(USUAL_MODEL)
    first = next(iter(classifiers))
    right, refused, missed = {}, {}, []
    for name, (pictures, labels) in sets.items():
        ready, empty = development.through_the_pipeline(pictures)
        right[name] = {}
        refused[name] = int(empty.sum())
        for reader, classifier in classifiers.items():
            probabilities = classifier.predict(ready)
            right[name][reader] = (probabilities.argmax(1) == labels) & ~empty
            if reader == first:
                for i in np.flatnonzero(~right[name][first]):
                    answer = None if empty[i] else probabilities[i]
                    missed.append(Miss(name, pictures[i], ready[i], int(labels[i]), answer))
        texts = [as_uploaded(picture, classifiers[first]) for picture in pictures]
        right[name][f"{first} as uploaded"] = np.array(texts) == [str(label) for label in labels]
        answers = usual.predict(development.only_resized(pictures)).argmax(1)
        right[name]["usual"] = answers == labels
    for name, parts in POOLED.items():
        if all(part in right for part in parts):
            readers = right[parts[0]]
            right[name] = {
                reader: np.concatenate([right[part][reader] for part in parts]) for reader in readers
            }
            refused[name] = sum(refused[part] for part in parts)
    figures = {
        "usual": f"grey, resized to 28x28, inverted when dark on light, {USUAL_MODEL}",
        "sets": {name: row(name, readers) for name, readers in right.items()},
        "refused": refused,
    }
    return figures, missed


def as_uploaded(picture, classifier):
    """The digits that the Upload page finds, as text: "7", "71", or "" where there are none."""
    try:
        digits = page_reader.read(picture, classifier)
    except BlankError:
        return ""
    return text_of(digits, classifier.class_names, unsure=None)


def row(name, readers):
    """What is kept of a set: {reader: (n,) bool, whether each picture was read correctly}."""
    n = len(next(iter(readers.values())))
    kept = {"n": n, "readers": {reader: counted(hits) for reader, hits in readers.items()}}
    if name in MOST_MISSES:
        most = MOST_MISSES[name]
        kept["most_misses"] = int(most * n + 1e-9) if most < 1 else most
    return kept


def counted(hits):
    """(n,) bool -> misses, accuracy and its 95 % interval."""
    n, right = len(hits), int(hits.sum())
    return {
        "misses": n - right,
        "accuracy": right / n,
        "interval": list(metrics.wilson_interval(right, n)),
    }


def print_table(figures):
    for name, kept in figures["sets"].items():
        aim = f", aim: at most {kept['most_misses']} misses" if "most_misses" in kept else ""
        print(f"{name}: {kept['n']} digits, {figures['refused'][name]} refused{aim}")
        for reader, found in kept["readers"].items():
            low, high = found["interval"]
            print(
                f"    {reader:28s}{found['accuracy']:8.2%}{found['misses']:6d} misses"
                f"    {low:.1%} to {high:.1%}"
            )


if __name__ == "__main__":
    raise SystemExit(main())
