"""A part of a data set as pages show it, small enough to keep: counts, mean images, a few samples."""

from dataclasses import dataclass

import numpy as np

from digitcore.datasets import catalogue, loader


@dataclass(frozen=True)
class Summary:
    """One part at a glance; class k is at index k everywhere.

    `counts (c,) int64`; `means (c, 28, 28) float32`, 0.0 paper to 1.0 ink; `samples`: c arrays
    `(≤ per_class, 28, 28) uint8`, drawn at random.
    """

    counts: np.ndarray
    means: np.ndarray
    samples: tuple[np.ndarray, ...]


def summarise(name: str, part: str = "train", per_class: int = 100, seed: int = 0) -> Summary:
    """Return the `Summary` of a part in one pass over its file, which is never in memory as a whole.

    Errors as in `load`.
    """
    store, info = catalogue.store(name), catalogue.describe(name)
    x, y = loader.arrays(part)
    labels = np.concatenate(list(store.blocks(y)))
    n_classes = len(info.class_names)
    belongs = np.zeros(len(labels), bool)
    belongs[loader.rows(name, part)] = True
    random = np.random.default_rng(seed)
    chosen = [
        np.sort(random.permutation(np.flatnonzero(belongs & (labels == c)))[:per_class])
        for c in range(n_classes)
    ]
    counts = np.bincount(labels[belongs], minlength=n_classes)
    sums = np.zeros((n_classes, 28, 28))
    samples = [[] for _ in range(n_classes)]
    start = 0
    for block in store.blocks(x):
        here = slice(start, start + len(block))
        for c, where in enumerate(chosen):
            sums[c] += block[belongs[here] & (labels[here] == c)].sum(axis=0, dtype=np.uint32)
            samples[c].append(block[where[(where >= here.start) & (where < here.stop)] - start])
        start += len(block)
    means = sums / (255.0 * np.maximum(counts, 1)[:, None, None])
    return Summary(
        counts=counts,
        means=means.astype(np.float32),
        samples=tuple(np.concatenate(blocks) for blocks in samples),
    )
