"""A trained Keras model -> `.keras`, `.h5` and two `.tflite` files; the Keras files are checked at once.

The `.tflite` files are checked by another process through LiteRT, the library that serves them (receipts.py).
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import datasets, files
from digitcore.errors import ModelError
from digitcore.evaluation.receipts import CHECKED, FLOAT, INT8, counted, of_tflite, receipt, scores
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.process import stderr_elsewhere

KERAS_FILES = ("model.keras", "model.h5")

EXAMPLES = 200
"""Training pictures that show the converter which values occur: more change no answer and take longer."""


def export_all(model, folder: Path, examples: np.ndarray) -> None:
    """Write the model into `folder` as model.keras, model.h5, model.tflite and model-int8.tflite, each by
    temp-and-rename.

    model: a Keras model, (n, 28, 28, 1) float32 -> (n, classes). The state of its optimizer is left out,
    because it triples the files; the copies are compiled, so `load_model(path).evaluate(…)` works.
    examples: (n, 28, 28, 1) float32, pictures such as the model has learnt from, for `converted`.
    """
    import keras

    # Keras warns that .h5 is a legacy format on every save and load; people are promised that file.
    logging.getLogger("absl").setLevel(logging.ERROR)
    slim = keras.models.clone_model(model)
    slim.set_weights(model.get_weights())
    slim.compile("sgd", loss=model.loss, metrics=["accuracy"])  # the one optimizer without state per weight
    for name in KERAS_FILES:
        with files.replacing(folder / name) as part:
            slim.save(part)
    for name, content in converted(slim, examples).items():
        files.write_bytes(folder / name, content)


def converted(model, examples: np.ndarray) -> dict[str, bytes]:
    """The contents of model.tflite, in float32, and of model-int8.tflite, whose weights and arithmetic are
    8-bit integers throughout.

    Both take (n, 28, 28, 1) float32 and give (n, classes) float32: the 8-bit model quantises its input and
    dequantises its output itself, so callers need no scales or zero points, and one program reads with both.
    examples: (n, 28, 28, 1) float32; the range that the 8 bits of each layer must cover is taken from what
    the model makes of them (a few hundred are enough: Jacob et al., CVPR 2018).
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as saved:
        model.export(saved, format="tf_saved_model", verbose=False)  # once for both: a third of the time
        whole = tf.lite.TFLiteConverter.from_saved_model(saved)
        small = tf.lite.TFLiteConverter.from_saved_model(saved)
        small.optimizations = [tf.lite.Optimize.DEFAULT]
        small.representative_dataset = lambda: iter([[examples]])
        # Otherwise a layer could stay in float32 without anybody noticing.
        small.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        with stderr_elsewhere():  # the converter's C code announces there that it converts
            return {FLOAT: whole.convert(), INT8: small.convert()}


def float_tflite(model, input_signature: list | None = None) -> bytes:
    """The contents of a `.tflite` in float32. input_signature: one `tf.TensorSpec` per input, None for inputs
    of any size that the model takes."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as saved:
        model.export(saved, format="tf_saved_model", verbose=False, input_signature=input_signature)
        with stderr_elsewhere():  # the converter's C code announces there that it converts
            return tf.lite.TFLiteConverter.from_saved_model(saved).convert()


def quantise(card: dict[str, Any], card_file: Path, exports: dict[str, Path]) -> dict[str, Path]:
    """Make the int8 file of a finished model beside its float file, and write its card with new receipts for
    all its files; returns the files including the new one.

    exports: {"model.keras": path, …} as `model_store.files` gives them. ModelError if there is no .keras.
    """
    if "model.keras" not in exports:
        raise ModelError(f"Model {card['name']} has no .keras file, from which the 8-bit file is made.")
    import keras

    from digitcore.training import batches

    settings = Settings.from_dict(card["settings"])
    model = keras.models.load_model(exports["model.keras"])
    exports = exports | {INT8: exports[FLOAT].with_name(f"{exports[FLOAT].stem}-int8.tflite")}
    files.write_bytes(exports[INT8], converted(model, batches.examples(settings, EXAMPLES))[INT8])
    images, _ = datasets.load(settings.dataset, "validation")
    expected = model.predict(batches.to_network(images[:CHECKED]), batch_size=500, verbose=0)
    for name in (FLOAT, INT8):
        card["exports"][name] = of_tflite(exports[name], card, expected)
    for name, path in exports.items():
        card["exports"][name]["bytes"] = path.stat().st_size
    card["exports"][FLOAT] |= {part: scores(card[part]) for part in ("validation", "test")}
    card["exports"][INT8] |= counted(exports[INT8], card)
    card["files"] = model_store.hashes(exports.values())
    files.write_json(card_file, card)
    return exports


def check_keras_files(folder: Path, images: np.ndarray, expected: np.ndarray) -> dict[str, dict[str, float]]:
    """How far the answers of each Keras file, loaded again, are from those of the model it was made from.

    images: (n, 28, 28, 1) float32; expected: (n, classes) float32, the original's answers.
    Returns {file: what `receipt` gives}.
    """
    import keras

    receipts = {}
    for name in KERAS_FILES:
        model = keras.models.load_model(folder / name)
        answers = model.predict(images, batch_size=500, verbose=0)
        receipts[name] = receipt(answers, expected, folder / name)
    return receipts
