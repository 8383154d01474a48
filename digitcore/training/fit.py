"""The fit: one run's network learns as the run's settings say, and progress is reported on the way.

It happens only in the trainer's process (see trainer.py): importing this module loads TensorFlow, which
takes seconds and hundreds of megabytes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from digitcore import datasets
from digitcore.errors import RunError
from digitcore.networks import architectures, model_store
from digitcore.networks.settings import Settings
from digitcore.runs import extra_digits
from digitcore.training import batches, ending
from digitcore.training.batches import Changes, Targets
from digitcore.training.checkpoint import Checkpoint
from digitcore.training.control import Control
from digitcore.training.reporting import Report, Reporter, Stopped

NO_CONDITIONS = {"stop_at_accuracy": 0.0, "stop_after": 0.0}


class Recorder(Protocol):
    """Something that looks at the network before the first epoch (epoch 0) and after each epoch."""

    def record(self, epoch: int, model: keras.Model) -> None: ...

    def glance(self, epoch: float, model: keras.Model) -> None: ...


@dataclass
class Fitted:
    """The outcome of a fit: the model with the weights of its best epoch, and how it got there."""

    model: keras.Model
    epochs_run: int
    best_epoch: int  # counted from 1; 0 if stopped within the first epoch
    stopped: bool
    seconds: float
    start: dict[str, Any]  # the shipped network whose weights it began with; empty if there was none
    ended: dict[str, Any] | None = None  # by a condition of its settings: see `ending.as_asked`


def fit(
    settings: Settings,
    report: Report,
    control: Control | None = None,
    recorder: Recorder | None = None,
    extra: tuple[np.ndarray, np.ndarray] | None = None,
) -> Fitted:
    """Train the network of `settings` and keep the epoch with the best validation accuracy, or the averaged
    weights after the last epoch if the settings ask for averaging.

    report is called with ("batch", …), ("validation", …), ("epoch", …) and ("message", …), the lines of
    events.jsonl; control says where to begin and end, and is obeyed ten times a second; extra holds images
    and labels to learn from besides those of the data set (extra_digits.py).
    The order, augmentation and dropout of each epoch depend on (seed, epoch) alone, so a fit that continues
    from a checkpoint gives the same numbers and weights as one that was never interrupted.
    A fit whose loss becomes infinite or NaN ends; RunError if no epoch before that was sound.
    """
    control = control or Control(settings)
    keras.utils.set_random_seed(settings.seed)
    tf.config.experimental.enable_op_determinism()
    x_train, y_train = extra_digits.joined(datasets.load(settings.dataset, "train", settings.n_train), extra)
    x_validation, y_validation = datasets.load(settings.dataset, "validation")
    model = architectures.build(settings)
    start = _start(model, settings)
    begun_with = model.get_weights() if settings.kept else []
    compile_model(model, settings)
    outputs = architectures.outputs(settings)
    targets = Targets(settings.loss, outputs, settings.smoothing)
    validation = (batches.to_network(x_validation), Targets(settings.loss, outputs)(y_validation))
    changes = Changes(x_train, y_train, settings)
    look = recorder.record if recorder else lambda epoch, model: None
    glance = recorder.glance if recorder else lambda epoch, model: None

    reached = _begin(model, control, look)
    begun = time.perf_counter() - reached.seconds

    def seconds() -> float:
        return time.perf_counter() - begun - control.paused_seconds

    # Whoever lets a run go on wants its further epochs, whatever it was to end by.
    conditions = settings if not control.continued_from else replace(settings, **NO_CONDITIONS)
    reporter = Reporter(
        settings, report, control, lambda: ending.is_out_of_time(conditions, seconds()), glance
    )
    ended = None
    for epoch in range(reached.epoch + 1, control.epochs + 1):
        waited = epoch - 1 - max(reached.best_epoch, control.continued_from)
        if settings.early_stopping and waited >= settings.early_stopping:
            report("message", text=f"Early stopping: no better epoch since epoch {reached.best_epoch}.")
            break
        if control.obey(epoch, (epoch - 1) * settings.steps_per_epoch, at_once=True):
            break
        if ended := ending.as_asked(conditions, reached, seconds()):
            break
        _reseed_dropout(model, settings.seed, epoch)
        reporter.begin_epoch(epoch)
        epoch_begun = seconds()
        try:
            history = model.fit(
                batches.of_epoch(targets, changes, settings, epoch),
                validation_data=validation,
                validation_batch_size=500,
                callbacks=[reporter, *_averaging(settings)],
                shuffle=False,  # the order is our own
                verbose=0,
            ).history
        except Stopped:
            ended = None if control.stopped else ending.as_asked(conditions, reached, seconds())
            break
        if control.stopped:
            break
        values = {name: float(series[-1]) for name, series in history.items()}
        if not (math.isfinite(values["loss"]) and math.isfinite(values["val_loss"])):
            reason = (
                f"In epoch {epoch} the loss grew beyond all numbers: a learning rate smaller than "
                f"{reporter.highest_rate:g} is needed."
            )
            if not reached.best_epoch:
                raise RunError(reason)
            report("message", text=f"{reason} Epoch {reached.best_epoch} is kept.")
            break
        score = (values["val_accuracy"], -values["val_loss"])
        reached = reached.after(score, seconds(), model.get_weights(), _optimizer_values(model))
        report(
            "epoch",
            epoch=epoch,
            epochs=control.epochs,
            **values,
            learning_rate=control.rate.at(epoch * settings.steps_per_epoch - 1),
            seconds=seconds() - epoch_begun,
            best=bool(settings.averaged) or reached.best_epoch == epoch,
        )
        look(epoch, model)
        control.keep(reached)  # last: whatever a crash leaves out of the above is done and reported again
    if ended:
        report("message", text=ended["text"])
    best_epoch = reached.best_epoch
    if best_epoch and not control.stopped:
        stuck = ending.no_better_than_guessing(y_validation, reached.best_score[0], settings.learning_rate)
        if stuck:
            report("message", text=stuck)
    if settings.averaged and reached.epoch:
        best_epoch = reached.epoch
        _put(model, reached)
        model.optimizer.finalize_variable_values(model.trainable_variables)
    elif best_epoch:
        model.set_weights(reached.best_weights)
    if settings.kept and best_epoch:
        _keep(model, begun_with, settings.kept)
    return Fitted(model, reached.epoch, best_epoch, control.stopped, seconds(), start, ended)


def _start(model: keras.Model, settings: Settings) -> dict[str, Any]:
    """Give the model the weights that the settings name, and return for the card which those are."""
    if settings.start == "random":
        return {}
    name = settings.architecture
    path = model_store.files(name).get("model.keras") if name in model_store.shipped() else None
    if path is None:
        raise RunError(f"start: no {name} ships; expected one of {', '.join(model_store.shipped())}.")
    try:
        model.set_weights(keras.models.load_model(path, compile=False).get_weights())
    except ValueError as error:
        raise RunError(
            f"start: the {name} that ships has other layers or outputs than these settings give."
        ) from error
    return {"start": {"file": path.name, "sha256": model_store.file_sha256(path)}}


def _keep(model: keras.Model, before: list[np.ndarray], share: float) -> None:
    """Average the weights before and after the fit, which keeps what fitting other pictures would forget
    (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""
    after = model.get_weights()
    model.set_weights([share * old + (1 - share) * new for old, new in zip(before, after, strict=True)])


def _averaging(settings: Settings) -> list[keras.callbacks.Callback]:
    """A callback that measures the averaged weights on the validation digits, not those of the last step."""
    return [keras.callbacks.SwapEMAWeights()] if settings.averaged else []


def _begin(model: keras.Model, control: Control, look: Callable[[int, keras.Model], None]) -> Checkpoint:
    """Restore the model from the run's checkpoint, or write the first checkpoint."""
    model.optimizer.build(model.trainable_variables)
    reached = control.checkpoint()
    if reached is None:
        reached = Checkpoint(0, 0.0, model.get_weights(), _optimizer_values(model))
        look(0, model)
        control.keep(reached)
        return reached
    try:
        _put(model, reached)
    except ValueError as error:
        raise RunError("The run's checkpoint belongs to another network than its settings.") from error
    return reached


def _put(model: keras.Model, reached: Checkpoint) -> None:
    """Restore the model and its optimizer from a checkpoint."""
    model.set_weights(reached.weights)
    for variable, value in zip(model.optimizer.variables, reached.optimizer, strict=True):
        variable.assign(value)


def _optimizer_values(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(variable) for variable in model.optimizer.variables]


def forget() -> None:
    """Remove every trace of earlier fits: Keras numbers a layer after all those of its kind before it."""
    keras.backend.clear_session()


def compile_model(model: keras.Model, settings: Settings) -> None:
    """Give the model the optimizer and the loss of `settings`."""
    optimizer = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
    }[settings.optimizer]
    loss = "sparse_categorical_crossentropy" if settings.loss == "sparse" else "categorical_crossentropy"
    # SGD without momentum would learn too little in the few epochs of a lesson.
    options: dict[str, Any] = {"momentum": 0.9} if settings.optimizer == "sgd" else {}
    if settings.averaged:
        options |= {"use_ema": True, "ema_momentum": settings.averaged}
    model.compile(
        optimizer(settings.learning_rate, **options),
        loss=loss,
        metrics=["accuracy"],
        steps_per_execution=batches.at_once(settings),
    )


def _reseed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    for number, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            state = np.random.SeedSequence((seed, epoch, number)).generate_state(2, np.uint32)
            layer.seed_generator.state.assign(state)
