"""When a fit ends before its last epoch because its settings ask for that, and what its end says about it."""

from __future__ import annotations

from typing import Any

import numpy as np

from digitcore.networks.settings import Settings
from digitcore.training.checkpoint import Checkpoint

ROUNDED = 1e-4
"""In per cent: Keras gives accuracies as 32-bit floats, of which 0.95 is a little less."""

MARGIN = 0.02
"""Above the share of the most frequent class, an accuracy up to this much better counts as guessing; less
where chance moves it less: two standard deviations."""


def is_out_of_time(settings: Settings, seconds: float) -> bool:
    """Whether a fit has taken as many minutes as its settings allow."""
    return bool(settings.stop_after) and seconds >= 60 * settings.stop_after


def as_asked(settings: Settings, reached: Checkpoint, seconds: float) -> dict[str, Any] | None:
    """What a card says about an early end: {"by": "stop_at_accuracy" or "stop_after", "value", "epoch",
    "text"}; None where the settings ask for none yet. seconds: of training, pauses left out."""
    accuracy = 100 * reached.best_score[0]
    wanted = settings.stop_at_accuracy
    if wanted and reached.epoch and accuracy >= wanted - ROUNDED:
        text = (
            f"Ended after epoch {reached.epoch} as asked: {accuracy:.2f}% of the validation pictures are "
            f"read right, and {wanted:g}% was the aim."
        )
        return {"by": "stop_at_accuracy", "value": wanted, "epoch": reached.epoch, "text": text}
    if is_out_of_time(settings, seconds):
        kept = f"epoch {reached.best_epoch}" if reached.best_epoch else "what it had learnt by then"
        minutes = "1 minute" if settings.stop_after == 1 else f"{settings.stop_after:g} minutes"
        text = f"Ended after {minutes} of training as asked; {kept} is kept."
        return {"by": "stop_after", "value": settings.stop_after, "epoch": reached.epoch, "text": text}
    return None


def no_better_than_guessing(labels: np.ndarray, accuracy: float, rate: float) -> str | None:
    """A sentence about a fit that has learnt nothing, else None.

    labels: (n,) of the validation pictures. accuracy: the best share of them read right. rate: the learning
    rate, at its highest.
    """
    guessed = float(np.bincount(labels).max() / len(labels))
    chance = 2 * (guessed * (1 - guessed) / len(labels)) ** 0.5
    if accuracy > guessed + min(MARGIN, chance):
        return None
    return (
        f"It has learnt nothing: {accuracy:.1%} of the validation pictures are read right, and always naming "
        f"the same class gives {guessed:.1%}. A learning rate other than {rate:g} may help."
    )
