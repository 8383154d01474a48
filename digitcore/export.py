"""A trained Keras model -> `.keras`, `.h5` and `.tflite` files, the first two checked on the spot.

The `.tflite` is checked by another process through LiteRT, the library that serves it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np

from digitcore.cards import receipt

KERAS_FILES = ("model.keras", "model.h5")
TFLITE_FILE = "model.tflite"


def export_all(model, folder: Path) -> None:
    """Write the model into `folder` as model.keras, model.h5 and model.tflite, each by temp-and-rename.

    model: a Keras model, (n, 28, 28, 1) float32 -> (n, classes). Its optimizer's state is left behind
    (it triples the files); the copies are compiled, so that `load_model(path).evaluate(…)` works.
    """
    import keras

    # Keras calls .h5 a legacy format on every save and load; people are promised that file.
    logging.getLogger("absl").setLevel(logging.ERROR)
    slim = keras.models.clone_model(model)
    slim.set_weights(model.get_weights())
    slim.compile("sgd", loss=model.loss, metrics=["accuracy"])  # the one optimizer without state per weight
    for name in KERAS_FILES:
        temporary = folder / f".partial-{name}"  # Keras goes by the suffix
        slim.save(temporary)
        os.replace(temporary, folder / name)
    temporary = folder / f".partial-{TFLITE_FILE}"
    slim.export(str(temporary), format="litert", verbose=False)
    os.replace(temporary, folder / TFLITE_FILE)


def check_keras_files(folder: Path, images: np.ndarray, expected: np.ndarray) -> dict[str, dict[str, float]]:
    """How far each Keras file, loaded again, is from the model it was made from.

    images: (n, 28, 28, 1) float32; expected: (n, classes) float32, the original's answers.
    Returns {file: {"max_difference", "agreement", "n"}}.
    """
    import keras

    receipts = {}
    for name in KERAS_FILES:
        model = keras.models.load_model(folder / name)
        receipts[name] = receipt(model.predict(images, batch_size=500, verbose=0), expected)
    return receipts
