"""Exports: four files, each of which gives the original's answers, or nearly so with 8 bits."""

from dataclasses import replace

import numpy as np
import pytest

from digitcore.evaluation import receipts
from digitcore.networks import architectures, model_store
from digitcore.networks.classifier import Classifier
from digitcore.networks.settings import Settings
from tests import lazily

batches = lazily.Module("digitcore.training.batches")
export = lazily.Module("digitcore.training.export")
fit = lazily.Module("digitcore.training.fit")
keras = lazily.Module("keras")

NO_CARD = {"name": "x", "class_names": list("0123456789")}


# Together they have every loss, and every kind of layer that behaves differently in training.
NETWORKS = [Settings.for_architecture("mlp-128", dropout=0.3), Settings.for_architecture("sprint")]


@pytest.fixture(scope="module", params=NETWORKS, ids=lambda settings: settings.architecture)
def exported(request, tmp_path_factory):
    settings = request.param
    folder = tmp_path_factory.mktemp(settings.architecture)
    model = architectures.build(settings)
    fit.compile_model(model, settings)
    images = np.random.default_rng(0).random((64, 28, 28, 1), np.float32)
    labels = np.eye(10)[np.arange(64) % 10] if settings.loss == "one-hot" else np.arange(64) % 10
    model.fit(images, labels, verbose=0)  # moves batch normalisation's averages off their start
    export.export_all(model, folder, images)
    return folder, model, images


def test_every_file_gives_the_answers_of_the_model(exported):
    folder, model, images = exported
    expected = model.predict(images, verbose=0)
    assert {path.name for path in folder.iterdir()} == set(model_store.FILES)
    for receipt in export.check_keras_files(folder, images, expected).values():
        assert receipt["max_difference"] < 1e-5
        assert receipt["agreement"] == 1.0
    outputs = Classifier(folder / receipts.FLOAT, NO_CARD).outputs(images[..., 0])
    assert np.abs(outputs - expected).max() < 1e-5


def test_the_8_bit_file_takes_and_gives_the_same_kind_of_numbers_as_the_large_one(exported):
    folder, _, images = exported
    whole, small = (Classifier(folder / name, NO_CARD) for name in (receipts.FLOAT, receipts.INT8))
    assert np.abs(small.outputs(images[..., 0]) - whole.outputs(images[..., 0])).max() < 0.05
    inside = [t["dtype"] for t in small._single._interpreter.get_tensor_details()]
    assert inside.count(np.float32) == 2  # what goes in and what comes out
    assert np.int8 in inside
    assert (folder / receipts.INT8).stat().st_size < (folder / receipts.FLOAT).stat().st_size / 3


def test_a_saved_model_prints_loss_and_accuracy_as_the_projects_did(exported):
    folder, model, images = exported
    loaded = keras.models.load_model(folder / "model.keras")
    one_hot = "sparse" not in model.loss
    labels = np.eye(10)[np.zeros(64, int)] if one_hot else np.zeros(64, int)
    loss, accuracy = loaded.evaluate(images, labels, verbose=0)
    assert loss > 0 and 0 <= accuracy <= 1


def test_a_receipt_sees_a_difference(tmp_path):
    expected = np.array([[0.9, 0.1], [0.2, 0.8]])
    other = np.array([[0.4, 0.6], [0.2, 0.8]])
    file = tmp_path / "model.x"
    file.write_bytes(bytes(7))
    assert receipts.receipt(other, expected, file) == {
        "max_difference": 0.5,
        "agreement": 0.5,
        "n": 2,
        "bytes": 7,
    }


def test_examples_are_what_the_network_sees_and_the_same_for_the_same_settings():
    settings = Settings(architecture="mlp-128", n_train=300, rotation=20.0, seed=4)
    pictures = batches.examples(settings, 50)
    assert pictures.shape == (50, 28, 28, 1)
    assert (pictures == batches.examples(settings, 50)).all()
    assert (pictures != batches.examples(replace(settings, rotation=0.0), 50)).any()
    assert 0 <= pictures.min() < pictures.max() <= 1
