"""The line reader's network and its training: on lines composed of training digits, by connectionist temporal
classification (Graves et al., ICML 2006), which need not be told where in a line each digit stands.

Importing this module loads TensorFlow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from digitcore import datasets, files
from digitcore.augmentation import composed_lines
from digitcore.augmentation.composed_lines import Composed
from digitcore.networks import model_store
from digitcore.networks.part_networks import CARD, KERAS, TFLITE
from digitcore.preprocessing.levels import BRIGHTEST, scaled
from digitcore.reading import ctc
from digitcore.reading.line_reader import CLASSES, NAME, ROWS, STRIDE, LineReader
from digitcore.training.export import float_tflite
from digitcore.training.learning_rate import one_cycle
from digitcore.training.part_networks_fit import card_of, command

COLUMNS = 16
"""The width of a batch is a multiple of this."""

AT_ONCE = 16
"""Batches composed together, so that lines of similar width go into the same batch."""

SLIM = (1, 1), (1, 7), (7, 1)
"""The pairs of digits that `LineSettings.slim` puts into lines."""

SETTLING = 60
"""Batches on which the batch normalisation of the averaged network is measured anew: the means and deviations
recorded during training belong to other weights. Chosen, not fitted."""

NEAR = 10
"""The weight of the loss for where the digits stand, relative to the loss for their text. Chosen, not
fitted: the latter is summed over a line, the former is the mean of its columns."""


@dataclass(frozen=True)
class LineSettings:
    """The settings of a training of the line reader.

    steps: batches of `batch_size` lines. longest: digits in a line. n_train: training digits.
    guided: the share of the steps, at the beginning, in which the network is also told, with decreasing
    weight, where the digits stand; without it CTC takes many steps to leave its first answer, "nothing
    anywhere". Until then, lines have at most 3 digits. turns: how many variants of each digit are made.
    nothings: the share of lines with a non-digit among the digits. slim: the share of lines in which two
    neighbours are replaced by 11, 17 or 71, the pairs that are hardest to tell from a single digit. averaged:
    the decay of the moving average of the weights, which is what is kept (Polyak & Juditsky 1992). start: a
    folder with a reader to continue from, "" for none; it needs no guidance.
    """

    steps: int = 9000
    batch_size: int = 32
    learning_rate: float = 0.004
    longest: int = 7
    n_train: int = 55_000
    guided: float = 0.12
    turns: int = 6
    nothings: float = 0.15
    slim: float = 0.15
    averaged: float = 0.999
    start: str = ""
    validation_lines: int = 1000
    seed: int = 0

    def learning_rate_at(self, step: int) -> float:
        return self.learning_rate * one_cycle(step / max(1, self.steps - 1), warm_up=0.15)


def build() -> keras.Model:
    """(n, ROWS, w, 1) float32, 0 paper to 1 ink -> (n, w / STRIDE, CLASSES + 1) log-probabilities.

    A frame covers 49 columns of the line: its digit and both neighbours."""
    line = keras.Input((ROWS, None, 1))
    x = _block(line, 16, 5, (2, STRIDE))
    x = _block(x, 32, 3, (2, 1))
    x = _block(x, 48, 3)
    x = _block(x, 64, 3, (2, 1))
    x = _block(layers.ZeroPadding2D((0, 1))(x), 128, (ROWS // 8, 3), padding="valid")  # leaves one row
    for apart in (1, 2, 4):
        x = layers.Add()([x, _block(x, 128, (1, 3), dilation_rate=(1, apart))])
    x = layers.Conv2D(CLASSES + 1, 1)(x)
    x = layers.Reshape((-1, CLASSES + 1))(x)
    return keras.Model(line, layers.Activation("log_softmax")(x), name=NAME)


def _block(x, filters, size, strides=1, padding="same", dilation_rate=1):
    convolved = layers.Conv2D(
        filters, size, strides=strides, padding=padding, dilation_rate=dilation_rate, use_bias=False
    )(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(convolved))


def train(settings: LineSettings, folder: Path, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Train a line reader and save it in `folder`: model.keras (replaced ten times during the training),
    model.tflite and card.json. Returns the card. Existing files are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings.seed)
    begun = time.perf_counter()
    model = keras.models.load_model(Path(settings.start) / KERAS) if settings.start else build()
    optimizer = keras.optimizers.AdamW(
        settings.learning_rate, weight_decay=1e-4, use_ema=True, ema_momentum=settings.averaged
    )
    optimizer.build(model.trainable_variables)
    step_of = _step(model, optimizer)
    started_from = _started_from(settings)
    losses: list[float] = []
    for step, lines in enumerate(_batches(settings)):
        optimizer.learning_rate = settings.learning_rate_at(step)
        guide = 0.0 if settings.start else max(0.0, 1 - step / max(1, settings.guided * settings.steps))
        losses.append(step_of(*_arrays(lines), tf.constant(guide, tf.float32)))
        if (step + 1) % max(1, settings.steps // 30) == 0:
            mean = float(np.mean(losses))
            done = f"step {step + 1:,} of {settings.steps:,}  {time.perf_counter() - begun:.0f} s"
            say(f"{done} - loss: {mean:.4f}")
            losses.clear()
        if (step + 1) % max(1, settings.steps // 10) == 0:
            _save(_averaged(model, optimizer), folder)
    seconds = time.perf_counter() - begun
    model = _averaged(model, optimizer)
    _settle(model, settings)
    _save(model, folder)
    files.write_bytes(folder / TFLITE, float_tflite(model))
    card = _card(settings, model, seconds) | started_from
    card["validation"] = validated(LineReader(folder / TFLITE, card), settings)
    card["files"] = model_store.hashes([folder / KERAS, folder / TFLITE])
    files.write_json(folder / CARD, card)
    return card


def validated(reader: LineReader, settings: LineSettings) -> dict[str, Any]:
    """How many lines composed of validation digits are read exactly, taking the likeliest text of each."""
    images, labels = datasets.load("mnist", "validation")
    rng = np.random.default_rng(0)  # whatever the seed, so that every reader gets the same lines
    exact = digits = 0
    for _ in range(settings.validation_lines):
        chosen = rng.integers(len(images), size=rng.integers(1, settings.longest + 1))
        line = composed_lines.compose(images[chosen], labels[chosen], rng)
        (frames,) = reader.frames([scaled(line.picture)])
        exact += ctc.likeliest(frames)[0][0] == tuple(line.labels.tolist())
        digits += len(chosen)
    return {"lines": settings.validation_lines, "digits": digits, "exact": exact}


def _averaged(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """A copy of the network with the averaged weights, which the optimizer keeps."""
    copy = build()
    copy.set_weights(model.get_weights())
    optimizer.finalize_variable_values(copy.trainable_variables)
    return copy


def _settle(model: keras.Model, settings: LineSettings) -> None:
    """Measure the means and deviations for batch normalisation on lines like those of the training."""
    few = replace(settings, seed=settings.seed + 1, n_train=min(settings.n_train, 5000), turns=1)
    for _, lines in zip(range(SETTLING), _batches(few), strict=False):
        model(scaled(_arrays(lines)[0]), training=True)


def _started_from(settings: LineSettings) -> dict[str, Any]:
    """For the card: the file from which the training continued."""
    if not settings.start:
        return {}
    return {"start": {"file": KERAS, "sha256": model_store.file_sha256(Path(settings.start) / KERAS)}}


def _batches(settings: LineSettings) -> Iterator[list[Composed]]:
    """Lists of lines, one list per step; the lines depend on the seed alone."""
    images, labels = datasets.load("mnist", "train", settings.n_train)
    rng = np.random.default_rng(settings.seed)
    nothings = composed_lines.nothings(len(images) // 11, images, labels, settings.seed)
    of = [np.flatnonzero(labels == digit) for digit in range(CLASSES)]
    labels = np.concatenate([labels.astype(int), np.full(len(nothings), composed_lines.NOTHING)])
    made = 0
    for turn in range(settings.turns):
        written = composed_lines.hands(images, labels[: len(images)], settings.seed, turn)
        written = np.concatenate([written, nothings])
        while made < settings.steps * (turn + 1) // settings.turns:
            guided = not settings.start and made < settings.guided * settings.steps
            longest = 3 if guided else settings.longest
            lines = []
            for _ in range(settings.batch_size * AT_ONCE):
                chosen = rng.integers(len(images), size=rng.integers(1, longest + 1))
                if len(chosen) > 1 and rng.random() < settings.slim:
                    at = rng.integers(len(chosen) - 1)
                    chosen[at : at + 2] = [rng.choice(of[digit]) for digit in SLIM[rng.integers(len(SLIM))]]
                if len(chosen) > 1 and rng.random() < settings.nothings:
                    chosen[rng.integers(len(chosen))] = len(images) + rng.integers(len(nothings))
                lines.append(composed_lines.compose(written[chosen], labels[chosen], rng))
            lines.sort(key=lambda line: line.picture.shape[1])
            for start in rng.permutation(AT_ONCE)[: settings.steps - made] * settings.batch_size:
                made += 1
                yield lines[start : start + settings.batch_size]


def _arrays(lines: list[Composed]) -> tuple:
    """Pictures (n, ROWS, w, 1) uint8; their texts, sparse; their numbers of frames; and for each frame
    (n, w / STRIDE) its digit, CLASSES if there is none, -1 beside a digit, where both are accepted."""
    width = -(-max(line.picture.shape[1] for line in lines) // COLUMNS) * COLUMNS
    frames = width // STRIDE
    pictures = np.zeros((len(lines), ROWS, width, 1), np.uint8)
    standing = np.full((len(lines), frames + 2), CLASSES, np.int32)
    places, texts = [], []
    for i, line in enumerate(lines):
        pictures[i, :, : line.picture.shape[1], 0] = line.picture
        at = np.clip(line.middles.astype(int) // STRIDE, 0, frames - 1)
        standing[i, at] = standing[i, at + 2] = -1
        standing[i, at + 1] = line.labels
        places += [(i, j) for j in range(len(line.labels))]
        texts += line.labels.tolist()
    text = tf.SparseTensor(places, np.array(texts, np.int32), (len(lines), max(j for _, j in places) + 1))
    return pictures, text, np.full(len(lines), frames, np.int32), standing[:, 1:-1]


def _step(model, optimizer):
    """A step of the optimizer: (pictures, texts, frames, standing, guide) -> loss."""

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, ROWS, None, 1), tf.uint8),
            tf.SparseTensorSpec((None, None), tf.int32),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((), tf.float32),
        ]
    )
    def step(pictures, text, frames, standing, guide):
        with tf.GradientTape() as tape:
            said = model(tf.cast(pictures, tf.float32) / BRIGHTEST, training=True)
            # Sparse texts with time as the first axis use the C++ kernel; dense ones a loop in TensorFlow.
            loss = tf.nn.ctc_loss(text, tf.transpose(said, (1, 0, 2)), None, frames, blank_index=CLASSES)
            loss = tf.reduce_mean(loss)
            if guide > 0:
                told = keras.losses.sparse_categorical_crossentropy(
                    tf.maximum(standing, 0), said, from_logits=True
                )
                weight = tf.where(standing < CLASSES, 3.0, 1.0) * tf.cast(standing >= 0, tf.float32)
                near = tf.reduce_sum(told * weight) / tf.reduce_sum(weight)
                total = (1 - guide) * loss + guide * NEAR * near
            else:
                total = loss
        gradients = tape.gradient(total, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def _save(model, folder: Path) -> None:
    with files.replacing(folder / KERAS) as part:
        model.save(part)


def _card(settings: LineSettings, model: keras.Model, seconds: float) -> dict[str, Any]:
    return card_of(
        settings,
        model,
        seconds,
        command("reader", settings, ("steps", "n_train", "learning_rate", "start")),
        name=NAME,
        title="Line reader",
        class_names=[str(digit) for digit in range(CLASSES)],
        input={"shape": [ROWS, None], "dtype": "float32", "range": [0.0, 1.0], "paper": 0.0, "ink": 1.0},
    )
