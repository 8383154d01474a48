"""Exports: three files, each of which gives the original's answers."""

import keras
import numpy as np
import pytest

from digitcore import architectures, cards, export, training
from digitcore.classifier import Classifier
from digitcore.settings import Settings


@pytest.fixture(scope="module", params=["mlp-128", "deeper-cnn"])
def exported(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    settings = Settings.for_architecture(request.param)
    model = architectures.build(settings)
    training.compile_model(model, settings)
    images = np.random.default_rng(0).random((64, 28, 28, 1), np.float32)
    labels = np.eye(10)[np.arange(64) % 10] if settings.loss == "one-hot" else np.arange(64) % 10
    model.fit(images, labels, verbose=0)  # moves batch normalisation's averages off their start
    export.export_all(model, folder)
    return folder, model, images


def test_every_file_gives_the_answers_of_the_model(exported):
    folder, model, images = exported
    expected = model.predict(images, verbose=0)
    assert {path.name for path in folder.iterdir()} == {"model.keras", "model.h5", "model.tflite"}
    for receipt in export.check_keras_files(folder, images, expected).values():
        assert receipt["max_difference"] < 1e-5
        assert receipt["agreement"] == 1.0
    classifier = Classifier(folder / "model.tflite", {"name": "x", "class_names": list("0123456789")})
    assert cards.receipt(classifier.predict(images[..., 0]), expected)["max_difference"] < 1e-5


def test_a_saved_model_prints_loss_and_accuracy_as_the_projects_did(exported):
    folder, model, images = exported
    loaded = keras.models.load_model(folder / "model.keras")
    one_hot = "sparse" not in model.loss
    labels = np.eye(10)[np.zeros(64, int)] if one_hot else np.zeros(64, int)
    loss, accuracy = loaded.evaluate(images, labels, verbose=0)
    assert loss > 0 and 0 <= accuracy <= 1


def test_a_receipt_sees_a_difference():
    expected = np.array([[0.9, 0.1], [0.2, 0.8]])
    other = np.array([[0.4, 0.6], [0.2, 0.8]])
    assert cards.receipt(other, expected) == {"max_difference": 0.5, "agreement": 0.5, "n": 2}
