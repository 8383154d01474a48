"""Receipts: how an exported file compares with the network it was made from. LiteRT only: no TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from digitcore import datasets
from digitcore.evaluation import labelled, measure
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled

FLOAT, INT8 = "model.tflite", "model-int8.tflite"

CHECKED = 1_000
"""Validation digits on which each file is compared with the original."""


def receipt(outputs: np.ndarray, expected: np.ndarray, path: Path) -> dict[str, Any]:
    """How far a file's answers (n, classes) are from the original's: the largest difference between
    probabilities, the share of pictures with the same answer, the number of pictures, and the file's
    bytes."""
    return {
        "max_difference": float(np.abs(outputs - expected).max()),
        "agreement": float((outputs.argmax(1) == expected.argmax(1)).mean()),
        "n": len(expected),
        "bytes": path.stat().st_size,
    }


def line(name: str, receipt: dict[str, Any]) -> str:
    """A receipt in one line: "model.tflite: the same answer to 1,000 of 1,000, …"."""
    same = round(receipt["agreement"] * receipt["n"])
    text = (
        f"{name}: {receipt['bytes']:,} bytes, the same answer to {same:,} of {receipt['n']:,}, "
        f"probabilities at most {receipt['max_difference']:.1e} off"
    )
    return text + (f", {receipt['test']['misses']:,} test misses" if "test" in receipt else "")


def of_tflite(path: Path, card: dict[str, Any], expected: np.ndarray) -> dict[str, Any]:
    """The receipt of a `.tflite` file, answered by LiteRT.

    expected: (n, classes) float32, the Keras model's own answers to the first n validation pictures of the
    card's data set; n is at most `CHECKED`.
    """
    images, _ = datasets.load(card["dataset"]["name"], "validation")
    outputs = Classifier(path, card).outputs(scaled(images[: len(expected)]))
    return receipt(outputs, expected, path)


def counted(path: Path, card: dict[str, Any]) -> dict[str, Any]:
    """How many validation and test pictures a `.tflite` file gets right, measured through the code that
    serves it."""
    return counted_by(Classifier(path, card))


def counted_by(classifier: Classifier) -> dict[str, Any]:
    """How many validation and test pictures of its data set a classifier gets right."""
    name = classifier.card["dataset"]["name"]
    summaries = {
        part: measure.measure(classifier, labelled.find(f"{name}:{part}", classifier)).summary
        for part in ("validation", "test")
    }
    return {part: scores(summary) for part, summary in summaries.items()}


def scores(summary: dict[str, Any]) -> dict[str, Any]:
    """Accuracy, misses and n, from what `measure.measure` or a card says about one part of a data set."""
    return {name: summary[name] for name in ("accuracy", "misses", "n")}
