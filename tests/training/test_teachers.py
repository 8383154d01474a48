"""Teachers: only those that are right are asked, and shares add up to one."""

import numpy as np
import pytest

from digitcore import datasets
from digitcore.networks.settings import Settings
from digitcore.training.teachers import Teachers
from tests import lazily

batches = lazily.Module("digitcore.training.batches")


class Saying:
    """Stands for a classifier: the same answer to everything."""

    def __init__(self, *outputs):
        self.row = np.array(outputs, np.float32)

    def outputs(self, images):
        assert images.max() <= 1
        return np.tile(self.row, (len(images), 1))


ONE = np.full((1, 28, 28), 255, np.uint8)
SEVEN_LIKE_ONE = Saying(0, 0.2, 0, 0, 0, 0, 0, 0.8, 0, 0)
SURE_SEVEN = Saying(0, 0, 0, 0, 0, 0, 0, 1.0, 0, 0, 0.0)
NONE = Saying(0, 0, 0, 0, 0, 0, 0, 0.1, 0, 0, 0.9)


def taught(label, *teachers):
    return Teachers(11, list(teachers))(ONE, np.array([label]))[0]


def test_the_mean_of_the_teachers_that_are_right_is_taught():
    assert taught(7, SEVEN_LIKE_ONE, SURE_SEVEN)[[1, 7]] == pytest.approx([0.1, 0.9])
    assert taught(7, SEVEN_LIKE_ONE, NONE)[[1, 7, 10]] == pytest.approx([0.2, 0.8, 0])


def test_if_no_teacher_is_right_the_label_is_taught():
    assert taught(3, SEVEN_LIKE_ONE, NONE).tolist() == np.eye(11)[3].tolist()


def test_answers_are_shares_and_a_non_digit_is_all_of_the_last_output():
    images, labels = datasets.load("mnist", "train", 100)
    settings = Settings(loss="one-hot", distil=0.5, negatives=0.2, plain=1.0, recentre=1.0)
    pictures, answers = batches.Changes(images, labels, settings)(np.arange(100), np.random.default_rng(1))
    assert len(pictures) == len(answers) == 120 and answers.shape[1] == 11
    assert np.allclose(answers.sum(1), 1, atol=1e-5)
    assert (answers[:100].argmax(1) == labels).all() and (answers[:100].max(1) < 1).any()
    assert (answers[100:] == np.eye(11)[10]).all()
