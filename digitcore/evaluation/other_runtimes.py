"""Answers by other runtimes, for the receipts of files that those will run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

from digitcore.errors import ModelError, PackageError
from digitcore.networks.classifier import Classifier

MISSING = "ONNX needs the package {}: python -m pip install -r requirements-onnx.txt"

PACKAGES = "tf2onnx", "onnx", "onnxruntime"

_CHUNK = 100


def check_onnx_packages() -> None:
    """PackageError, in one sentence that says how to get it, where a package for ONNX is not installed.

    Loads none of them: TensorFlow would come along.
    """
    for package in PACKAGES:
        if not _is_installed(package):
            raise PackageError(MISSING.format(package))


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # a module without a spec, or None in its place
        return sys.modules.get(package) is not None


class OnnxClassifier(Classifier):
    """A classifier that uses ONNX Runtime instead of LiteRT.

    model_path: a `.onnx` file, (n, 28, 28, 1) float32 -> (n, classes) or one column more; card: the model's
    card. Raises PackageError if the optional packages are missing, ModelError if the file is damaged.
    """

    def __init__(self, model_path: Path | str, card: dict[str, Any]) -> None:
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise PackageError(MISSING.format(error.name)) from None
        self._take(card)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(model_path), options)
        except Exception as error:  # ONNX Runtime names no base class for its errors
            if type(error).__module__.partition(".")[0] != "onnxruntime":
                raise
            raise ModelError(f"{Path(model_path).name} is not a readable ONNX file.") from error

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """The network's own softmax: (n, classes) float32, or one column more. images: (n, 28, 28)."""
        pictures = np.asarray(images, np.float32)[..., np.newaxis]
        name = self._session.get_inputs()[0].name
        parts = [
            self._session.run(None, {name: pictures[start : start + _CHUNK]})[0]
            for start in range(0, len(pictures), _CHUNK)
        ]
        return np.concatenate(parts)


class OneByOne(Classifier):
    """A classifier for a `.tflite` file that takes exactly one picture per call."""

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """The network's own softmax: (n, classes) float32, or one column more. images: (n, 28, 28)."""
        return np.concatenate([super(OneByOne, self).outputs(image[np.newaxis]) for image in images])
