"""Every kind of network that Train can make, with random weights that give every layer an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from digitcore import datasets
from digitcore.networks import architectures
from digitcore.networks.ranges import ARCHITECTURES, RANGES
from digitcore.networks.settings import Settings
from digitcore.preprocessing.levels import scaled

if TYPE_CHECKING:
    import keras


def kinds() -> dict[str, Settings]:
    """Name -> settings: each architecture, "custom" with each activation, one that learns what is not a
    digit, and one for clothes."""
    found = {name: Settings.for_architecture(name) for name in ARCHITECTURES if name != "custom"}
    for activation in RANGES["activation"].options:
        found[f"custom, {activation}"] = Settings.for_architecture(
            "custom", depth=3, width=40, activation=activation
        )
    found["cnn with negatives"] = Settings.for_architecture("cnn", negatives=0.2)
    found["simple-cnn, clothes"] = Settings.for_architecture("simple-cnn", dataset="fashion-mnist")
    return found


def built(settings: Settings, seed: int = 0) -> keras.Model:
    """An untrained Keras model whose biases and moving averages are not the zeros and ones of a new one, and
    whose answers are not all alike."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    digits = scaled(datasets.load("mnist", "validation")[0][:64, ..., np.newaxis])
    model = architectures.build(settings)
    for layer in model.layers:
        values = layer.get_weights()
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = 0.0  # the averages over the digits that follow
            values[:2] = rng.uniform(0.5, 1.5, len(values[0])), rng.normal(0, 0.3, len(values[1]))
        elif len(values) == 2:
            values[1] = rng.normal(0, 0.2, values[1].shape)
        if layer.get_config().get("activation") == "sigmoid":
            values[0] = 4 * values[0]  # its slope lets only a quarter of what comes in pass
        layer.set_weights(values)
    model(digits, training=True)
    # The last layer's sums are scaled to differ by about 1: answers vary and are not always sure.
    last = model.layers[-1]
    softmax, last.activation = last.activation, keras.activations.linear
    sums = np.asarray(model(digits, training=False))
    last.activation = softmax
    kernel, bias = last.get_weights()
    factor = 1 / sums.std(0).mean()
    last.set_weights([kernel * factor, (bias - sums.mean(0)) * factor])
    return model


def card(name: str, settings: Settings) -> dict:
    """As much of a card as a classifier needs."""
    names = list(datasets.describe(settings.dataset).class_names)
    other = {"not_a_digit": {"index": len(names), "threshold": 0.5}} if settings.negatives else {}
    return {"name": name, "class_names": names, "dataset": {"name": settings.dataset}, "files": {}, **other}
