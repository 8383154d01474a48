"""What each setting of a training run may be: `RANGES`, from which pages build their widgets and the command
line its options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from digitcore import datasets

ARCHITECTURES = (
    "mlp-128",
    "mlp-128-128",
    "cnn",
    "simple-cnn",
    "deeper-cnn",
    "digitnet",
    "digitnet-nano",
    "sprint",
    "custom",
)


@dataclass(frozen=True)
class Range:
    """Allowed values of a numeric setting: low to high, both included; `step` is for widgets."""

    low: float
    high: float
    step: float
    help: str

    def problem(self, name: str, value: Any) -> str | None:
        whole = isinstance(self.step, int)
        wanted = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted) or value != value:
            return f"{name} must be a {'whole ' if whole else ''}number, got {value!r}."
        if not self.low <= value <= self.high:
            return f"{name} must be between {self.low:g} and {self.high:g}, got {value!r}."
        return None


@dataclass(frozen=True)
class Choice:
    """Allowed values of a setting that takes a name."""

    options: tuple[str, ...]
    help: str

    def problem(self, name: str, value: Any) -> str | None:
        if value not in self.options:
            return f"{name} must be one of {', '.join(self.options)}; got {value!r}."
        return None


class DatasetChoice(Choice):
    """Allowed values of the setting `dataset`: those that everybody here may use are offered, and a visitor's
    own is taken too; whoever makes a run asks whose it is (`runs.own_data`)."""

    def __init__(self, help: str) -> None:
        object.__setattr__(self, "help", help)

    options = property(lambda self: datasets.names())

    def problem(self, name: str, value: Any) -> str | None:
        return None if datasets.is_known(value) else super().problem(name, value)


RANGES: dict[str, Range | Choice] = {
    "dataset": DatasetChoice("The pictures to learn from."),
    "architecture": Choice(ARCHITECTURES, "The network."),
    "epochs": Range(1, 60, 1, "How often the network sees every training picture."),
    "batch_size": Range(8, 1024, 8, "Pictures per step of the optimizer."),
    "optimizer": Choice(("adam", "adamw", "sgd", "rmsprop"), "How a gradient becomes a step."),
    "learning_rate": Range(0.00001, 1.0, 0.0001, "Size of a step; with a schedule, its peak."),
    "schedule": Choice(("constant", "cosine", "one-cycle"), "How the learning rate changes over the run."),
    "dropout": Range(0.0, 0.8, 0.05, "Share of a layer's outputs silenced at each training step."),
    "n_train": Range(10, 55_000, 10, "Number of training pictures: a prefix of one fixed shuffle."),
    "shift": Range(0.0, 6.0, 0.5, "Augmentation: moved by up to this many pixels."),
    "rotation": Range(0.0, 45.0, 1.0, "Augmentation: turned by up to this many degrees, either way."),
    "zoom": Range(0.0, 0.5, 0.01, "Augmentation: larger or smaller by up to this share."),
    "thickness": Range(
        0.0, 1.0, 0.05, "Augmentation: share of pictures whose pen is made thinner or thicker."
    ),
    "recentre": Range(
        0.0,
        1.0,
        0.05,
        "Augmentation: share of pictures that are put back into MNIST's 20×20 box; above 0, digits are "
        "redrawn, as the next seven settings say.",
    ),
    "shear": Range(0.0, 0.6, 0.02, "Augmentation, redrawn: slanted by up to this share of the height."),
    "stretch": Range(0.0, 1.0, 0.05, "Augmentation, redrawn: wider or narrower by up to this share."),
    "elastic": Range(0.0, 3.0, 0.1, "Augmentation, redrawn: bent by about this many pixels."),
    "pen": Range(0.0, 1.0, 0.05, "Augmentation, redrawn: share with strokes of half to double the width."),
    "european": Range(
        0.0, 1.0, 0.05, "Augmentation, redrawn: share of 1, 3, 7 and 9 with strokes as in Europe."
    ),
    "damage": Range(
        0.0, 1.0, 0.05, "Augmentation, redrawn: share damaged as by bitmaps, papers and cameras."
    ),
    "plain": Range(0.0, 1.0, 0.05, "Augmentation, redrawn: share of pictures that are left unchanged."),
    "mild": Range(
        0.0,
        1.0,
        0.05,
        "Augmentation, redrawn: share of pictures that are only moved, turned and zoomed a little.",
    ),
    "drawn": Range(
        0.0,
        1.0,
        0.01,
        "Augmentation, redrawn: share of pictures replaced by the digit as a pen would draw it.",
    ),
    "negatives": Range(
        0.0,
        0.5,
        0.01,
        "Pictures that are not digits, as a share of the digits: the network learns to say so.",
    ),
    "distil": Range(
        0.0,
        1.0,
        0.05,
        "Share of each target taken from the answers of the shipped digitnet and deeper-cnn to the same "
        "picture.",
    ),
    "smoothing": Range(
        0.0, 0.5, 0.01, "Share of each target that is spread evenly over all classes (label smoothing)."
    ),
    "averaged": Range(
        0.0,
        0.9999,
        0.0001,
        "How much of the mean of earlier weights each step keeps; above 0, that mean after the last epoch is "
        "the result.",
    ),
    "start": Choice(
        ("random", "shipped"), "Weights to begin with: random ones, or those of the network that ships."
    ),
    "kept": Range(
        0.0, 0.95, 0.05, "Share of the weights it began with in the result: the mean of before and after."
    ),
    "early_stopping": Range(
        0, 20, 1, "End after this many epochs without a better one on the validation pictures; 0 = never."
    ),
    "stop_at_accuracy": Range(
        0.0, 100.0, 0.5, "End once this percentage of the validation pictures is read right; 0 = never."
    ),
    "stop_after": Range(0.0, 600.0, 0.5, "End after this many minutes of training; 0 = never."),
    "loss": Choice(
        ("sparse", "one-hot"), "Cross-entropy on label numbers, or on one-hot vectors: the same value."
    ),
    "seed": Range(0, 2**31 - 1, 1, "The source of all randomness in the run."),
    "depth": Range(1, 5, 1, "custom network: number of hidden dense layers."),
    "width": Range(8, 1024, 8, "custom network: units in each hidden layer."),
    "activation": Choice(
        ("relu", "tanh", "sigmoid", "gelu"), "custom network: activation of the hidden layers."
    ),
}


DIGITS_ONLY = ("european", "drawn", "negatives", "distil")
"""Settings that know what digits look like: for other data sets they are 0, in each network's recipe too."""
