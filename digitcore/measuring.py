"""A model against labelled pictures, through the code that serves it: what `evaluate` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from digitcore import datasets, evaluation
from digitcore.classifier import Classifier

PARTS = ("test", "validation")


@dataclass(frozen=True)
class Measurement:
    """labels (n,) int64, probabilities (n, classes) float32, and the summary that `evaluate` prints."""

    labels: np.ndarray
    probabilities: np.ndarray
    summary: dict[str, Any]


def measure_dataset(classifier: Classifier, name: str, part: str = "test") -> Measurement:
    """The model on a data set's own pictures, which need no reading pipeline."""
    images, labels = datasets.load(name, part)
    probabilities = np.empty((len(images), len(classifier.class_names)), np.float32)
    for start in range(0, len(images), 1000):  # as float32 all of them would be four times the data set
        chunk = images[start : start + 1000].astype(np.float32) / np.float32(255.0)
        probabilities[start : start + 1000] = classifier.predict(chunk)
    data = name if part == "test" else f"{name}:{part}"
    return summarise(classifier, data, labels.astype(np.int64), probabilities)


def summarise(
    classifier: Classifier, data: str, labels: np.ndarray, probabilities: np.ndarray
) -> Measurement:
    """Accuracy, misses, loss, confusion matrix, report and calibration of a model's answers."""
    predictions = probabilities.argmax(1)
    confusion = evaluation.confusion_matrix(labels, predictions, len(classifier.class_names))
    misses = int((predictions != labels).sum())
    summary = {
        "model": classifier.name,
        "data": data,
        "n": len(labels),
        "accuracy": 1.0 - misses / len(labels),
        "misses": misses,
        "loss": float(evaluation.cross_entropy(probabilities, labels)),
        "confusion_matrix": confusion.tolist(),
        "classification_report": evaluation.classification_report(confusion, classifier.class_names),
        "expected_calibration_error": float(evaluation.expected_calibration_error(probabilities, labels)),
    }
    return Measurement(labels, probabilities, summary)
