"""The answers of shipped networks to the pictures that another one learns from: distillation (Hinton, Vinyals
& Dean 2015), whose point is that "a 7 that is a little like a 1" says more than "7".

They answer through LiteRT, just as they are served; TensorFlow would take several times as long.
"""

from __future__ import annotations

import numpy as np

from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled

TEACHERS = "digitnet", "deeper-cnn"
"""Together they miss fewer validation digits than either alone: one knows many hands, the other MNIST's."""


class Teachers:
    """The mean answer of those teachers that are right."""

    def __init__(self, outputs: int, classifiers: list[Classifier] | None = None) -> None:
        self.outputs = outputs
        self.classifiers = classifiers or [model_store.load(name) for name in TEACHERS]

    def __call__(self, pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Pictures (n, 28, 28) uint8 of digits, labels (n,) -> (n, outputs) float32, each row summing to 1.

        A teacher that takes a digit for another one, or for a non-digit, is left out; if all are wrong, the
        row is the label's one-hot vector."""
        total = np.zeros((len(pictures), self.outputs), np.float32)
        asked = np.zeros((len(pictures), 1), np.float32)
        for classifier in self.classifiers:
            said = classifier.outputs(scaled(pictures))[:, : self.outputs]
            right = (said.argmax(1) == labels)[:, None]
            total[:, : said.shape[1]] += said * right
            asked += right
        alone = np.eye(self.outputs, dtype=np.float32)[labels]
        return np.where(asked > 0, total / np.maximum(total.sum(1, keepdims=True), 1e-9), alone)
