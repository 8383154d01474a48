"""The classifier: LiteRT behind one lock, one picture or a batch, and its answer in words."""

import threading

import numpy as np
import pytest

from digitcore import datasets, paths
from digitcore.errors import ModelError
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier, answers, calibrated


@pytest.fixture(scope="module")
def classifier():
    return model_store.load("mlp-128-128")


@pytest.fixture(scope="module")
def pictures():
    images, _ = datasets.load("mnist", "validation")
    return images[:600].astype(np.float32) / 255


def test_probabilities_are_probabilities(classifier, pictures):
    probabilities = classifier.predict(pictures)
    assert probabilities.shape == (600, 10)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_one_by_one_and_all_at_once_are_the_same_answer(classifier, pictures):
    alone = np.concatenate([classifier.predict(pictures[i : i + 1]) for i in range(40)])
    np.testing.assert_allclose(classifier.predict(pictures)[:40], alone, atol=1e-5)


def test_no_picture_gives_no_answer(classifier):
    assert classifier.predict(np.empty((0, 28, 28), np.float32)).shape == (0, 10)


def test_a_batch_of_another_size_does_not_disturb_the_next_one(classifier, pictures):
    first = classifier.predict(pictures[:7])
    classifier.predict(pictures[:300])
    assert (classifier.predict(pictures[:7]) == first).all()


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28, 1), (3, 20, 20)])
def test_a_wrong_shape_is_refused_in_one_sentence(classifier, shape):
    with pytest.raises(ModelError, match=r"shape \(n, 28, 28\)"):
        classifier.predict(np.zeros(shape, np.float32))


def test_thirty_threads_share_one_classifier(classifier, pictures):
    expected = classifier.predict(pictures)
    wrong = []

    def read(start):
        for i in range(start, 600, 30):
            for answer, n in (
                (classifier.predict(pictures[i : i + 1]), 1),
                (classifier.predict(pictures[i:]), None),
            ):
                if not np.allclose(answer, expected[i : i + 1] if n else expected[i:], atol=1e-5):
                    wrong.append(i)

    threads = [threading.Thread(target=read, args=(start,)) for start in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_sure_answer_is_one_word_and_an_unsure_one_names_its_second_guess(classifier):
    sure = np.zeros(10, np.float32)
    sure[7] = 1.0
    verdict = classifier.verdict(sure)
    assert (verdict.text, verdict.label, verdict.accepted, verdict.confidence) == ("7", 7, True, 1.0)
    assert verdict.sureness == "over 99.9%"
    unsure = np.zeros(10, np.float32)
    unsure[[7, 1]] = 0.3, 0.25
    verdict = classifier.verdict(unsure)
    assert verdict.text == "7, or perhaps 1"
    assert (verdict.accepted, verdict.second) == (False, 1)
    assert verdict.second_confidence == pytest.approx(0.25)
    assert verdict.sureness == "30.0%"


def test_a_missing_or_damaged_file_is_refused_in_one_sentence(classifier, tmp_path):
    with pytest.raises(ModelError, match="no readable file"):
        Classifier(tmp_path / "model.tflite", classifier.card)
    (tmp_path / "model.tflite").write_bytes(b"not a model at all" * 100)
    with pytest.raises(ModelError, match="not a TensorFlow Lite model"):
        Classifier(tmp_path / "model.tflite", classifier.card)


def test_a_card_that_names_other_classes_than_the_file_gives_is_refused(classifier):
    card = classifier.card | {"class_names": ["a", "b"]}
    with pytest.raises(ModelError, match=r"10 classes.*names 2"):
        Classifier(paths.MODELS / "mlp-128-128.tflite", card)


class ElevenOutputs:
    """A LiteRT interpreter that answers every picture with the given softmax; the last is "not a digit"."""

    softmax = np.full(11, 1 / 11, np.float32)

    def __init__(self, **_):
        self.n = 1

    def get_input_details(self):
        return [{"index": 0}]

    def get_output_details(self):
        return [{"index": 1, "shape": np.array([1, 11])}]

    def resize_tensor_input(self, _, shape):
        self.n = shape[0]

    def allocate_tensors(self):
        pass

    invoke = allocate_tensors

    def set_tensor(self, *_):
        pass

    def get_tensor(self, _):
        return np.tile(self.softmax, (self.n, 1))


@pytest.fixture
def knowing(classifier, monkeypatch):
    """Returns knowing(softmax, card changes): a classifier that has an output for non-digits."""

    def build(softmax, **changes):
        monkeypatch.setattr("ai_edge_litert.interpreter.Interpreter", ElevenOutputs)
        monkeypatch.setattr(ElevenOutputs, "softmax", np.array(softmax, np.float32))
        card = classifier.card | {"calibration": {}, "not_a_digit": {"index": 10, "threshold": 0.5}} | changes
        return Classifier(paths.MODELS / "mlp-128-128.tflite", card)

    return build


def test_the_output_for_non_digits_takes_nothing_from_the_digits_probabilities(knowing):
    answers = knowing([0.3, 0.1, *[0] * 8, 0.6]).answer(np.zeros((40, 28, 28), np.float32))
    assert answers.probabilities.shape == (40, 10)
    assert answers.probabilities.dtype == answers.digitness.dtype == np.float32
    np.testing.assert_allclose(answers.probabilities[:, :2], [[0.75, 0.25]] * 40, atol=1e-6)
    np.testing.assert_allclose(answers.digitness, [0.4] * 40, atol=1e-6)


def test_a_network_sure_of_no_digit_guesses_evenly_among_the_digits(knowing):
    answers = knowing([*[0] * 10, 1]).answer(np.zeros((1, 28, 28), np.float32))
    np.testing.assert_allclose(answers.probabilities, [[0.1] * 10], atol=1e-6)
    assert answers.digitness.tolist() == [0]


def test_below_the_threshold_it_says_that_it_sees_no_digit(knowing):
    network = knowing([0.3, 0.1, *[0] * 8, 0.6])
    answers = network.answer(np.zeros((1, 28, 28), np.float32))
    verdict = network.verdict(answers.probabilities[0], answers.digitness[0])
    assert (verdict.is_digit, verdict.accepted) == (False, False)
    assert verdict.text == "This does not look like a digit"
    assert network.verdict(answers.probabilities[0], 0.5).is_digit
    assert network.verdict(answers.probabilities[0]).is_digit


def test_a_network_of_clothes_does_not_speak_of_digits(knowing):
    network = knowing([0.1] * 10 + [0], class_names=[*"abcdefghij"])
    assert network.verdict(np.full(10, 0.1), 0.1).text == "This looks like nothing it knows"


def test_a_card_must_say_that_there_is_one_more_output(knowing):
    with pytest.raises(ModelError, match=r"11 classes.*names 10"):
        knowing([1 / 11] * 11, not_a_digit={"threshold": 0.5})
    with pytest.raises(ModelError, match="last output"):
        knowing([1 / 11] * 11, not_a_digit={"index": 3, "threshold": 0.5})


def test_without_that_output_digitness_is_the_probability_of_the_best_two_classes(classifier, pictures):
    answers = classifier.answer(pictures)
    best_two = np.sort(answers.probabilities, 1)[:, -2:].sum(1)
    np.testing.assert_allclose(answers.digitness, best_two, atol=1e-6)
    assert 0 <= answers.digitness.min() <= answers.digitness.max() <= 1
    assert (answers.probabilities == classifier.predict(pictures)).all()


def test_a_picture_between_two_digits_is_a_digit_and_one_between_all_of_them_is_not(classifier):
    between_two = answers(np.array([[0.5, 0.49, *[0.00125] * 8]], np.float32), 10, 1.0)
    between_all = answers(np.full((1, 10), 0.1, np.float32), 10, 1.0)
    verdict = classifier.verdict(between_two.probabilities[0], between_two.digitness[0])
    assert (verdict.is_digit, verdict.accepted, verdict.text) == (True, False, "0, or perhaps 1")
    assert not classifier.verdict(between_all.probabilities[0], between_all.digitness[0]).is_digit


def test_another_card_of_the_same_network_changes_its_answers_and_nothing_else(classifier, pictures):
    softer = classifier.with_card(classifier.card | {"calibration": {"temperature": 5.0}})
    assert softer.predict(pictures).max(1).mean() < classifier.predict(pictures).max(1).mean() - 0.1
    assert (softer.outputs(pictures) == classifier.outputs(pictures)).all()


def test_a_temperature_is_a_softmax_of_divided_logits():
    logits = np.random.default_rng(0).normal(0, 4, (50, 10))
    softmax = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = np.exp(logits / 1.7) / np.exp(logits / 1.7).sum(1, keepdims=True)
    np.testing.assert_allclose(calibrated(softmax.astype(np.float32), 1.7), expected, atol=1e-6)
    np.testing.assert_allclose(calibrated(softmax, 1.0), softmax, atol=1e-6)
