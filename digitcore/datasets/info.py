"""What is known of a data set without opening a file of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class DatasetInfo:
    """A description of a data set, known without opening a file.

    `class_names[k]` is what label k means. `n_train`, `n_validation` and `n_test` are the sizes of the three
    parts that `load` gives; `fetched` is True where the files do not come with the program, `own` where
    somebody has brought the pictures (`own.py`).
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    source: str
    licence: str
    n_train: int = 55_000
    n_validation: int = 5_000
    n_test: int = 10_000
    fetched: bool = False
    own: bool = False

    @property
    def is_digits(self) -> bool:
        return are_digits(self.class_names)


def are_digits(class_names: Sequence[str]) -> bool:
    """Whether classes are the ten digits in their order, and not clothes or letters: everything that asks
    whether a network or a data set reads digits asks here. What reads lines of digits, and what draws their
    strokes, counts on label k being digit k."""
    return tuple(class_names) == DIGITS
