"""What a network learns from at each step: pictures changed as the settings say, and the target outputs."""

from __future__ import annotations

import numpy as np

from digitcore.augmentation import imitation, negatives
from digitcore.augmentation.moves import augment
from digitcore.networks import architectures
from digitcore.networks.settings import Settings
from digitcore.training.teachers import Teachers


class Targets:
    """Labels as the loss expects them, integers or one-hot vectors; rows of probabilities are kept."""

    def __init__(self, loss: str, outputs: int) -> None:
        self.one_hot = loss == "one-hot"
        self.eye = np.eye(outputs, dtype=np.float32)

    def __call__(self, labels: np.ndarray) -> np.ndarray:
        if labels.ndim > 1:
            return labels
        return self.eye[labels] if self.one_hot else labels.astype(np.int32)


class Changes:
    """What is done to a batch before the network learns from it: pictures changed, non-digits added."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, settings: Settings) -> None:
        self.images, self.labels, self.settings = images, labels, settings
        self.bends = imitation.fields(settings.seed) if settings.imitates else None
        self.teachers = Teachers(architectures.outputs(settings)) if settings.distil else None
        self.any = bool(settings.imitates or settings.augments or settings.negatives or settings.distil)

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The pictures with the indices `chosen` and their labels, followed by the non-digits; with teachers,
        rows of target probabilities in place of labels."""
        settings = self.settings
        images, labels = self.images[chosen], self.labels[chosen]
        if settings.imitates:
            images = imitation.imitate(images, labels, settings, rng, self.bends)
        elif settings.augments:
            images = augment(images, settings, rng)
        taught = self.teachers(images, labels) if self.teachers else None
        count = round(len(chosen) * settings.negatives)
        if count:
            images = np.concatenate((images, negatives.draw(count, self.images, self.labels, rng)))
            none = architectures.outputs(settings) - 1
            labels = np.concatenate((labels, np.full(count, none, labels.dtype)))
        if taught is not None:
            shares = np.eye(self.teachers.outputs, dtype=np.float32)[labels]
            shares[: len(taught)] += settings.distil * (taught - shares[: len(taught)])
            return images, shares
        return images, labels
