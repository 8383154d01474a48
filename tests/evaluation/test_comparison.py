"""Two networks side by side: McNemar's exact test against tables and the definition, cells, kept answers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from digitcore.errors import ModelError
from digitcore.evaluation import comparison
from digitcore.evaluation.comparison import Pair


def answers(classes, confidence=0.9, n_classes=4):
    """Probabilities (n, 4) whose largest stands at each of the classes."""
    classes = np.asarray(classes)
    confidence = np.broadcast_to(confidence, classes.shape)
    probabilities = np.repeat(((1 - confidence) / (n_classes - 1))[:, None], n_classes, axis=1)
    probabilities[np.arange(len(classes)), classes] = confidence
    return probabilities.astype(np.float32)


def by_definition(b, c):
    n, k = b + c, min(b, c)
    return min(1.0, float(2 * sum(Fraction(math.comb(n, i), 2**n) for i in range(k + 1))))


@pytest.mark.parametrize(
    ("b", "c", "p"), [(0, 0, 1), (1, 0, 1), (5, 5, 1), (0, 5, 1 / 16), (1, 9, 22 / 1024)]
)
def test_mcnemar_is_what_one_reckons_by_hand(b, c, p):
    assert comparison.mcnemar(b, c) == comparison.mcnemar(c, b) == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize(("b", "c"), [(12, 9), (25, 12), (3, 11), (200, 170), (700, 900)])
def test_mcnemar_is_scipys_binomial_test(b, c):
    from scipy.stats import binomtest

    assert comparison.mcnemar(b, c) == pytest.approx(binomtest(b, b + c).pvalue, rel=1e-9)


def test_mcnemar_is_its_definition_and_never_above_one():
    for b in range(0, 40, 3):
        for c in range(0, 40, 7):
            assert comparison.mcnemar(b, c) == pytest.approx(by_definition(b, c), rel=1e-12)


def test_mcnemar_bears_a_whole_test_set():
    assert comparison.mcnemar(5000, 5000) == 1.0
    assert 0 < comparison.mcnemar(300, 500) < 1e-11
    assert comparison.mcnemar(10_000, 0) == 0.0  # 2 ** -9999 is below every float


def test_mcnemar_refuses_what_is_no_count():
    with pytest.raises(ValueError, match="-1"):
        comparison.mcnemar(-1, 4)


def test_two_networks_are_counted_by_who_misses_what():
    labels = np.array([0, 1, 2, 3, 0, 1])
    first = answers([0, 1, 2, 0, 1, 0])  # misses the last three
    second = answers([0, 1, 3, 0, 0, 3])  # misses 2, 3 and 5
    pair = comparison.pair(labels, first, second)
    assert pair == Pair(n=6, only_first=1, only_second=1, both=2)
    assert pair.misses == (3, 3)
    assert pair.p == 1.0


def test_answers_to_other_pictures_are_refused():
    with pytest.raises(ValueError, match="2 and 3 for 3"):
        comparison.pair(np.zeros(3, int), answers([0, 0]), answers([0, 0, 0]))


def test_the_verdict_says_in_words_what_p_means():
    assert Pair(10_000, 12, 9, 30).verdict == "a tie: 12 against 9 misses, p = 0.66"
    assert Pair(10_000, 1, 9, 3).verdict == "a real difference: 1 against 9 misses, p = 0.021"
    assert Pair(10_000, 1200, 9, 3).verdict == "a real difference: 1,200 against 9 misses, p < 0.0001"
    assert Pair(10_000, 0, 0, 3).verdict == "no difference: they miss the same pictures"
    assert "neither" in Pair(10_000, 0, 0, 0).verdict


@pytest.mark.parametrize(
    ("p", "text"), [(1.0, "p = 1.00"), (0.0951, "p = 0.10"), (0.0499, "p = 0.050"), (0.0081, "p = 0.0081")]
)
def test_p_is_written_with_two_places_that_count(p, text):
    assert comparison.p_text(p) == text


def test_disagreements_begin_with_the_surest_wrong_answer():
    labels = np.array([0, 1, 2, 3])
    first = answers([1, 1, 0, 3], [0.6, 0.9, 0.99, 0.9])
    second = answers([0, 0, 2, 3], [0.9, 0.7, 0.9, 0.9])
    assert comparison.disagreements(labels, first, second).tolist() == [2, 1, 0]


def test_a_cell_shows_its_surest_mistake_first_and_its_least_sure_right_answer_first():
    labels = np.array([3, 3, 3, 3, 3, 2])
    probabilities = answers([1, 1, 3, 3, 2, 2], [0.6, 0.9, 0.99, 0.5, 0.7, 0.9])
    assert comparison.hardest(labels, probabilities, 3, 1).tolist() == [1, 0]
    assert comparison.hardest(labels, probabilities, 3, 3).tolist() == [3, 2]
    assert comparison.hardest(labels, probabilities, None, None).tolist() == [1, 4, 0]
    assert comparison.hardest(labels, probabilities, 0, 1).tolist() == []


def test_kept_answers_count_only_if_they_are_those_of_the_card(tmp_path):
    labels = np.array([0, 1, 2, 3])
    path = tmp_path / "test.npz"
    assert comparison.kept_answers(path, 1, labels) is None
    np.savez_compressed(path, probabilities=answers([0, 1, 2, 2]).astype(np.float16))
    kept = comparison.kept_answers(path, 1, labels)
    assert kept.dtype == np.float32 and kept.argmax(1).tolist() == [0, 1, 2, 2]
    assert comparison.kept_answers(path, 2, labels) is None
    assert comparison.kept_answers(path, 1, np.zeros(5, int)) is None
    for damaged in (b"", b"PK\x03\x04 half a file", b"not an archive"):
        path.write_bytes(damaged)
        assert comparison.kept_answers(path, 1, labels) is None


def test_figures_of_a_bare_card_are_there_and_the_others_none():
    found = comparison.figures({"test": {"accuracy": 0.99, "misses": 10, "n": 1000}})
    assert found["misses"] == 10
    assert 0.98 < found["low"] < 0.99 < found["high"] < 1
    assert found["validation"] is None and found["f1-score"] is None


@pytest.mark.parametrize("test", [None, [], {}, {"n": 0, "misses": 0}, {"n": 10, "misses": 11}, {"n": "x"}])
def test_a_card_without_test_figures_is_refused_in_a_sentence(test):
    with pytest.raises(ModelError, match="The card of some-run does not say"):
        comparison.figures({"name": "some-run", "test": test})


def test_the_time_of_a_digit_is_the_median_of_single_reads():
    shapes = []
    milliseconds = comparison.milliseconds(
        lambda one: shapes.append(one.shape), np.zeros((3, 28, 28), np.float32), repeats=5
    )
    assert shapes == [(1, 28, 28)] * 6  # the first is not timed
    assert milliseconds >= 0
