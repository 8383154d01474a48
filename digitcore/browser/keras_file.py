"""A `.keras` file -> its layers as network.js computes them, read without Keras.

Batch normalisation is folded into the convolution before it, and an activation into the layer whose sums it
is applied to. Dropout does nothing after training, and flattening changes no number.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from digitcore.errors import ModelError

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "gelu")
"""Of any layer except the last, whose activation is softmax."""

_UNKNOWN = "is not known to the network in the browser."


@dataclass
class Step:
    """A layer as network.js computes it.

    shape: of its output. geometry: kernel_size, strides, padding and pool_size, each (down, across). weights:
    (inputs, outputs) float64, and bias: (outputs,), of layers that have them.
    """

    kind: str
    shape: tuple[int, ...]
    geometry: dict[str, Any] = field(default_factory=dict)
    activation: str | None = None
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None


def read(path: Path, numbers: Sequence[np.ndarray] | None = None) -> list[Step]:
    """The layers of a `.keras` file, which is a zip of their settings (JSON) and their weights (HDF5).

    numbers: the weights of the same network at another time, in the order and shapes of Keras's
    `model.get_weights()`, to be used in place of the file's own.
    Raises ModelError where the file is damaged, holds a layer that network.js does not compute, or is not the
    network that the numbers belong to.
    """
    import h5py  # 12 MB: only for those who pack a network

    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            content = io.BytesIO(archive.read("model.weights.h5"))
        if config["class_name"] != "Sequential":
            raise ModelError(
                f"{path.name} is not a plain chain of layers, the only kind that the browser reads."
            )
        layers = [(layer["class_name"], layer["config"]) for layer in config["config"]["layers"]]
        with h5py.File(content) as file:
            return _steps(layers, file["layers"], None if numbers is None else list(numbers))
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name} is not a readable Keras model.") from error


def _steps(
    layers: list[tuple[str, dict[str, Any]]], file: Any, numbers: list[np.ndarray] | None
) -> list[Step]:
    """layers: class and settings of each, in order. file: the HDF5 group of their weights, in which Keras
    names a layer by its class and a count within that class: conv2d, conv2d_1. numbers: as for `read`."""
    steps: list[Step] = []
    shape: tuple[int, ...] = (28, 28, 1)
    seen: Counter[str] = Counter()
    for kind, config in layers:
        name = _snake_case(kind)
        stored = file.get(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
        arrays = [] if stored is None else [stored["vars"][key] for key in sorted(stored["vars"], key=int)]
        values = [np.asarray(array, np.float64) for array in arrays]
        if numbers is not None:
            values = _taken(numbers, values)
        match kind:
            case "InputLayer":
                if tuple(config["batch_shape"][1:]) != shape:
                    read = "×".join(map(str, config["batch_shape"][1:]))
                    raise ModelError(f"The network in the browser reads 28×28×1 numbers, not {read}.")
            case "Conv2D":
                steps.append(_convolution(config, values, shape))
            case "Dense":
                steps.append(_dense(config, values, shape))
            case "MaxPooling2D":
                steps.append(_pooling(config, shape))
            case "BatchNormalization":
                _fold(_linear(steps, kind), config, values)
            case "Activation":
                _linear(steps, kind).activation = config["activation"]
            case "Flatten" | "Dropout":
                pass
            case _:
                raise ModelError(f"A layer of kind {kind} {_UNKNOWN}")
        if steps:
            shape = steps[-1].shape
    if numbers:
        raise ModelError("These weights are of a network with more layers.")
    for step in steps:
        if step.activation not in (None, *ACTIVATIONS, *(["softmax"] if step is steps[-1] else [])):
            raise ModelError(f"The activation {step.activation} {_UNKNOWN}")
    return steps


def _taken(numbers: list[np.ndarray], values: list[np.ndarray]) -> list[np.ndarray]:
    """The next of the numbers, as many as a layer has weights and of the same shapes; they are removed from
    the list."""
    taken, numbers[:] = numbers[: len(values)], numbers[len(values) :]
    if [array.shape for array in taken] != [array.shape for array in values]:
        raise ModelError("These weights are of a network with other layers.")
    return [np.asarray(array, np.float64) for array in taken]


def _dense(config: dict[str, Any], values: list[np.ndarray], shape: tuple[int, ...]) -> Step:
    units = config["units"]
    if values[0].shape != (math.prod(shape), units):
        raise ModelError(f"A dense layer at each place of a map {_UNKNOWN}")
    bias = values[1] if config["use_bias"] else np.zeros(units)
    return Step("Dense", (units,), {}, config["activation"], values[0], bias)


def _convolution(config: dict[str, Any], values: list[np.ndarray], shape: tuple[int, ...]) -> Step:
    kernel, strides = config["kernel_size"], config["strides"]
    plain = config["groups"] == 1 and set(config["dilation_rate"]) == {1}
    if not plain or config["data_format"] != "channels_last":
        raise ModelError(f"A convolution with gaps or groups {_UNKNOWN}")
    sides, padding = [], []
    for side, size, step in zip(shape[:2], kernel, strides, strict=True):
        if config["padding"] == "same":
            count = math.ceil(side / step)
            # TensorFlow's rule: an odd pixel of padding goes to the bottom and to the right.
            padding.append(max((count - 1) * step + size - side, 0) // 2)
        else:
            count = (side - size) // step + 1
            padding.append(0)
        sides.append(count)
    filters = config["filters"]
    geometry = {"kernel_size": kernel, "strides": strides, "padding": padding}
    bias = values[1] if config["use_bias"] else np.zeros(filters)
    weights = values[0].reshape(-1, filters)
    return Step("Conv2D", (*sides, filters), geometry, config["activation"], weights, bias)


def _pooling(config: dict[str, Any], shape: tuple[int, ...]) -> Step:
    if config["padding"] != "valid" or config["data_format"] != "channels_last":
        raise ModelError(f"Pooling over the picture's edge {_UNKNOWN}")
    size, strides = config["pool_size"], config["strides"]
    sides = [(side - extent) // step + 1 for side, extent, step in zip(shape[:2], size, strides, strict=True)]
    return Step("MaxPooling2D", (*sides, shape[-1]), {"pool_size": size, "strides": strides})


def _linear(steps: list[Step], kind: str) -> Step:
    """The step before, whose plain sums a layer of that kind takes."""
    if not steps or steps[-1].activation != "linear":
        raise ModelError(f"A layer of kind {kind} that does not follow plain sums {_UNKNOWN}")
    return steps[-1]


def _fold(step: Step, config: dict[str, Any], values: list[np.ndarray]) -> None:
    """Put batch normalisation into the weights; after training it is a factor and an offset for each
    output."""
    values = list(values)
    width = step.shape[-1]
    gamma = values.pop(0) if config["scale"] else np.ones(width)
    beta = values.pop(0) if config["center"] else np.zeros(width)
    mean, variance = values
    factor = gamma / np.sqrt(variance + config["epsilon"])
    step.weights = step.weights * factor
    step.bias = (step.bias - mean) * factor + beta


def _snake_case(kind: str) -> str:
    """Keras's own conversion from a class's name to the name in its file: Conv2D to conv2d, MaxPooling2D to
    max_pooling2d."""
    parted = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()
