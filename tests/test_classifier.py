"""The classifier: LiteRT behind one lock, single and batch, its answer in words."""

import threading

import numpy as np
import pytest

from digitcore import datasets, model_store
from digitcore.classifier import Classifier
from digitcore.errors import ModelError


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
        Classifier(model_store.MODELS / "mlp-128-128.tflite", card)
