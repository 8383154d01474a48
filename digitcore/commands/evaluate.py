"""Measure a model on labelled pictures, through the code that serves it.

  python -m digitcore evaluate                                     the default model on MNIST's test digits
  python -m digitcore evaluate --model mlp-128-128 --data mnist:validation
  python -m digitcore evaluate --data my-class/                    my-class/0/*.png, my-class/1/*.png, …
  python -m digitcore evaluate --data digits.npz --json            images (n, h, w) uint8, labels (n,)
  python -m digitcore evaluate --data train.csv                    Kaggle's: a label and pixels in each row
  python -m digitcore evaluate --data t10k-images-idx3-ubyte       MNIST's files; the labels lie beside it

Every picture is read as one digit. A picture that cannot be read, or has nothing on it, is a miss; its
loss is that of an even guess.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcore.commands.options import add_model, check_writable, open_model

if TYPE_CHECKING:
    from digitcore.evaluation.measure import Measurement


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from digitcore.evaluation.measure import PIPELINE

    add_model(parser)
    parser.add_argument(
        "--data",
        default="mnist",
        metavar="WHERE",
        help="mnist (default), mnist:validation, fashion-mnist, a folder with one sub-folder per class or a "
        "zip of it, an .npz with `images` and `labels`, a CSV with a label and pixels in each row, or an idx "
        "file",
    )
    parser.add_argument(
        "--pipeline",
        choices=PIPELINE,
        default="auto",
        help="find, scale and centre each digit first? auto (default): yes, except for a data set's own "
        "pictures and others already in MNIST's format; never: only resize, light counts as ink",
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object, last")
    parser.add_argument(
        "--probabilities", type=Path, metavar="FILE.npz", help="also keep every picture's answer in a file"
    )


def run(options: argparse.Namespace) -> int:
    import numpy as np
    from tqdm import tqdm

    from digitcore.evaluation import labelled, measure

    if options.probabilities:
        check_writable(options.probabilities)
    classifier = open_model(options.model)
    pictures = labelled.find(options.data, classifier)
    with tqdm(total=len(pictures.labels), unit=" pictures", disable=None, leave=False) as bar:
        measured = measure.measure(
            classifier, pictures, options.pipeline, progress=lambda done: bar.update(done - bar.n)
        )
    if options.probabilities:
        np.savez_compressed(
            options.probabilities,
            probabilities=measured.probabilities,
            labels=measured.labels,
            unread=measured.unread,
        )
    _warn(measured, classifier.class_names)
    if options.json:
        print(json.dumps(measured.summary, allow_nan=False))
    else:
        _print(measured.summary, classifier.class_names)
    return 0


def _warn(measured: Measurement, class_names: tuple[str, ...]) -> None:
    present = set(measured.labels.tolist())
    absent = [name for number, name in enumerate(class_names) if number not in present]
    if absent:
        print(f"Warning: there is no picture of {', '.join(absent)}.", file=sys.stderr)
    unread = int(measured.unread.sum())
    if unread:
        print(
            f"Warning: {unread:,} of {len(measured.labels):,} pictures could not be read or are empty; "
            "each counts as a miss.",
            file=sys.stderr,
        )


def _print(summary: dict[str, Any], class_names: tuple[str, ...]) -> None:
    from digitcore.evaluation import metrics

    n, misses = summary["n"], summary["misses"]
    low, high = metrics.wilson_interval(n - misses, n)
    print(f"{summary['model']} on {summary['data']}, {n:,} pictures\n")
    print(f"loss:     {summary['loss']:.4f}   (mean of -log of the true class's probability)")
    print(f"accuracy: {summary['accuracy']:.4f}   {misses:,} misses of {n:,}")
    if summary.get("taken_for_several"):
        several = summary["taken_for_several"]
        print(f"          {several:,} are taken for several digits where nobody says that there is one")
    print(f"          95 % sure to lie between {low:.4f} and {high:.4f} for pictures like these")
    if summary["reliability"]:
        said = sum(row["n"] * row["confidence"] for row in summary["reliability"]) / (n - summary["unread"])
        print(f"sureness: {said:.4f}   calibration error {summary['expected_calibration_error']:.4f}")
    width = max(5, len(str(n)), *map(len, class_names))
    print("\nConfusion matrix (row: what it is, column: what was read)\n")
    print(" " * width, *(f"{name:>{width}}" for name in class_names))
    for name, row in zip(class_names, summary["confusion_matrix"], strict=True):
        print(f"{name:>{width}}", *(f"{count:>{width}}" for count in row))
    print(f"\n{metrics.report_text(summary['classification_report'])}", end="")
