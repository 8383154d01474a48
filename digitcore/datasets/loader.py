"""Images and labels of one part of a data set.

The split never changes: one seeded permutation of the 60,000 training digits, of which the last 5,000 are for
validation and the others for training. The 10,000 test digits are a separate part and are never used for a
choice.
"""

from collections.abc import Iterator

import numpy as np

from digitcore.datasets import catalogue
from digitcore.errors import DatasetError

PARTS = ("train", "validation", "test")
SPLIT_SEED = 0


def load(name: str, part: str, n_train: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the images `(n, 28, 28) uint8`, ink bright on 0, and labels `(n,) uint8` of one part.

    `part` is "train", "validation" or "test"; `n_train`, for "train" only, takes the first `n_train` of the
    shuffled training digits, so that a smaller set is always part of a larger one. DatasetError if the data
    set is unknown, not on this machine, or damaged.
    """
    where = rows(name, part, n_train)
    x, y = arrays(part)
    store = catalogue.store(name)
    return _gather(store.blocks(x), where), _gather(store.blocks(y), where)


def load_labels(name: str, part: str, n_train: int | None = None) -> np.ndarray:
    """Return only the labels `(n,) uint8` of `load(name, part, n_train)`; no image is read."""
    return _gather(catalogue.store(name).blocks(arrays(part)[1]), rows(name, part, n_train))


def rows(name: str, part: str, n_train: int | None = None) -> np.ndarray:
    """Return `(n,) int64`: the rows of the published files that make up `part`, in `load`'s order."""
    info = catalogue.describe(name)
    arrays(part)
    if n_train is not None and part != "train":
        raise DatasetError(
            f"The number of training digits applies only to the part 'train', not to {part!r}."
        )
    if part == "test":
        return np.arange(info.n_test)
    # RandomState, not Generator: only RandomState promises the same stream in every NumPy (NEP 19).
    shuffled = np.random.RandomState(SPLIT_SEED).permutation(info.n_train + info.n_validation)
    if part == "validation":
        return shuffled[info.n_train :]
    n = info.n_train if n_train is None else n_train
    if not 1 <= n <= info.n_train:
        raise DatasetError(f"Expected 1 to {info.n_train} training digits, got {n_train}.")
    return shuffled[:n]


def arrays(part: str) -> tuple[str, str]:
    if part not in PARTS:
        raise DatasetError(f"Expected the part 'train', 'validation' or 'test', got {part!r}.")
    return ("x_test", "y_test") if part == "test" else ("x_train", "y_train")


def _gather(blocks: Iterator[np.ndarray], where: np.ndarray) -> np.ndarray:
    """Return the rows `where` of the stream, in that order, with no more than one other block in memory."""
    order = np.argsort(where)
    ascending = where[order]
    out, start = None, 0
    for block in blocks:
        if out is None:
            out = np.empty((len(where), *block.shape[1:]), block.dtype)
        first, last = np.searchsorted(ascending, (start, start + len(block)))
        out[order[first:last]] = block[ascending[first:last] - start]
        start += len(block)
    return out
