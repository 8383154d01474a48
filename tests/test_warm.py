"""A run's result does not tell whether its trainer had trained others before."""

import hashlib
import subprocess
import sys

from digitcore import runs, training
from digitcore.settings import Settings

TINY = Settings(architecture="custom", epochs=2, n_train=600, batch_size=50, seed=3, dropout=0.3, shift=1.0)
OTHER = Settings(architecture="cnn", epochs=1, n_train=100, batch_size=50, seed=8)

COLD = "from tests.test_warm import TINY, learnt; print(learnt(TINY))"


def learnt(settings):
    """The names of the layers and a hash of the weights after a fit."""
    model = training.fit(settings, lambda event, **values: None).model
    weights = b"".join(array.tobytes() for array in model.get_weights())
    return f"{[layer.name for layer in model.layers]} {hashlib.sha256(weights).hexdigest()}"


def test_a_warm_trainer_leaves_the_same_weights_under_the_same_names_as_a_fresh_one():
    cold = subprocess.run(
        [sys.executable, "-c", COLD], cwd=runs.REPOSITORY, capture_output=True, text=True, check=True
    )
    for before in (OTHER, TINY):
        learnt(before)
        training.forget()
    assert learnt(TINY) == cold.stdout.strip().splitlines()[-1]
