import json

import numpy as np
import pytest

from digitcore.evaluation import metrics as evaluation_metrics
from tests import lazily

metrics = lazily.Module("sklearn.metrics")

NAMES = ["zero", "one", "a name that is longer than the averages", "3", "never seen"]


def answers(n=500, n_classes=5, seed=0):
    """Labels and predictions in which class 3 is never true and class 4 neither true nor predicted."""
    random = np.random.default_rng(seed)
    return random.integers(0, n_classes - 2, n), random.integers(0, n_classes - 1, n)


def softmax_rows(n=400, n_classes=10, seed=1):
    logits = np.random.default_rng(seed).normal(size=(n, n_classes))
    rows = np.exp(logits)
    return rows / rows.sum(axis=1, keepdims=True)


def test_accuracy_and_misses_count_classes_and_the_largest_probability_alike():
    probabilities = np.float32([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.4, 0.35, 0.25], [0.0, 1.0, 0.0]])
    labels = np.uint8([0, 2, 1, 1])

    assert evaluation_metrics.misses(probabilities, labels) == 1
    assert evaluation_metrics.misses(probabilities.argmax(axis=1), labels) == 1
    assert evaluation_metrics.accuracy(probabilities, labels) == 0.75


def test_the_accuracy_of_nothing_is_an_error_not_a_number():
    with pytest.raises(ValueError, match="at least one label"):
        evaluation_metrics.accuracy(np.empty((0, 10)), np.empty(0, int))
    with pytest.raises(ValueError, match="one prediction per label"):
        evaluation_metrics.accuracy(np.zeros(3, int), np.zeros(2, int))


def test_cross_entropy_is_scikit_learns_log_loss():
    probabilities = softmax_rows()
    labels = np.random.default_rng(2).integers(0, 10, len(probabilities)).astype(np.uint8)

    expected = metrics.log_loss(labels, probabilities, labels=range(10))

    assert evaluation_metrics.cross_entropy(probabilities, labels) == pytest.approx(expected)
    assert evaluation_metrics.cross_entropy(np.float32(probabilities), labels) == pytest.approx(
        expected, rel=1e-6
    )


def test_a_certain_mistake_costs_a_finite_loss():
    probabilities = np.float16([[1.0, 0.0], [0.0, 1.0]])

    loss = evaluation_metrics.cross_entropy(probabilities, np.uint8([0, 0]))

    assert loss == pytest.approx(-np.log(1e-7) / 2, rel=1e-4)


def test_confusion_matrix_is_scikit_learns_with_the_true_class_in_rows():
    labels, predictions = answers()

    ours = evaluation_metrics.confusion_matrix(labels.astype(np.uint8), predictions.astype(np.uint8), 5)

    assert ours.dtype == np.int64
    np.testing.assert_array_equal(ours, metrics.confusion_matrix(labels, predictions, labels=range(5)))
    assert evaluation_metrics.confusion_matrix([2], [0], 3)[2, 0] == 1


def test_a_confusion_matrix_refuses_a_class_that_it_has_no_row_for():
    with pytest.raises(ValueError, match="classes 0 to 2, got 1 to 3"):
        evaluation_metrics.confusion_matrix([0, 1], [1, 3], 3)


def test_confusion_matrix_of_no_answers_is_all_zero():
    assert evaluation_metrics.confusion_matrix([], [], 4).sum() == 0


@pytest.mark.parametrize("seed", range(3))
def test_classification_report_is_scikit_learns_absent_classes_included(seed):
    labels, predictions = answers(seed=seed)
    expected = metrics.classification_report(
        labels, predictions, labels=range(5), target_names=NAMES, output_dict=True, zero_division=0
    )

    ours = evaluation_metrics.classification_report(
        evaluation_metrics.confusion_matrix(labels, predictions, 5), NAMES
    )

    assert list(ours) == list(expected)
    for name, row in expected.items():
        assert ours[name] == pytest.approx(row)
    assert json.loads(json.dumps(ours)) == ours


@pytest.mark.parametrize("digits", [2, 4])
def test_report_text_is_what_scikit_learn_prints(digits):
    labels, predictions = answers()
    expected = metrics.classification_report(
        labels, predictions, labels=range(5), target_names=NAMES, digits=digits, zero_division=0
    )

    report = evaluation_metrics.classification_report(
        evaluation_metrics.confusion_matrix(labels, predictions, 5), NAMES
    )

    assert evaluation_metrics.report_text(report, digits) == expected


def test_a_report_of_no_answers_is_all_zero_and_prints():
    report = evaluation_metrics.classification_report(np.zeros((2, 2), np.int64), ["a", "b"])

    assert report["accuracy"] == 0.0
    assert "weighted avg" in evaluation_metrics.report_text(report)


def test_a_report_needs_a_name_for_each_class():
    with pytest.raises(ValueError, match="2 x 2"):
        evaluation_metrics.classification_report(np.zeros((3, 3)), ["a", "b"])


# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
# (1998), table I, method 3 (Wilson's score interval without continuity correction).
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_the_published_one(hits, n, low, high):
    assert evaluation_metrics.wilson_interval(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_stays_between_0_and_1_and_mirrors():
    low, high = evaluation_metrics.wilson_interval(10_000, 10_000)
    assert 0.999 < low < high <= 1.0
    low, high = evaluation_metrics.wilson_interval(3, 50)
    assert evaluation_metrics.wilson_interval(47, 50) == pytest.approx((1 - high, 1 - low))
    with pytest.raises(ValueError, match="5 of 4"):
        evaluation_metrics.wilson_interval(5, 4)


def test_calibration_error_by_hand_in_two_bins():
    # Sorted confidences 0.6 0.7 | 0.8 1.0: the lower half is right once (0.5 against 0.65), the upper always.
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7], [0.8, 0.2], [0.0, 1.0]])
    labels = np.array([1, 1, 0, 1])

    error = evaluation_metrics.expected_calibration_error(probabilities, labels, bins=2)

    assert error == pytest.approx((2 * 0.15 + 2 * 0.10) / 4)


def test_one_who_is_right_as_often_as_he_says_is_calibrated():
    random = np.random.default_rng(3)
    sure = random.uniform(0.5, 1.0, 40_000)
    labels = (random.uniform(size=len(sure)) > sure).astype(int)
    honest = np.stack([sure, 1 - sure], axis=1)

    assert evaluation_metrics.expected_calibration_error(honest, labels) < 0.01
    boastful = np.tile([0.99, 0.01], (len(labels), 1))
    assert evaluation_metrics.expected_calibration_error(boastful, labels) == pytest.approx(0.24, abs=0.01)


def test_calibration_error_with_fewer_answers_than_bins_is_a_number():
    assert evaluation_metrics.expected_calibration_error(
        np.array([[0.9, 0.1]]), [0], bins=15
    ) == pytest.approx(0.1)


def test_a_picture_without_an_answer_counts_in_support_and_lowers_recall():
    labels, predictions = answers()
    answered = np.random.default_rng(5).uniform(size=len(labels)) > 0.1
    expected = metrics.classification_report(
        labels,
        np.where(answered, predictions, -1),  # a class that is not asked about: neither a hit nor a guess
        labels=range(5),
        target_names=NAMES,
        output_dict=True,
        zero_division=0,
    )

    report = evaluation_metrics.classification_report(
        evaluation_metrics.confusion_matrix(labels[answered], predictions[answered], 5),
        NAMES,
        support=np.bincount(labels, minlength=5),
    )

    for name in (*NAMES, "macro avg", "weighted avg"):
        assert report[name] == pytest.approx(expected[name])
    assert report["accuracy"] == pytest.approx(((labels == predictions) & answered).mean())


def test_a_reliability_diagram_has_bins_of_equal_mass():
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    rows = evaluation_metrics.reliability(probabilities, [0, 0, 1, 1], bins=2)
    assert [(row["n"], row["accuracy"]) for row in rows] == [(2, 1.0), (2, 0.5)]
    assert [row["confidence"] for row in rows] == pytest.approx([0.65, 0.85])


def test_auroc_is_scikit_learns_ties_included():
    rng = np.random.default_rng(3)
    inside, outside = rng.integers(2, 12, 400) / 10, rng.integers(0, 9, 300) / 10
    expected = metrics.roc_auc_score([1] * 400 + [0] * 300, np.concatenate([inside, outside]))
    assert evaluation_metrics.auroc(inside, outside) == pytest.approx(expected, abs=1e-12)
    assert evaluation_metrics.auroc([0.9, 0.8], [0.1]) == 1.0
    assert evaluation_metrics.auroc([0.5], [0.5, 0.5]) == 0.5
    with pytest.raises(ValueError, match="two rows of scores"):
        evaluation_metrics.auroc([], [0.5])
