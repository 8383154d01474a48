"""python -m benchmarks.calibration FOLDER [--models NAME ...] [--quick]

Whether networks are right as often as they say, on handwriting that they were not fitted to.
All sets of single digits in FOLDER (`benchmarks.support.development`) together, through the pipeline. For
each network: the expected calibration error (15 bins of equal mass) and the negative log-likelihood of its
plain softmax, with its card's temperature, and with one fitted on MNIST's clean validation digits instead;
the bins of the reliability diagram; how many answers are shown as at least 95 % sure and how many of those
are right; and the mean confidence beside the accuracy for each set. MNIST's error is taken from the card. A
picture that the pipeline refuses has no answer and is counted separately. Only figures are kept.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.support import development, record
from digitcore import datasets
from digitcore.commands.options import open_model
from digitcore.evaluation import calibration, metrics
from digitcore.networks import model_store
from digitcore.networks.classifier import answers
from digitcore.preprocessing.levels import scaled

BINS = 15
SURE = 0.95
MOST_ERROR, FEWEST_RIGHT = 0.02, 0.98  # what we aim at


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("folder", type=Path, help="development sets")
    parser.add_argument("--models", nargs="+", metavar="NAME|FOLDER", help="default: all that ship")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the pictures; keeps nothing")
    arguments = parser.parse_args()
    sets = development.load(arguments.folder, 20 if arguments.quick else 1)
    if not sets:
        parser.error(f"{arguments.folder} holds no sets: expected *.npz and sub-folders with a labels.csv")
    ready = {
        name: (*development.through_the_pipeline(pictures), labels)
        for name, (pictures, labels) in sets.items()
    }
    figures = {"bins": BINS, "aims": {"error": MOST_ERROR, "sure": SURE, "right": FEWEST_RIGHT}, "models": {}}
    for name in arguments.models or model_store.shipped():
        figures["models"][name] = measured(open_model(name), ready)
        show(name, figures["models"][name])
    if not arguments.quick:
        print("Kept in", record.write("calibration", "python -m benchmarks.calibration FOLDER", figures))
    return 0


def measured(classifier, ready):
    """What is kept of one network. ready: {set: (pictures (n, 28, 28), refused (n,) bool, labels (n,))}."""
    outputs, labels, sets = [], [], {}
    for name, (pictures, refused, truth) in ready.items():
        outputs.append(classifier.outputs(pictures[~refused]))
        labels.append(truth[~refused])
        probabilities = answers(
            outputs[-1], len(classifier.class_names), classifier.temperature
        ).probabilities
        sets[name] = {
            "n": len(labels[-1]),
            "confidence": float(probabilities.max(1).mean()),
            "accuracy": metrics.accuracy(probabilities, labels[-1]),
        }
    outputs, labels = np.concatenate(outputs), np.concatenate(labels)
    classes = len(classifier.class_names)
    before = answers(outputs, classes, 1.0).probabilities
    after = answers(outputs, classes, classifier.temperature)
    clean_temperature = fitted_on_clean_digits(classifier)
    by_clean = answers(outputs, classes, clean_temperature).probabilities
    shown = (after.probabilities.max(1) >= SURE) & (after.digitness >= classifier.digitness_threshold)
    right = after.probabilities.argmax(1) == labels
    card = classifier.card
    return {
        "n": len(labels),
        "refused": int(sum(refused.sum() for _, refused, _ in ready.values())),
        "accuracy": float(right.mean()),
        "temperature": classifier.temperature,
        "before": errors(before, labels),
        "after": errors(after.probabilities, labels),
        "by_clean_digits": {"temperature": clean_temperature, **errors(by_clean, labels)},
        "reliability": metrics.reliability(after.probabilities, labels, BINS),
        "sure": {"n": int(shown.sum()), "right": int((shown & right).sum())},
        "taken_for_no_digit": int((after.digitness < classifier.digitness_threshold).sum()),
        "sets": sets,
        "mnist_test": {"n": card["test"]["n"], "expected_calibration_error": card["calibration"]["test_ece"]},
    }


def fitted_on_clean_digits(classifier):
    """The temperature fitted on the validation digits as they are; `evaluation.calibration` fits it on
    changed ones."""
    images, labels = datasets.load("mnist", "validation")
    outputs = classifier.outputs(scaled(images))
    return calibration.fit_temperature(outputs[:, : len(classifier.class_names)], labels)


def errors(probabilities, labels):
    return {
        "expected_calibration_error": metrics.expected_calibration_error(probabilities, labels, BINS),
        "negative_log_likelihood": metrics.cross_entropy(probabilities, labels),
    }


def show(name, found):
    """Print what is kept of one network."""
    sure, n = found["sure"], found["n"]
    print(f"\n{name} on {n:,} digits ({found['refused']} refused), {found['accuracy']:.2%} right")
    for title, kept, temperature in (
        ("its own softmax", "before", 1.0),
        ("calibrated", "after", found["temperature"]),
        ("by clean digits", "by_clean_digits", found["by_clean_digits"]["temperature"]),
    ):
        print(
            f"    {title:16s} calibration error {found[kept]['expected_calibration_error']:.4f}   negative "
            f"log-likelihood {found[kept]['negative_log_likelihood']:.4f}   temperature {temperature:.2f}"
        )
    mnist = found["mnist_test"]
    print(
        f"    aim: an error of at most {MOST_ERROR}; on MNIST's {mnist['n']:,} test digits "
        f"{mnist['expected_calibration_error']:.4f}"
    )
    print(
        f"    shown as at least {SURE:.0%} sure: {sure['n']:,} ({sure['n'] / n:.1%}), of which "
        f"{sure['right'] / max(1, sure['n']):.2%} are right (aim: {FEWEST_RIGHT:.0%})"
    )
    print(f"    taken for no digit: {found['taken_for_no_digit']}")
    print("    says    is right   of n")
    for row in found["reliability"]:
        print(f"    {row['confidence']:.4f}  {row['accuracy']:.4f}  {row['n']:6d}")
    for name, row in found["sets"].items():
        print(f"    {name:16s}{row['n']:6d}   says {row['confidence']:.3f}   is right {row['accuracy']:.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
