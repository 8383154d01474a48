"""The shipped models: present, intact, and exactly as good as their cards say."""

import json
import shutil

import numpy as np
import pytest

from digitcore import datasets, files, paths
from digitcore.errors import ModelError
from digitcore.evaluation import measure
from digitcore.networks import architectures, model_store
from digitcore.networks.settings import Settings
from digitcore.preprocessing.levels import scaled
from digitcore.runs import shipping

# The fewest right answers of 10,000 that a shipped network may give: a floor for retraining, not a result.
FLOORS = {
    "digitnet": 9950,
    "digitnet-nano": 9920,
    "mlp-128-128": 9_650,
    "simple-cnn": 9_850,
    "deeper-cnn": 9_940,
}


def test_an_mlp_and_a_cnn_ship_and_the_default_comes_first():
    names = model_store.shipped()
    assert names[0] == model_store.DEFAULT_MODEL
    kinds = {kind for name in names for kind, *_ in model_store.card(name)["layers"]}
    assert "Conv2D" in kinds
    assert any(all(layer[0] != "Conv2D" for layer in model_store.card(name)["layers"]) for name in names)


@pytest.mark.parametrize("name", model_store.shipped())
def test_a_shipped_model_is_exactly_as_good_as_its_card_says(name):
    card, classifier = model_store.card(name), model_store.load(name)
    images, labels = datasets.load("mnist", "test")
    with files.npz(model_store.test_answers(name)) as arrays:
        kept = arrays["probabilities"]
    now = classifier.predict(scaled(images[:2000]))
    np.testing.assert_allclose(now, kept[:2000], atol=1e-5)
    summary = measure.summarise(classifier, "mnist", labels, kept, np.zeros(len(kept), bool))
    assert summary["misses"] == card["test"]["misses"]
    assert summary["confusion_matrix"] == card["test"]["confusion_matrix"]
    assert summary["loss"] == pytest.approx(card["test"]["loss"], rel=1e-3)
    assert FLOORS[name] <= 10_000 - summary["misses"] < 10_000  # every one right would mean a leak


@pytest.mark.parametrize("name", model_store.shipped())
def test_a_card_says_everything_that_is_needed_to_repeat_the_model(name):
    card = model_store.card(name)
    settings = Settings.from_dict(card["settings"])
    assert card["parameters"] == architectures.parameter_count(settings)
    assert card["dataset"]["sha256"] == datasets.sha256("mnist")
    assert card["recipe"].startswith(f"python -m digitcore train --architecture {card['architecture']}")
    assert card["test"]["misses"] in [seed["test_misses"] for seed in card["seeds"]]
    assert card["exports"]["model.tflite"]["agreement"] > 0.999


@pytest.mark.parametrize("name", model_store.shipped())
def test_the_files_of_a_shipped_model_are_those_of_its_card_and_the_8_bit_file_is_small_and_good(name):
    card, files = model_store.card(name), model_store.files(name)
    assert set(files) >= {"model.keras", "model.tflite", "model-int8.tflite"}
    assert model_store.hashes(files.values()) == card["files"]
    onnx = card["exports"]["model.onnx"]
    assert onnx["bytes"] == files["model.onnx"].stat().st_size
    assert (onnx["agreement"], onnx["test"]["misses"]) == (1.0, card["test"]["misses"])
    small = card["exports"]["model-int8.tflite"]
    assert small["bytes"] == files["model-int8.tflite"].stat().st_size < 400_000
    assert small["n"] == 1_000 and small["agreement"] > 0.99
    assert small["test"]["misses"] - card["test"]["misses"] < 0.002 * card["test"]["n"]


def test_the_cnn_was_chosen_among_three_seeds_by_the_median():
    card = model_store.card("deeper-cnn")
    assert len(card["seeds"]) >= 3
    assert card["median_test_misses"] == np.median([seed["test_misses"] for seed in card["seeds"]]) <= 60


def test_an_unknown_model_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ModelError, match=model_store.DEFAULT_MODEL):
        model_store.load("gpt")
    with pytest.raises(ModelError):
        model_store.load("../models/deeper-cnn")


@pytest.fixture
def finished_run(tmp_path):
    """A complete run folder made from a shipped model's files."""
    shutil.copy(paths.MODELS / "mlp-128-128.tflite", tmp_path / "model.tflite")
    shutil.copy(paths.MODELS / "mlp-128-128.keras", tmp_path / "model.keras")
    (tmp_path / "model-int8.tflite").write_bytes(b"small")
    card = model_store.card("mlp-128-128")
    card["files"] = model_store.hashes(tmp_path.glob("model*"))
    files.write_json(tmp_path / "card.json", card)
    return tmp_path


def test_a_run_folder_is_a_model_once_it_has_its_card(finished_run):
    assert model_store.load_folder(finished_run).class_names == tuple("0123456789")
    (finished_run / "card.json").unlink()
    with pytest.raises(ModelError, match="no finished run"):
        model_store.load_folder(finished_run)


def test_a_file_that_is_not_the_one_the_card_describes_is_refused(finished_run):
    with (finished_run / "model.tflite").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match="not the file that the card"):
        model_store.load_folder(finished_run)


def variant(folder, finished_run, seed, validation_misses, **settings):
    shutil.copytree(finished_run, folder)
    card = json.loads((folder / "card.json").read_text())
    card["seed"] = seed
    card["settings"] |= {"seed": seed, **settings}
    card["validation"] |= {"misses": validation_misses}
    card["test"] |= {"misses": 1000 + seed}
    files.write_json(folder / "card.json", card)
    return folder


def test_of_three_seeds_the_median_on_validation_ships_and_the_card_lists_all(
    finished_run, tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    paths.MODELS.mkdir()
    (paths.MODELS / "best.onnx").write_bytes(b"of the network that had this name")
    folders = [
        variant(tmp_path / f"r{seed}", finished_run, seed, misses)
        for seed, misses in ((1, 40), (2, 30), (3, 35))
    ]
    card = shipping.ship("best", folders)
    assert card["seed"] == 3
    assert [(s["seed"], s["validation_misses"], s["test_misses"]) for s in card["seeds"]] == [
        (1, 40, 1001),
        (2, 30, 1002),
        (3, 35, 1003),
    ]
    assert model_store.load("best").name == "best"
    assert model_store.files("best")["model-int8.tflite"].read_bytes() == b"small"
    assert model_store.hashes(model_store.files("best").values()) == card["files"]
    assert not (paths.MODELS / "best.onnx").exists()
    chosen = shipping.ship("chosen", folders, choice="first")
    assert (chosen["seed"], chosen["choice"]) == (1, "first")


def test_runs_of_different_recipes_are_not_chosen_among(finished_run, tmp_path):
    folders = [
        variant(tmp_path / "a", finished_run, 1, 40),
        variant(tmp_path / "b", finished_run, 2, 30, epochs=9),
    ]
    with pytest.raises(ModelError, match="same settings"):
        shipping.ship("best", folders)


def test_a_run_that_is_being_finished_has_its_draft_for_a_card_until_the_card_is_there(tmp_path):
    (tmp_path / "draft.json").write_text("{}")
    assert model_store.card_file(str(tmp_path)).name == "draft.json"
    (tmp_path / "card.json").write_text("{}")
    assert model_store.card_file(str(tmp_path)).name == "card.json"
