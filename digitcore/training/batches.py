"""What a network learns from at each step: pictures changed as the settings say, and the target outputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from digitcore import datasets
from digitcore.augmentation import imitation, negatives
from digitcore.augmentation.moves import augment
from digitcore.networks import architectures
from digitcore.networks.settings import Settings
from digitcore.preprocessing.levels import BRIGHTEST, scaled
from digitcore.training.teachers import Teachers

# Keras spends milliseconds of Python on every call of its training function, more than a small network
# takes to learn from a batch: such a network learns from several in one call.
MOST_AT_ONCE = 8
# Between two calls people are listened to and progress is reported: an epoch keeps this many calls, and a
# call takes no more than about a tenth of a second (in multiplications, of which a step takes three times as
# many as an answer).
LEAST_CALLS = 50
MOST_MULTIPLICATIONS = 2_000_000_000


def at_once(settings: Settings) -> int:
    """How many batches the network learns from in one call of its training function, 1 or more."""
    step = 3 * settings.batch_size * architectures.multiplications(settings)
    most = min(MOST_AT_ONCE, settings.steps_per_epoch // LEAST_CALLS, MOST_MULTIPLICATIONS // step)
    return max(1, most)


class Targets:
    """Labels as the loss expects them, integers or one-hot vectors; rows of probabilities are kept.

    Of one-hot vectors and rows the share `smoothing` is spread evenly over all outputs: a network that need
    not be ever surer of what it already knows reads others better (Szegedy et al., CVPR 2016, section 7).
    """

    def __init__(self, loss: str, outputs: int, smoothing: float = 0.0) -> None:
        self.one_hot = loss == "one-hot"
        self.smoothing = np.float32(smoothing)
        self.eye = np.eye(outputs, dtype=np.float32)

    def __call__(self, labels: np.ndarray) -> np.ndarray:
        if not self.one_hot:
            return labels.astype(np.int32)
        rows = labels if labels.ndim > 1 else self.eye[labels]
        return rows + self.smoothing * (1 / np.float32(len(self.eye)) - rows) if self.smoothing else rows


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


def of_epoch(targets: Targets, changes: Changes, settings: Settings, epoch: int) -> tf.data.Dataset:
    """One epoch in its own order; pictures are changed batch by batch while the previous one is learnt."""
    order = np.random.default_rng((settings.seed, epoch)).permutation(len(changes.images))
    order = order[: settings.n_train]  # extra digits do not make an epoch longer
    if not changes.any:
        # The same batches without any Python between the steps, which would slow a small network down. Each
        # is cut out in one piece: putting it together picture by picture would cost a tenth of such a
        # network's time.
        pictures, answers = tf.constant(changes.images[order]), tf.constant(targets(changes.labels[order]))

        def cut(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            end = start + settings.batch_size
            return _batch_to_network(pictures[start:end]), answers[start:end]

        return _by_itself(tf.data.Dataset.range(0, len(order), settings.batch_size).map(cut).prefetch(4))

    def generate() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number, start in enumerate(range(0, len(order), settings.batch_size)):
            chosen = order[start : start + settings.batch_size]
            pictures, answers = changes(chosen, np.random.default_rng((settings.seed, epoch, number)))
            yield to_network(pictures), targets(answers)

    outputs = targets.eye.shape[0]
    signature = (
        tf.TensorSpec((None, 28, 28, 1), tf.float32),
        tf.TensorSpec((None, outputs), tf.float32) if targets.one_hot else tf.TensorSpec((None,), tf.int32),
    )
    data = tf.data.Dataset.from_generator(generate, output_signature=signature)
    steps = -(-len(order) // settings.batch_size)
    return _by_itself(data.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(4))


def _by_itself(data: tf.data.Dataset) -> tf.data.Dataset:
    """The same data without the thread by which TensorFlow tunes a pipeline: nothing here is left to it, and
    at the end of an epoch that thread is waited for, until it next wakes up, for up to as long again."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)


def to_network(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 -> (n, 28, 28, 1) float32 in 0..1: this is where the channel axis is added."""
    return scaled(images[..., np.newaxis])


def _batch_to_network(images: tf.Tensor) -> tf.Tensor:
    """`to_network` within a tf.data pipeline."""
    return tf.cast(images[..., tf.newaxis], tf.float32) / BRIGHTEST


def examples(settings: Settings, count: int) -> np.ndarray:
    """Some pictures as the network of `settings` sees them in training, changed and mixed with non-digits as
    the settings say: (about count, 28, 28, 1) float32, always the same for the same settings."""
    images, labels = datasets.load(settings.dataset, "train", settings.n_train)
    rng = np.random.default_rng((settings.seed, 0))  # epochs are counted from 1
    chosen = rng.permutation(len(images))[:count]
    return to_network(Changes(images, labels, settings)(chosen, rng)[0])
