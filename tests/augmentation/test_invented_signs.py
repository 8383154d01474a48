"""Signs of invented scripts: hardly any is a digit."""

import numpy as np

from digitcore.augmentation import imitation, invented_signs
from digitcore.networks import model_store
from digitcore.preprocessing.levels import scaled


def test_the_network_that_learnt_from_such_signs_refuses_new_ones():
    network = model_store.load()
    rng = np.random.default_rng(0)
    signs = np.stack([imitation.in_box(invented_signs.draw(rng), 20) for _ in range(200)])
    refused = network.answer(scaled(signs)).digitness < network.digitness_threshold
    assert refused.mean() > 0.85
