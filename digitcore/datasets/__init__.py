"""The data sets: what they are, whether they are here, and their images and labels.

from digitcore import datasets
images, labels = datasets.load("mnist", "train", n_train=10_000)   # (10000, 28, 28) uint8, (10000,) uint8
"""

from digitcore.datasets.background import BackgroundFetch
from digitcore.datasets.catalogue import describe, is_available, is_known, names, published, sha256
from digitcore.datasets.download import fetch
from digitcore.datasets.info import DIGITS, DatasetInfo, are_digits
from digitcore.datasets.loader import PARTS, load, load_labels
from digitcore.datasets.summary import Summary, summarise

__all__ = [
    "DIGITS",
    "PARTS",
    "BackgroundFetch",
    "DatasetInfo",
    "Summary",
    "are_digits",
    "describe",
    "fetch",
    "is_available",
    "is_known",
    "load",
    "load_labels",
    "names",
    "published",
    "sha256",
    "summarise",
]
