"""How sure a network may say it is: the temperature, the thresholds, and what they are fitted on."""

import json
import shutil
from argparse import Namespace

import numpy as np
import pytest

from digitcore import datasets, files, paths
from digitcore.commands import calibrate
from digitcore.evaluation import calibration
from digitcore.networks import model_store
from digitcore.networks.classifier import calibrated


def boastful(temperature, n=4000, seed=0):
    """Softmax rows `temperature` times too sure of themselves, and labels drawn from the honest ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 10))
    honest = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = np.array([rng.choice(10, p=row) for row in honest])
    powers = honest**temperature
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32), labels


def normalised(rows):
    return rows.astype(np.float64) / rows.sum(1, keepdims=True, dtype=np.float64)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_undoes_what_made_a_network_too_sure(temperature):
    probabilities, labels = boastful(temperature)
    assert calibration.fit_temperature(probabilities, labels) == pytest.approx(temperature, rel=0.05)


def test_the_temperature_is_where_scikit_learns_log_loss_is_least():
    from scipy.optimize import minimize_scalar
    from sklearn.metrics import log_loss

    probabilities, labels = boastful(1.7, n=800, seed=3)
    least = minimize_scalar(
        lambda t: log_loss(labels, normalised(calibrated(probabilities, t)), labels=range(10)),
        bounds=(0.5, 5),
        method="bounded",
    )
    assert calibration.fit_temperature(probabilities, labels) == pytest.approx(least.x, abs=0.01)


def test_a_temperature_has_bounds_and_certain_zeros_do_not_break_it():
    sure, labels = np.eye(10, dtype=np.float32), np.arange(10)
    assert calibration.fit_temperature(sure * 0.9 + 0.01, labels) == pytest.approx(0.25, abs=0.01)
    assert calibration.fit_temperature(sure, (labels + 1) % 10) == pytest.approx(10, abs=0.1)
    with pytest.raises(ValueError, match="one label per answer"):
        calibration.fit_temperature(sure, labels[:3])


def test_a_threshold_is_reached_by_at_least_its_share():
    scores = np.arange(1000, dtype=np.float32) / 1000
    assert (scores >= calibration.threshold(scores, 0.99)).mean() == pytest.approx(0.99, abs=0.0011)
    ties = np.array([0.5] * 5 + [1.0] * 95)
    assert calibration.threshold(ties, 0.99) == 0.5


def test_of_few_scores_none_is_taken_for_the_least_that_a_picture_of_the_classes_has():
    scores = np.linspace(0.5, 1, 200)
    assert calibration.least_digitness(scores, 0.993) == calibration.threshold(scores, 0.993) >= 0.5
    assert calibration.least_digitness(scores[:12], 0.993) == 0.0
    # 200 data sets of a dozen validation pictures each: what comes later is refused as seldom as is said.
    random = np.random.default_rng(0)
    refused = [
        (random.random(1000) < calibration.least_digitness(random.random(12), 0.993)).mean()
        for _ in range(200)
    ]
    assert np.mean(refused) <= 1 - 0.993


def test_digits_as_others_write_them_are_pictures_with_their_labels():
    images, labels = datasets.load("mnist", "validation")
    pictures, read = calibration.as_others_write(images[:96], labels[:96])
    assert pictures.shape[1:] == (28, 28)
    assert 0 <= pictures.min() <= pictures.max() <= 1
    assert 90 <= len(pictures) == len(read) <= 96
    again, _ = calibration.as_others_write(images[:96], labels[:96])
    assert (pictures == again).all()
    right = model_store.load("simple-cnn").predict(pictures).argmax(1) == read
    assert right.mean() > 0.9


@pytest.fixture
def few(monkeypatch):
    """A hundred changed digits: enough to see that everything arrives."""
    monkeypatch.setattr(calibration, "CHANGED", 120)


def test_what_was_fitted_before_is_left_out_of_account(few):
    classifier = model_store.load("mlp-128-128")
    other = classifier.with_card(classifier.card | {"calibration": {"temperature": 4.0}})
    parts = calibration.fit(classifier)
    assert calibration.fit(other) == parts
    assert set(parts) == {"calibration", "acceptance", "not_a_digit"}
    assert parts["acceptance"]["validation_accepted"] >= 0.99
    assert parts["not_a_digit"]["changed_accepted"] >= 0.99
    assert "index" not in parts["not_a_digit"]


def test_a_finished_run_is_calibrated_again_without_learning(few, tmp_path, capsys):
    shutil.copy(paths.MODELS / "mlp-128-128.tflite", tmp_path / "model.tflite")
    card = model_store.card("mlp-128-128")
    card["files"] = {"model.tflite": {"sha256": model_store.file_sha256(tmp_path / "model.tflite")}}
    before = json.dumps({name: card[name] for name in ("files", "settings", "seeds", "exports")})
    card["calibration"] = {"temperature": 4.0}
    files.write_json(tmp_path / "card.json", card)
    np.savez_compressed(tmp_path / "test.npz", probabilities=np.zeros((1, 10)))

    assert calibrate.run(Namespace(model=str(tmp_path))) == 0
    written = json.loads((tmp_path / "card.json").read_text())
    assert json.dumps({name: written[name] for name in ("files", "settings", "seeds", "exports")}) == before
    fitted = written["calibration"]
    assert 0.8 < fitted["temperature"] < 2
    assert fitted["test_ece"] < 0.03
    assert fitted["test_nll"] == written["test"]["loss"]
    assert len(fitted["reliability"]) == 15
    assert sum(row["n"] for row in fitted["reliability"]) == 10_000
    with np.load(tmp_path / "test.npz") as file:
        assert file["probabilities"].shape == (10_000, 10)
    assert f"temperature {fitted['temperature']:.3f}" in capsys.readouterr().out
    assert model_store.test_answers("mlp-128-128").is_file()  # the shipped one's, not this one's


def test_a_run_that_is_being_finished_gets_its_calibration_into_the_draft(few, tmp_path):
    shutil.copy(paths.MODELS / "mlp-128-128.tflite", tmp_path / "model.tflite")
    kept = ("name", "class_names", "dataset")
    files.write_json(tmp_path / "draft.json", {name: model_store.card("mlp-128-128")[name] for name in kept})
    calibrate.run(Namespace(model=str(tmp_path)))
    draft = json.loads((tmp_path / "draft.json").read_text())
    assert set(draft) == {*kept, "calibration", "acceptance", "not_a_digit"}
    assert not (tmp_path / "card.json").exists()


@pytest.mark.parametrize("name", model_store.shipped())
def test_shipped_models_are_calibrated(name):
    card = model_store.card(name)
    assert 0.25 < card["calibration"]["temperature"] < 10
    assert card["calibration"]["test_ece"] < 0.02
    assert card["acceptance"]["validation_accepted"] >= calibration.SURE_SHARE
    assert card["not_a_digit"]["changed_accepted"] >= calibration.DIGIT_SHARE


def test_a_network_is_sure_from_the_least_confidence_that_leaves_few_wrong_and_sure():
    confidence = np.array([0.9, 0.8, 0.7, 0.7, 0.6])
    right = np.array([True, True, False, True, False])
    assert calibration.least_sure(confidence, right, 0.0) == 0.8
    assert calibration.least_sure(confidence, right, 0.2) == 0.7
    assert calibration.least_sure(confidence, right, 1.0) == 0.6
    assert calibration.least_sure(confidence, ~right, 0.0) == 1.0  # never
