"""The not-a-digit benchmark: its pictures of nothing, and its counts at a threshold."""

import numpy as np
import pytest

from benchmarks import not_a_digit
from benchmarks.support import nothings, pen, scripts
from digitcore.networks.classifier import Answers


class FakeNetwork:
    """The more ink, the less of a digit."""

    def answer(self, pictures):
        return Answers(np.full((len(pictures), 10), 0.1), 1 - pictures.mean((1, 2)))


@pytest.mark.parametrize("kind", nothings.KINDS)
def test_a_nothing_is_a_grey_picture_and_comes_from_its_seed(kind):
    first, again, other = (nothings.draw(kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8 and first.ndim == 2
    assert (first == again).all()
    assert first.shape != other.shape or (first != other).any()


def test_an_unknown_kind_of_nothing_is_said():
    with pytest.raises(ValueError, match="expected one of scribbles, zigzags"):
        nothings.draw("poems", np.random.default_rng(0))


def test_a_dash_never_stands():
    for seed in range(20):
        rows, columns = np.nonzero(nothings.draw("dashes", np.random.default_rng(seed)) < 128)
        assert np.ptp(columns) > np.ptp(rows)


def test_what_the_pipeline_refuses_has_the_lowest_score():
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 12:15] = 255
    found = not_a_digit.scores([np.zeros((28, 28), np.uint8), bar], FakeNetwork())
    assert found[0] == not_a_digit.REFUSED and 0 < found[1] < 1


def test_shares_are_counted_at_the_threshold():
    digits = {"MNIST": np.array([0.9, 0.8, 0.4, 1.0]), "paint": np.array([0.5, 0.6])}
    others = {name: np.array([0.1, 0.95]) for name in not_a_digit.AUROC_AIMS}
    others |= {kind: np.array([-1.0, 0.2]) for kind in nothings.KINDS}
    others |= {f"drawn {kind}": np.array([0.2, 0.7]) for kind in pen.NONE}
    others |= {not_a_digit.FOREIGN: np.array([0.2, 0.3, 0.4, 0.7])}
    found = not_a_digit.measured(digits, others, threshold=0.5)
    assert found["accepted"]["MNIST"] | {"interval": None} == {
        "n": 4,
        "count": 3,
        "share": 0.75,
        "interval": None,
        "aim": 0.99,
    }
    assert found["accepted"]["paint"]["count"] == 2
    assert found["refused"]["Fashion-MNIST"]["count"] == 1
    assert found["refused"]["dots"]["by_the_pipeline"] == 1 and found["refused"]["dots"]["share"] == 1
    assert found["auroc"]["Fashion-MNIST"] == {"auroc": 5 / 8, "aim": 0.995}
    assert found["auroc"]["nothings"]["auroc"] == 1
    assert found["refused"][not_a_digit.FOREIGN]["share"] == 0.75
    assert found["refused"]["drawn by a pen"]["share"] == 0.5 and "drawn hearts" not in found["auroc"]


def test_drawn_digits_are_as_many_of_each_and_drawn_signs_come_from_their_kind():
    digits = not_a_digit.drawn_digits(20)
    assert len(digits) == 20 and len({picture.tobytes() for picture in digits}) == 20
    signs = not_a_digit.drawn_signs(2)
    foreign = signs.pop(not_a_digit.FOREIGN)
    assert len(foreign) == len(scripts.FOREIGN) == len({picture.tobytes() for picture in foreign})
    assert set(signs) == {f"drawn {kind}" for kind in pen.NONE} and all(
        len(each) == 2 for each in signs.values()
    )


def test_the_letter_i_is_left_out_because_it_may_be_a_1(tmp_path):
    np.savez(tmp_path / "ood_notmnist.npz", images=np.zeros((10, 28, 28), np.uint8), labels=np.arange(10))
    np.savez(tmp_path / "ood_fashion_mnist.npz", images=np.zeros((10, 28, 28), np.uint8))
    found = not_a_digit.strangers(tmp_path, every=1)
    assert {name: len(pictures) for name, pictures in found.items()} == {
        "Fashion-MNIST": 10,
        "notMNIST without I": 9,
    }
