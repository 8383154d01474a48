"""From exported files to a card: the files are calibrated, compared and measured by the code that serves
them.

Only LiteRT is needed, not TensorFlow. A training does all of it at its end, in a folder of its own
(`complete`); `calibrate` recalibrates a finished model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from digitcore import datasets, files, paths
from digitcore.datasets import own
from digitcore.errors import ModelError
from digitcore.evaluation import calibration, labelled, measure, receipts
from digitcore.evaluation.measure import Measurement
from digitcore.evaluation.other_runtimes import OnnxClassifier
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled
from digitcore.runs import cards


def complete(folder: Path) -> None:
    """Calibrate, compare and measure the exported files beside a draft of a card; write the answers to the
    test pictures, and the complete card last.

    Raises DatasetError if the data set is not on this machine, ModelError if a file is damaged.
    """
    own.also_in(folder.parent)
    card = files.read_json(folder / paths.DRAFT)
    classifier = model_store.load_draft(folder)
    card |= calibration.fit(classifier)
    _compare(card, model_store.files(str(folder)), _expected(folder))
    if (onnx := folder / model_store.ONNX).is_file():
        _compare_onnx(card, onnx, _expected(folder))
    classifier, name = classifier.with_card(card), card["dataset"]["name"]
    validation, test = (_measured(classifier, f"{name}:{part}") for part in ("validation", "test"))
    files.write_npz(folder / paths.TEST_ANSWERS, probabilities=test.probabilities)
    cards.complete(card, folder, validation.summary, test.summary)
    files.write_json(folder / paths.CARD, card)


def calibrate(classifier: Classifier, path: Path) -> dict[str, Any]:
    """Fit a model's temperature and threshold, write its card to `path`, and return the card. Of a finished
    model, accuracy, loss and calibration error are measured again, and its kept answers are replaced."""
    card = classifier.card | calibration.fit(classifier)
    if "test" in card:
        classifier, name = classifier.with_card(card), card["dataset"]["name"]
        validation, test = (_measured(classifier, f"{name}:{part}") for part in ("validation", "test"))
        answers = path.parent / paths.TEST_ANSWERS
        if answers.is_file():
            files.write_npz(answers, probabilities=test.probabilities)
        cards.measured(card, validation.summary, test.summary)
    files.write_json(path, card)
    return card


def compare(card: dict[str, Any], path: Path, exports: dict[str, Path]) -> dict[str, Any]:
    """Compare the `.tflite` files of a run that is being finished with the network that they were made from,
    write the receipts into the card at `path`, and return the card. ModelError if it is finished already.

    exports: {"model.tflite": path, …} as `model_store.files` gives them.
    """
    if not (path.parent / paths.EXPECTED).is_file():
        raise ModelError(f"{card['name']} is finished: use `models quantise` to compare its files again.")
    _compare(card, exports, _expected(path.parent))
    files.write_json(path, card)
    return card


def _compare(card: dict[str, Any], exports: dict[str, Path], expected: np.ndarray) -> None:
    for name in (receipts.FLOAT, receipts.INT8):
        card["exports"][name] = receipts.of_tflite(exports[name], card, expected)
    card["exports"][receipts.INT8] |= receipts.counted(exports[receipts.INT8], card)


def _compare_onnx(card: dict[str, Any], path: Path, expected: np.ndarray) -> None:
    classifier = OnnxClassifier(path, card)
    images, _ = datasets.load(card["dataset"]["name"], "validation")
    outputs = classifier.outputs(scaled(images[: len(expected)]))
    found = receipts.receipt(outputs, expected, path) | receipts.counted_by(classifier)
    card["exports"][model_store.ONNX] = found


def _expected(folder: Path) -> np.ndarray:
    with files.npz(folder / paths.EXPECTED) as arrays:
        return arrays["probabilities"]


def _measured(classifier: Classifier, data: str) -> Measurement:
    return measure.measure(classifier, labelled.find(data, classifier))
