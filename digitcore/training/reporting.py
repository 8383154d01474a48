"""What a fit reports while it is running, and how it learns between two batches what it is to do.

Importing this module loads TensorFlow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from digitcore.networks.settings import Settings
from digitcore.training.control import Control

Report = Callable[..., None]  # report(event, **values)

REPORT_SECONDS = 0.4  # twice a second is promised; a batch may end a little late


class Stopped(Exception):
    """Raised to leave a validation pass early, for which Keras has no other way."""


class Reporter(keras.callbacks.Callback):
    """Sets the learning rate, reports progress, and obeys the control between two batches."""

    def __init__(
        self,
        settings: Settings,
        report: Report,
        control: Control,
        is_out_of_time: Callable[[], bool],
        glance: Callable[[float, keras.Model], None],
    ) -> None:
        """is_out_of_time: whether the fit must end although nobody has asked for it meanwhile. glance: called
        with how many epochs are learnt (2.4: a good third of the third) and the model at each report."""
        super().__init__()
        self._glance = glance
        self._is_out_of_time = is_out_of_time
        self.settings = settings
        self.report = report
        self.control = control
        self.epoch = 0
        self.highest_rate = 0.0  # of the epoch so far
        self._next_report = 0.0

    def begin_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self.highest_rate, self._rate = 0.0, None
        self._seen, self._sums = 0, {"loss": 0.0, "accuracy": 0.0}

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # Batches that are learnt from in one call (`batches.at_once`) share the rate of the first of them.
        rate = self.control.rate.at(self._step(batch))
        if rate != self._rate:  # setting it takes longer than asking
            self.model.optimizer.learning_rate = self._rate = rate
            self.highest_rate = max(self.highest_rate, rate)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # The last of those learnt from in one call; in an epoch's last call there may be fewer.
        batch = min(batch, self.settings.steps_per_epoch - 1)
        last = batch + 1 == self.settings.steps_per_epoch
        out_of_time = not last and self._is_out_of_time()
        if self.control.obey(self.epoch, self._step(batch) + 1) or out_of_time:
            self.model.stop_training = True
        now = time.monotonic()
        if now >= self._next_report or last:
            self._next_report = now + REPORT_SECONDS
            self._report_batch(batch, logs or {})
            if not last:  # the epoch's own look comes after its validation
                self._glance(self.epoch - 1 + (batch + 1) / self.settings.steps_per_epoch, self.model)

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # fit() still runs the validation after stop_training, so this is the way out.
        if self.control.obey(self.epoch, self.epoch * self.settings.steps_per_epoch):
            raise Stopped
        if self.model.stop_training and self._is_out_of_time():  # within the epoch's batches
            raise Stopped
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self.report("validation", epoch=self.epoch, batch=batch + 1)

    def _step(self, batch: int) -> int:
        return (self.epoch - 1) * self.settings.steps_per_epoch + batch

    def _report_batch(self, batch: int, logs: dict[str, Any]) -> None:
        """Report means over the pictures since the last report: Keras's own are means since the beginning of
        the epoch, which hide what is happening now."""
        s = self.settings
        seen = min((batch + 1) * s.batch_size, s.n_train)
        if not math.isfinite(logs["loss"]):  # it stays that way: the rest of the epoch tells nothing
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
            learning_rate=self._rate,
        )
