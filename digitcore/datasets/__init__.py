"""The data sets: what they are, whether they are here, and their images and labels.

from digitcore import datasets
images, labels = datasets.load("mnist", "train", n_train=10_000)   # (10000, 28, 28) uint8, (10000,) uint8
"""

from digitcore.datasets.background import BackgroundFetch
from digitcore.datasets.catalogue import DatasetInfo, are_digits, describe, is_available, names, sha256
from digitcore.datasets.download import fetch
from digitcore.datasets.loader import PARTS, load, load_labels
from digitcore.datasets.summary import Summary, summarise

__all__ = [
    "PARTS",
    "BackgroundFetch",
    "DatasetInfo",
    "Summary",
    "are_digits",
    "describe",
    "fetch",
    "is_available",
    "load",
    "load_labels",
    "names",
    "sha256",
    "summarise",
]
