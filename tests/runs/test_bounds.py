"""Which run of a sweep is the best, and which digits a run accepts besides its data set's."""

import numpy as np
import pytest

from digitcore.errors import RunError
from digitcore.runs import extra_digits, sweep


def row(accuracy, loss):
    return sweep.Row(None, {}, None, 1, accuracy, loss, None, 1.0)


def test_of_runs_with_equal_accuracy_the_one_with_the_lower_loss_is_best():
    rows = [row(0.8, 0.1), row(0.9, 0.3), row(0.9, 0.2), row(None, None)]
    assert sweep.best(rows) is rows[2]


@pytest.mark.parametrize("labels", [[3, 12], [0] * (extra_digits.MOST + 1)], ids=["a twelve", "too many"])
def test_non_digits_and_too_many_digits_are_refused(labels, tmp_path):
    images = np.zeros((len(labels), 28, 28), np.uint8)
    (tmp_path / extra_digits.FILE).write_bytes(extra_digits.pack(images, labels))
    with pytest.raises(RunError, match="1 to 3,000 pictures"):
        extra_digits.read(tmp_path)
