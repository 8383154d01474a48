"""What tests of reading share: a network, and clear digits that it reads, to make pages of."""

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.networks import model_store
from tests.reading.sheets import SIDE


@pytest.fixture(scope="session")
def network():
    return model_store.load("deeper-cnn")


@pytest.fixture(scope="session")
def default():
    """The network that reads unless another one is chosen; it knows what is no digit."""
    return model_store.load()


@pytest.fixture(scope="session")
def clear(network):
    """{0..9: a validation digit (SIDE, SIDE) of which the network is sure}."""
    digits, labels = datasets.load("mnist", "validation")
    sure = network.predict(digits[:300].astype(np.float32) / 255).max(1) > 0.999
    first = {int(label): i for i, label in reversed(list(enumerate(labels[:300]))) if sure[i]}
    return {
        label: cv2.resize(digits[i], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        for label, i in first.items()
    }
