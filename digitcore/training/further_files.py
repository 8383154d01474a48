"""Files made from a finished model on request: ONNX, and a `.tflite` that takes one picture per call.

python -m digitcore.training.further_files FOLDER NAME    for the app, of a run
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from filelock import Timeout

from digitcore import datasets, files, process
from digitcore.datasets import own
from digitcore.errors import DigitcoreError, ModelError, RunError
from digitcore.evaluation.other_runtimes import OneByOne, OnnxClassifier
from digitcore.evaluation.receipts import CHECKED, counted_by, receipt
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled
from digitcore.runs.run_folder import Run
from digitcore.training import export, onnx_file

ONNX, BATCH_1 = model_store.ONNX, model_store.BATCH_1


def make(
    kind: str, model: str, card: dict[str, Any], path: Path | None = None
) -> tuple[Path, dict[str, Any]]:
    """Write such a file for a finished model and check it with the library that reads it; returns the file's
    path and its receipt.

    kind: ONNX or BATCH_1. model: the name of a shipped model or the folder of a run, with its card. path:
    where to write; without it, the file is put beside the model's others, and its receipt into the card.
    Raises PackageError, or ModelError if there is no .keras file.
    """
    if kind == ONNX:
        onnx_file.check_packages()
    there = model_store.files(model)
    if "model.keras" not in there:
        raise ModelError(f"Model {card['name']} has no .keras file, from which other files are made.")
    import keras

    network = keras.models.load_model(there["model.keras"])
    target = path or model_store.place(model, kind)
    content = onnx_file.converted(network, card["class_names"]) if kind == ONNX else batch_of_one(network)
    files.write_bytes(target, content)
    classifier = (OnnxClassifier if kind == ONNX else OneByOne)(target, card)
    images, _ = datasets.load(card["dataset"]["name"], "validation")
    pictures = scaled(images[:CHECKED])
    expected = network.predict(pictures[..., np.newaxis], batch_size=500, verbose=0)
    found = receipt(classifier.outputs(pictures), expected, target) | counted_by(classifier)
    if path is None:
        card.setdefault("exports", {})[kind] = found
        card["files"] |= model_store.hashes([target])
        files.write_json(model_store.card_file(model), card)
    return target, found


def batch_of_one(model) -> bytes:
    """The contents of a float32 `.tflite` file that takes exactly (1, 28, 28, 1): LiteRT.js (2.5), which runs
    in browsers, refuses a model whose number of pictures is left open."""
    import tensorflow as tf

    return export.float_tflite(model, [tf.TensorSpec((1, 28, 28, 1), tf.float32, name="picture")])


def make_for(run: Run, kind: str) -> None:
    """Make such a file of a finished run, which no trainer may take up meanwhile. Raises RunError where one
    has, and what `make` raises."""
    try:
        lock = run.lock().acquire(timeout=3)
    except Timeout:
        raise RunError(f"Run {run.id} is being trained by another process.") from None
    with lock:
        own.also_in(run.folder)
        card = run.card()
        if card is None:
            raise RunError(f"Run {run.id} has no model yet.")
        make(kind, str(run.folder), card)


def main(folder: str, kind: str) -> int:
    """Make one file; returns the exit code."""
    process.lower_priority()
    try:
        make_for(Run(Path(folder)), kind)
    except DigitcoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
