"""A fit that learns from other digits besides the data set's (loads TensorFlow)."""

import numpy as np

from digitcore.networks.settings import Settings
from tests import lazily

batches = lazily.Module("digitcore.training.batches")
training_fit = lazily.Module("digitcore.training.fit")

SQUARES = np.zeros((60, 28, 28), np.uint8)
SQUARES[:, 6:22, 6:22] = 255


def fit(extra=None):
    """A small network's answer to the square, and the number of batches in an epoch."""
    settings = Settings.for_architecture("mlp-128", n_train=300, epochs=4, batch_size=20, seed=1)
    events = []
    fitted = training_fit.fit(settings, lambda event, **values: events.append((event, values)), extra=extra)
    answer = fitted.model.predict(batches.to_network(SQUARES[:1]), verbose=0).argmax()
    return answer, {values["batches"] for event, values in events if event == "batch"}


def test_extra_digits_are_learnt_and_do_not_make_an_epoch_longer():
    without, in_epoch = fit()
    label = (without + 1) % 10
    answer, in_epoch_with = fit((SQUARES, np.full(len(SQUARES), label, np.uint8)))
    assert answer == label
    assert in_epoch == in_epoch_with == {15}
