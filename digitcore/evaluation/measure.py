"""A model measured on labelled pictures, through the code that serves it: what `evaluate` prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from digitcore.errors import BlankError, DigitcoreError
from digitcore.evaluation import metrics
from digitcore.evaluation.labelled import Labelled
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.levels import scaled
from digitcore.reading import reader

PIPELINE = ("auto", "always", "never")

BATCH = 256
"""Pictures per call of the network; only these are in memory as float32."""

SIDE = normalisation.SIDE


@dataclass(frozen=True)
class Measurement:
    """What was measured, picture by picture and summed up.

    labels: (n,) int64. probabilities: (n, classes) float32, an even guess if the picture could not be read.
    unread: (n,) bool, the pictures that could not be read.  summary: what `evaluate --json` prints.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    unread: np.ndarray
    summary: dict[str, Any]


def measure(
    classifier: Classifier,
    labelled: Labelled,
    pipeline: str = "auto",
    progress: Callable[[int], None] | None = None,
) -> Measurement:
    """Have the model read every picture as one digit.

    pipeline: "always" sends each picture through the reading pipeline; "never" only resizes it, with light as
    ink; "auto" only resizes what needs no pipeline: a data set's own pictures, pictures that are already in
    MNIST's format (`is_in_mnist_format`), and everything for a model that does not read digits.
    progress: called with the number of pictures read.
    """
    if pipeline not in PIPELINE:
        raise ValueError(f"pipeline: expected one of {', '.join(PIPELINE)}, got {pipeline!r}")
    if pipeline == "auto" and (labelled.as_trained or not classifier.reads_digits):
        pipeline = "never"
    count, classes = len(labelled.labels), len(classifier.class_names)
    probabilities = np.full((count, classes), 1 / classes, np.float32)
    unread = np.zeros(count, bool)
    waiting: list[np.ndarray] = []
    numbers: list[int] = []
    several = None if pipeline == "never" else 0
    for number, grey in enumerate(labelled.pictures()):
        try:
            waiting.append(_picture(grey, pipeline))
            numbers.append(number)
            if several is not None:
                several += _is_taken_for_several(grey, pipeline, classifier)
        except DigitcoreError:
            unread[number] = True
        if len(waiting) == BATCH or number == count - 1:
            if waiting:
                probabilities[numbers] = classifier.predict(np.stack(waiting))
            waiting, numbers = [], []
            if progress:
                progress(number + 1)
    summary = summarise(classifier, labelled.name, labelled.labels, probabilities, unread)
    summary["taken_for_several"] = several
    return Measurement(labelled.labels, probabilities, unread, summary)


def _picture(grey: np.ndarray | DigitcoreError, pipeline: str) -> np.ndarray:
    """(h, w) uint8 -> (28, 28) float32, or the error that says why not."""
    if isinstance(grey, DigitcoreError):
        raise grey
    if pipeline == "never" or (pipeline == "auto" and is_in_mnist_format(grey)):
        return resized(grey)
    return normalisation.read(grey).picture


def _is_taken_for_several(grey: np.ndarray, pipeline: str, classifier: Classifier) -> bool:
    """Whether a picture that no one says holds one digit is read as more than one."""
    if pipeline == "auto" and is_in_mnist_format(grey):
        return False
    try:
        return len(reader.find(grey, classifier).several) > 1
    except DigitcoreError:
        return False


def resized(grey: np.ndarray) -> np.ndarray:
    """A picture without the pipeline: (h, w) uint8, light as ink -> (28, 28) float32, light at 1.0.

    Stretched to the square, but not inverted, cropped or centred. Raises BlankError if it is all one grey.
    """
    if grey.min() == grey.max():
        raise BlankError("Nothing is drawn here: expected a digit, found a plain background.")
    if grey.shape != (SIDE, SIDE):
        method = cv2.INTER_AREA if min(grey.shape) >= SIDE else cv2.INTER_LINEAR
        grey = cv2.resize(grey, (SIDE, SIDE), interpolation=method)
    return scaled(grey)


def is_in_mnist_format(grey: np.ndarray) -> bool:
    """Whether a grey picture is like MNIST's own: 28x28, light on black, 20 pixels long, centred by mass.

    True for each of MNIST's 70,000 digits, whose long side is 20 (19 for 16 of them), whose brightest
    pixel is 254 or 255 and whose centre of mass lies between 13.48 and 14.50.
    """
    if grey.shape != (SIDE, SIDE) or grey.max() < 250:
        return False
    inked = grey > 0
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    long_side = 1 + max(rows[-1] - rows[0], columns[-1] - columns[0])
    if long_side not in (normalisation.BOX - 1, normalisation.BOX):
        return False
    positions, mass = np.arange(SIDE), grey.sum()
    centres = (grey.sum(1) @ positions / mass, grey.sum(0) @ positions / mass)
    return all(abs(centre - normalisation.CENTRE) <= 0.53 for centre in centres)


def summarise(
    classifier: Classifier, data: str, labels: np.ndarray, probabilities: np.ndarray, unread: np.ndarray
) -> dict[str, Any]:
    """Accuracy, misses, loss, confusion matrix, report and calibration of a model's answers.

    A picture that could not be read is a miss like any other: it counts in n, accuracy, misses, recall
    and support, and in the loss as an even guess. Having no answer, it is in no column of the confusion
    matrix, whose sum is n - unread, and does not count in the calibration error or reliability diagram (null
    and empty if nothing was read).
    """
    read = ~unread
    confusion = metrics.confusion_matrix(
        labels[read], probabilities[read].argmax(1), len(classifier.class_names)
    )
    support = np.bincount(labels, minlength=len(classifier.class_names))
    misses = len(labels) - int(np.trace(confusion))
    error, reliability = None, []
    if read.any():
        error = metrics.expected_calibration_error(probabilities[read], labels[read])
        reliability = metrics.reliability(probabilities[read], labels[read])
    return {
        "model": classifier.name,
        "data": data,
        "n": len(labels),
        "accuracy": 1.0 - misses / len(labels),
        "misses": misses,
        "unread": int(unread.sum()),
        "loss": float(metrics.cross_entropy(probabilities, labels)),
        "confusion_matrix": confusion.tolist(),
        "classification_report": metrics.classification_report(confusion, classifier.class_names, support),
        "expected_calibration_error": error,
        "reliability": reliability,
    }
