"""Networks by name: the list of layers, computed without Keras, and the Keras model made from that list.

The page shows `layers(settings)` before anything is trained; `build(settings)` turns the same list into Keras
layers, and a test keeps the two in step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digitcore import datasets
from digitcore.networks.settings import Settings

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Layer:
    """One layer: Keras's name for its kind, its arguments, its output shape (without the batch) and
    its number of parameters (those of batch normalisation's moving averages included, as Keras counts)."""

    kind: str
    arguments: dict[str, Any] = field(hash=False)
    output_shape: tuple[int, ...]
    parameters: int

    @property
    def text(self) -> str:
        """What the layer is, in words: 'Conv2D 32, 3×3, relu'."""
        a = self.arguments
        if self.kind == "Conv2D":
            step = f", every {a['strides']}nd pixel" if a["strides"] > 1 else ""
            return f"Conv2D {a['filters']}, {a['kernel_size']}×{a['kernel_size']}{step}" + _tail(a)
        if self.kind == "Dense":
            return f"Dense {a['units']}" + _tail(a)
        if self.kind == "MaxPooling2D":
            return f"MaxPooling2D {a['pool_size']}×{a['pool_size']}"
        if self.kind == "Dropout":
            return f"Dropout {a['rate']:g}"
        if self.kind == "Activation":
            return f"Activation {a['activation']}"
        return self.kind


def _tail(arguments: dict[str, Any]) -> str:
    return f", {arguments['activation']}" if arguments.get("activation") else ""


class _Stack:
    """A sequence of layers; each computes its shape and parameters from the previous one."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.shape: tuple[int, ...] = (28, 28, 1)

    def add(self, kind: str, shape: tuple[int, ...], parameters: int = 0, **arguments: Any) -> None:
        self.layers.append(Layer(kind, arguments, shape, parameters))
        self.shape = shape

    def conv(
        self,
        filters: int,
        size: int = 3,
        padding: str = "same",
        activation: str | None = "relu",
        bias: bool = True,
        strides: int = 1,
    ) -> None:
        height, width, channels = self.shape
        lost = 0 if padding == "same" else size - 1
        parameters = (size * size * channels + bias) * filters
        self.add(
            "Conv2D",
            (-(-(height - lost) // strides), -(-(width - lost) // strides), filters),
            parameters,
            filters=filters,
            kernel_size=size,
            strides=strides,
            padding=padding,
            activation=activation,
            use_bias=bias,
        )

    def conv_norm(self, filters: int, size: int = 3, strides: int = 1, padding: str = "same") -> None:
        """Convolution without bias (batch normalisation would cancel it), batch normalisation, relu."""
        self.conv(filters, size, padding, activation=None, bias=False, strides=strides)
        self.add("BatchNormalization", self.shape, 4 * filters)
        self.add("Activation", self.shape, activation="relu")

    def pool(self) -> None:
        height, width, channels = self.shape
        self.add("MaxPooling2D", (height // 2, width // 2, channels), pool_size=2)

    def dropout(self, rate: float) -> None:
        if rate:
            self.add("Dropout", self.shape, rate=rate)

    def flatten(self) -> None:
        size = 1
        for side in self.shape:
            size *= side
        self.add("Flatten", (size,))

    def dense(self, units: int, activation: str = "relu") -> None:
        self.add("Dense", (units,), (self.shape[0] + 1) * units, units=units, activation=activation)


def layers(settings: Settings) -> list[Layer]:
    """The network's layers from the (28, 28, 1) picture to the class probabilities."""
    s = _Stack()
    rate = settings.dropout
    match settings.architecture:
        case "mlp-128" | "mlp-128-128" | "custom":
            custom = settings.architecture == "custom"
            widths = {"mlp-128": [128], "mlp-128-128": [128, 128]}.get(
                settings.architecture, [settings.width] * settings.depth
            )
            s.flatten()
            for width in widths:
                s.dense(width, settings.activation if custom else "relu")
                s.dropout(rate)
        case "cnn":
            s.conv(32, padding="valid")
            s.pool()
            s.dropout(rate / 2)
            s.flatten()
            s.dense(128)
            s.dropout(rate)
        case "simple-cnn":
            s.conv(32, padding="valid")
            s.pool()
            s.conv(64, padding="valid")
            s.pool()
            s.flatten()
            s.dense(128)
            s.dropout(rate)
        case "deeper-cnn":
            for filters in (32, 64):
                s.conv_norm(filters)
                s.conv_norm(filters)
                s.pool()
                s.dropout(rate / 2)
            s.conv_norm(64)
            s.pool()
            s.flatten()
            s.dense(256)
            s.dropout(rate)
        case "digitnet":
            # Strides instead of pooling: convolutions and batch normalisation, which take most of the time,
            # have a quarter of the positions to compute.
            s.conv_norm(32, size=5, strides=2)
            for filters in (64, 128):
                s.conv_norm(filters)
                s.conv_norm(filters, strides=2)
            s.flatten()
            s.dropout(rate)
        case "digitnet-nano":
            s.conv_norm(14, size=5, strides=2)
            s.conv_norm(18)
            s.conv_norm(26, strides=2)
            s.pool()
            s.flatten()
            s.dropout(rate)
        case "sprint":
            # Large kernels at every second pixel and without padding: few positions to compute. Batch
            # normalisation of the first convolution, whose outputs are most of all, would take as long as
            # the convolution, and it learns as well without.
            s.conv(16, size=5, strides=2, padding="valid")
            s.conv_norm(32, size=5, strides=2, padding="valid")
            s.flatten()
            s.dense(128)
            s.dropout(rate)
    s.dense(outputs(settings), "softmax")
    return s.layers


def outputs(settings: Settings) -> int:
    """How many probabilities the network gives: one per class and, if it learns from negatives, a last one
    for "none of them"."""
    return len(datasets.describe(settings.dataset).class_names) + (settings.negatives > 0)


def parameter_count(settings: Settings) -> int:
    """The number of parameters, as `keras.Model.count_params` gives it."""
    return sum(layer.parameters for layer in layers(settings))


def multiplications(settings: Settings) -> int:
    """About how many multiplications a picture takes: one per parameter, or for convolutions, one per
    parameter at each position."""
    return sum(layer.parameters * math.prod(layer.output_shape[:-1]) for layer in layers(settings))


def activations(settings: Settings) -> int:
    """How many numbers the layers output for one picture; training keeps them for backpropagation."""
    return sum(math.prod(layer.output_shape) for layer in layers(settings))


def build(settings: Settings) -> keras.Model:
    """An untrained, uncompiled Keras model: (n, 28, 28, 1) float32 in 0..1 -> (n, classes) probabilities."""
    import keras  # takes seconds and hundreds of megabytes, so only here

    model = keras.Sequential(name=settings.architecture)
    model.add(keras.Input((28, 28, 1), name="picture"))
    for layer in layers(settings):
        model.add(getattr(keras.layers, layer.kind)(**layer.arguments))
    return model
