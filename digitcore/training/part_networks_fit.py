"""What the trainings of the reader's own networks end with: their card and command.

Importing this module loads TensorFlow.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from digitcore import datasets
from digitcore.runs import cards


def card_of(settings: Any, model: keras.Model, seconds: float, recipe: str, **more: Any) -> dict[str, Any]:
    """The card of a network that learnt from MNIST. settings: a dataclass with `n_train` and `seed`. recipe:
    the command that repeats the training. more: name, title, class_names and input."""
    return {
        **more,
        "settings": asdict(settings),
        "parameters": int(sum(np.prod(weight.shape) for weight in model.trainable_variables)),
        "dataset": {"name": "mnist", "sha256": datasets.sha256("mnist"), "n_train": settings.n_train},
        "seed": settings.seed,
        "versions": cards.versions(),
        "recipe": recipe,
        "seconds": round(seconds, 1),
        "created": time.time(),
    }


def command(program: str, settings: Any, names: Iterable[str]) -> str:
    """The exact command that repeats a training: its seed, and those settings that are not the default."""
    default = type(settings)()
    parts = [f"python -m digitcore {program}", f"--seed {settings.seed}"]
    for name in names:
        if getattr(settings, name) != getattr(default, name):
            parts.append(f"--{name.replace('_', '-')} {getattr(settings, name)}")
    return " ".join(parts)
