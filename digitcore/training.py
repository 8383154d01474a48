"""The fit: one run's network, learning from one run's settings, reporting as it goes.

Runs in the trainer's process only (see trainer.py): importing this module loads TensorFlow, which
costs seconds and hundreds of megabytes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from digitcore import architectures, datasets, imitation, negatives
from digitcore.augmentation import augment
from digitcore.errors import RunError
from digitcore.settings import Settings

Report = Callable[..., None]  # report(event, **values)

REPORT_SECONDS = 0.4  # the promise is twice a second; a batch may end a little late
STOP_CHECK_SECONDS = 0.1


class Recorder(Protocol):
    """Whoever looks at the network before it learns (epoch 0) and after each epoch."""

    def record(self, epoch: int, model: keras.Model) -> None: ...


class _Stopped(Exception):
    """Raised out of a validation pass, which Keras has no other way to leave early."""


@dataclass
class Fitted:
    """What a fit leaves: the model holding its best epoch's weights, and how it got there."""

    model: keras.Model
    epochs_run: int
    best_epoch: int  # counted from 1; 0 if stopped within the first epoch
    stopped: bool
    seconds: float


def fit(
    settings: Settings, report: Report, should_stop: Callable[[], bool], recorder: Recorder | None = None
) -> Fitted:
    """Train the network of `settings` and keep the epoch with the most validation digits right.

    report is called with ("batch", …), ("validation", …), ("epoch", …) and ("message", …), the lines of
    events.jsonl; should_stop is asked about ten times a second, and ends the fit at once.
    Each epoch's order, augmentation and dropout derive from (seed, epoch) alone.
    A fit whose loss is no longer a number ends; RunError where no epoch before it was sound.
    """
    keras.utils.set_random_seed(settings.seed)
    tf.config.experimental.enable_op_determinism()
    x_train, y_train = datasets.load(settings.dataset, "train", settings.n_train)
    x_validation, y_validation = datasets.load(settings.dataset, "validation")
    model = architectures.build(settings)
    compile_model(model, settings)
    targets = _Targets(settings.loss, architectures.outputs(settings))
    validation = (to_network(x_validation), targets(y_validation))
    changes = _Changes(x_train, y_train, settings)
    reporter = _Reporter(settings, report, should_stop)

    if recorder:
        recorder.record(0, model)
    best: tuple[float, float] | None = None
    best_weights, best_epoch, epochs_run = None, 0, 0
    begun = time.perf_counter()
    for epoch in range(1, settings.epochs + 1):
        _reseed_dropout(model, settings.seed, epoch)
        reporter.begin_epoch(epoch)
        epoch_begun = time.perf_counter()
        try:
            history = model.fit(
                _batches(targets, changes, settings, epoch),
                validation_data=validation,
                validation_batch_size=500,
                callbacks=[reporter],
                shuffle=False,  # the order is ours
                verbose=0,
            ).history
        except _Stopped:
            break
        if reporter.stopped:
            break
        values = {name: float(series[-1]) for name, series in history.items()}
        if not (math.isfinite(values["loss"]) and math.isfinite(values["val_loss"])):
            reason = (
                f"In epoch {epoch} the loss grew beyond all numbers: a smaller learning rate than "
                f"{settings.learning_rate:g} is needed."
            )
            if best_weights is None:
                raise RunError(reason)
            report("message", text=f"{reason} Epoch {best_epoch} is kept.")
            break
        epochs_run = epoch
        score = (values["val_accuracy"], -values["val_loss"])
        if best is None or score > best:
            best, best_epoch, best_weights = score, epoch, model.get_weights()
        report(
            "epoch",
            epoch=epoch,
            epochs=settings.epochs,
            **values,
            learning_rate=settings.learning_rate_at(epoch * settings.steps_per_epoch - 1),
            seconds=time.perf_counter() - epoch_begun,
            best=best_epoch == epoch,
        )
        if recorder:
            recorder.record(epoch, model)
        if settings.early_stopping and epoch - best_epoch >= settings.early_stopping:
            report("message", text=f"Early stopping: no better epoch since epoch {best_epoch}.")
            break
    if best_weights is not None:
        model.set_weights(best_weights)
    return Fitted(model, epochs_run, best_epoch, reporter.stopped, time.perf_counter() - begun)


def to_network(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 -> (n, 28, 28, 1) float32 in 0..1: where the channel axis and /255 are added."""
    return images[..., np.newaxis].astype(np.float32) / np.float32(255.0)


def examples(settings: Settings, count: int) -> np.ndarray:
    """Some pictures as the network of `settings` sees them while it learns, changed and joined by what is no
    digit as the settings say: (about count, 28, 28, 1) float32, the same for the same settings."""
    images, labels = datasets.load(settings.dataset, "train", settings.n_train)
    rng = np.random.default_rng((settings.seed, 0))  # epochs are counted from 1
    chosen = rng.permutation(len(images))[:count]
    return to_network(_Changes(images, labels, settings)(chosen, rng)[0])


def compile_model(model: keras.Model, settings: Settings) -> None:
    """Give the model the optimizer and the loss of `settings`."""
    optimizer = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
    }[settings.optimizer]
    loss = "sparse_categorical_crossentropy" if settings.loss == "sparse" else "categorical_crossentropy"
    # SGD without momentum would not learn in the few epochs of a lesson.
    options = {"momentum": 0.9} if settings.optimizer == "sgd" else {}
    model.compile(optimizer(settings.learning_rate, **options), loss=loss, metrics=["accuracy"])


class _Targets:
    """Labels as the loss wants them: numbers, or one-hot vectors."""

    def __init__(self, loss: str, outputs: int) -> None:
        self.one_hot = loss == "one-hot"
        self.eye = np.eye(outputs, dtype=np.float32)

    def __call__(self, labels: np.ndarray) -> np.ndarray:
        return self.eye[labels] if self.one_hot else labels.astype(np.int32)


class _Changes:
    """What is done to a batch before it is learnt: pictures changed, pictures of no digit added."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, settings: Settings) -> None:
        self.images, self.labels, self.settings = images, labels, settings
        self.bends = imitation.fields(settings.seed) if settings.imitates else None

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The pictures numbered `chosen` and their labels, and after them what is no digit."""
        settings = self.settings
        images, labels = self.images[chosen], self.labels[chosen]
        if settings.imitates:
            images = imitation.imitate(images, labels, settings, rng, self.bends)
        elif settings.augments:
            images = augment(images, settings, rng)
        count = round(len(chosen) * settings.negatives)
        if count:
            images = np.concatenate((images, negatives.draw(count, self.images, self.labels, rng)))
            none = architectures.outputs(settings) - 1
            labels = np.concatenate((labels, np.full(count, none, labels.dtype)))
        return images, labels


def _batches(targets: _Targets, changes: _Changes, settings: Settings, epoch: int) -> tf.data.Dataset:
    """One epoch in its own order; pictures are changed batch by batch, while the last one is learnt."""
    order = np.random.default_rng((settings.seed, epoch)).permutation(len(changes.images))

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
    return data.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(4)


def _reseed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    for number, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            state = np.random.SeedSequence((seed, epoch, number)).generate_state(2, np.uint32)
            layer.seed_generator.state.assign(state)


class _Reporter(keras.callbacks.Callback):
    """Sets the learning rate, reports progress, and ends the fit when asked to."""

    def __init__(self, settings: Settings, report: Report, should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self.settings = settings
        self.report = report
        self.should_stop = should_stop
        self.stopped = False
        self.epoch = 0
        self._next_report = self._next_stop_check = 0.0

    def begin_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self._seen, self._sums = 0, {"loss": 0.0, "accuracy": 0.0}

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.settings.schedule != "constant":
            self.model.optimizer.learning_rate = self.settings.learning_rate_at(self._step(batch))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._asked_to_stop():
            self.model.stop_training = True
        now = time.monotonic()
        last = batch + 1 == self.settings.steps_per_epoch
        if now >= self._next_report or last:
            self._next_report = now + REPORT_SECONDS
            self._report_batch(batch, logs or {})

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # fit() goes through validation even after stop_training, so this is the way out of it.
        if self.stopped or self._asked_to_stop():
            raise _Stopped
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self.report("validation", epoch=self.epoch, batch=batch + 1)

    def _step(self, batch: int) -> int:
        return (self.epoch - 1) * self.settings.steps_per_epoch + batch

    def _asked_to_stop(self) -> bool:
        now = time.monotonic()
        if now >= self._next_stop_check:
            self._next_stop_check = now + STOP_CHECK_SECONDS
            self.stopped = self.stopped or self.should_stop()
        return self.stopped

    def _report_batch(self, batch: int, logs: dict[str, Any]) -> None:
        """The mean over the pictures since the last report: Keras's own figures are means since the
        epoch began, which hide what happens now."""
        s = self.settings
        seen = min((batch + 1) * s.batch_size, s.n_train)
        if not math.isfinite(logs["loss"]):  # it stays so: the rest of the epoch tells nothing
            self.model.stop_training = True
            return
        values = {}
        for name in self._sums:
            total = float(logs[name]) * seen
            values[name] = (total - self._sums[name]) / max(1, seen - self._seen)
            self._sums[name] = total
        self._seen = seen
        self.report(
            "batch",
            epoch=self.epoch,
            batch=batch + 1,
            batches=s.steps_per_epoch,
            step=self._step(batch) + 1,
            loss=round(max(0.0, values["loss"]), 6),
            accuracy=round(min(1.0, max(0.0, values["accuracy"])), 6),
            learning_rate=s.learning_rate_at(self._step(batch)),
        )
