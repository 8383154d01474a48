"""The settings of a training run: one frozen, validated dataclass that needs no TensorFlow.

    >>> Settings.for_architecture("mlp-128", epochs=8).learning_rate
    0.001

`ranges` says what each may be; a run folder keeps `settings.to_dict()` next to its result.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from digitcore import datasets
from digitcore.errors import SettingsError
from digitcore.networks.ranges import DIGITS_ONLY, RANGES, Range
from digitcore.networks.recipes import RECIPES


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run. Raises SettingsError for the first value outside `RANGES`.

    The augmentation ranges are in pixels of the 28x28 picture (shift), degrees (rotation), shares of
    the size (zoom) and a probability (thickness).
    """

    dataset: str = "mnist"
    architecture: str = "simple-cnn"
    epochs: int = 5
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    dropout: float = 0.0
    n_train: int = 55_000
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    thickness: float = 0.0
    recentre: float = 0.0
    shear: float = 0.0
    stretch: float = 0.0
    elastic: float = 0.0
    pen: float = 0.0
    european: float = 0.0
    damage: float = 0.0
    plain: float = 0.0
    mild: float = 0.0
    drawn: float = 0.0
    negatives: float = 0.0
    distil: float = 0.0
    smoothing: float = 0.0
    averaged: float = 0.0
    start: str = "random"
    kept: float = 0.0
    early_stopping: int = 0
    stop_at_accuracy: float = 0.0
    stop_after: float = 0.0
    loss: str = "sparse"
    seed: int = 0
    depth: int = 2
    width: int = 128
    activation: str = "relu"

    def __post_init__(self) -> None:
        for name, allowed in RANGES.items():
            value = getattr(self, name)
            problem = allowed.problem(name, value)
            if problem:
                raise SettingsError(problem)
            if isinstance(allowed, Range) and not isinstance(allowed.step, int):
                object.__setattr__(self, name, float(value))
        data = datasets.describe(self.dataset)
        if data.own and self.n_train > data.n_train:
            raise SettingsError(
                f"n_train must be between {RANGES['n_train'].low} and {data.n_train:,}, the training "
                "pictures of "
                f"{data.title}; got {self.n_train}."
            )
        if not data.is_digits:
            for name in DIGITS_ONLY:
                if getattr(self, name):
                    raise SettingsError(f"{name} is for digits only, and {data.title} has none: expected 0.")
        if self.kept and self.start != "shipped":
            raise SettingsError(
                f"kept needs weights worth keeping: start must be shipped, got {self.start!r}."
            )
        for name in ("distil", "smoothing"):
            if getattr(self, name) and self.loss != "one-hot":
                raise SettingsError(f"{name} needs one-hot targets: loss must be one-hot, got {self.loss!r}.")
        if self.plain + self.mild > 1:
            raise SettingsError(f"plain and mild may add up to 1; got {self.plain} and {self.mild}.")

    @classmethod
    def for_architecture(cls, architecture: str, **overrides: Any) -> Settings:
        """The network's own recipe for the data set, with some settings replaced."""
        recipe = cls.recipe(architecture, overrides.get("dataset", cls.dataset))
        return cls.from_dict({"architecture": architecture, **recipe, **overrides})

    @classmethod
    def recipe(cls, architecture: str, dataset: str) -> dict[str, Any]:
        """What a network's own recipe sets for a data set: without what is for digits only where it shows
        others, and with no more training pictures than it has. An unknown data set changes nothing."""
        if architecture not in RECIPES:
            raise SettingsError(RANGES["architecture"].problem("architecture", architecture) or "")
        recipe = dict(RECIPES[architecture])
        if RANGES["dataset"].problem("dataset", dataset) is None:
            data = datasets.describe(dataset)
            if not data.is_digits:
                recipe = {name: value for name, value in recipe.items() if name not in DIGITS_ONLY}
            if data.own:
                recipe["n_train"] = min(data.n_train, cls.n_train)
        return recipe

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """The inverse of `to_dict`; an unknown name is an error."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise SettingsError(f"Settings are {', '.join(sorted(known))}; got {', '.join(unknown)}.")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch; the last one may be smaller."""
        return math.ceil(self.n_train / self.batch_size)

    @property
    def augments(self) -> bool:
        """Whether pictures are changed within their 28x28 pixels (`digitcore.augmentation.moves`)."""
        return any((self.shift, self.rotation, self.zoom, self.thickness))

    @property
    def imitates(self) -> bool:
        """Whether they are redrawn instead (`digitcore.augmentation.imitation`)."""
        return any(
            (
                self.recentre,
                self.shear,
                self.stretch,
                self.elastic,
                self.pen,
                self.european,
                self.damage,
                self.drawn,
            )
        )
