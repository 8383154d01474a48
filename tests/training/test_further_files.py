"""ONNX and the file for one picture per call: the network's answers, by the libraries that read such
files."""

import json
import shutil
import sys

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from digitcore import __main__ as command_line
from digitcore import paths
from digitcore.errors import ModelError, PackageError, RunError
from digitcore.evaluation import other_runtimes
from digitcore.evaluation.other_runtimes import OnnxClassifier
from digitcore.networks import architectures, model_store
from digitcore.networks.settings import Settings
from digitcore.runs import completion, requests
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run
from digitcore.training import trainer
from digitcore.training.control import Control
from tests import lazily

fit = lazily.Module("digitcore.training.fit")
further_files = lazily.Module("digitcore.training.further_files")
onnx_file = lazily.Module("digitcore.training.onnx_file")
onnxruntime = lazily.Module("onnxruntime")

RUN = paths.RECORDED / "mlp-128-on-55000-digits"


@pytest.fixture
def run(tmp_path):
    """A finished run of one's own."""
    folder = tmp_path / "my-run"
    folder.mkdir()
    for name in ("card.json", "settings.json", "model.keras", "model.tflite"):
        shutil.copy(RUN / name, folder / name)
    return folder


def exported(folder, kind):
    assert command_line.main(["export", str(folder), kind]) == 0
    return json.loads((folder / "card.json").read_text())


# Together they have strided convolutions and one more output; pooling, dropout and batch normalisation; GELU.
NETWORKS = [
    Settings.for_architecture("digitnet"),
    Settings.for_architecture("deeper-cnn"),
    Settings.for_architecture("custom", activation="gelu"),
]


@pytest.mark.parametrize("settings", NETWORKS, ids=lambda settings: settings.architecture)
def test_onnx_runtime_gives_the_answers_of_the_network_to_any_number_of_pictures(settings, tmp_path):
    model = architectures.build(settings)
    images = np.random.default_rng(1).random((7, 28, 28, 1), np.float32)
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_file.converted(model, "0123456789"))
    session = onnxruntime.InferenceSession(str(path))
    (given,), (told,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, given.type) == ("picture", ["n", 28, 28, 1], "tensor(float)")
    assert (told.name, told.shape[0]) == ("probabilities", "n")
    assert session.get_modelmeta().custom_metadata_map["class_names"] == "0,1,2,3,4,5,6,7,8,9"
    for n in (1, 7):
        answers = session.run(["probabilities"], {"picture": images[:n]})[0]
        assert np.abs(answers - model.predict(images[:n], verbose=0)).max() < 1e-5


def test_a_run_gets_an_onnx_file_whose_receipt_is_in_its_card(run, capsys):
    before = json.loads((run / "card.json").read_text())
    card = exported(run, "--onnx")
    receipt = card["exports"]["model.onnx"]
    assert receipt["max_difference"] < 1e-5
    assert (receipt["agreement"], receipt["n"]) == (1.0, 1000)
    assert receipt["test"]["misses"] == before["test"]["misses"]
    assert card["files"]["model.onnx"]["bytes"] == (run / "model.onnx").stat().st_size
    assert card | {"exports": None, "files": None} == before | {"exports": None, "files": None}
    assert "model.onnx" in model_store.files(str(run))
    assert "the same answer to 1,000 of 1,000" in capsys.readouterr().out


def test_the_app_has_a_file_made_of_a_run_that_no_trainer_holds(run, capsys):
    with Run(run).lock():
        assert further_files.main(str(run), "model-batch-1.tflite") == 1
    assert "is being trained by another process" in capsys.readouterr().err
    assert further_files.main(str(run), "model-batch-1.tflite") == 0
    assert json.loads((run / "card.json").read_text())["exports"]["model-batch-1.tflite"]["n"] == 1000
    assert "model-batch-1.tflite" in model_store.files(str(run))
    assert further_files.main(str(run.parent / "nowhere"), "model.onnx") == 1
    assert "has no model yet" in capsys.readouterr().err


def test_a_training_that_was_asked_for_an_onnx_file_ends_with_it_and_its_receipt(tmp_path):
    settings = Settings(architecture="mlp-128", epochs=1, n_train=600, batch_size=50, seed=1)
    run = run_store.create_at(tmp_path / "run", settings)
    requests.onnx_too(run)
    fitted = fit.fit(settings, lambda event, **values: None, Control(settings))
    trainer._Trainer(run, None)._export(fitted)
    folder = run.file(paths.UNFINISHED)
    card = json.loads((folder / paths.DRAFT).read_text())
    completion._compare_onnx(card, folder / "model.onnx", completion._expected(folder))
    receipt = card["exports"]["model.onnx"]
    assert (receipt["agreement"], receipt["n"]) == (1.0, 1000) and receipt["max_difference"] < 1e-5
    assert receipt["test"]["n"] == 10_000 and receipt["test"]["accuracy"] > 0.5
    run.file(paths.CARD).write_text("{}")
    with pytest.raises(RunError, match="asked for another file"):
        requests.onnx_too(run)


def test_a_training_whose_server_lacks_the_packages_says_so_and_ends_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(PackageError, match="tf2onnx"):
        other_runtimes.check_onnx_packages()
    run = run_store.create_at(tmp_path / "run", Settings.for_architecture("mlp-128"))
    trainer._Trainer(run, None)._export_onnx(None, list("0123456789"), tmp_path)
    assert "ONNX needs the package tf2onnx" in run.events()[-1]["text"]
    assert not (tmp_path / "model.onnx").exists()
    assert command_line.main(["train", "--onnx", "--output", str(tmp_path / "other")]) == 1
    assert not (tmp_path / "other").exists()


def test_a_file_of_a_network_that_has_been_replaced_does_not_count(run):
    exported(run, "--onnx")
    (run / "model.onnx").write_bytes(b"of another network")
    assert "model.onnx" not in model_store.files(str(run))
    assert "model.keras" in model_store.files(str(run))


def test_the_file_for_one_picture_has_a_fixed_batch_and_gives_the_same_answers(run):
    card = exported(run, "--tflite-batch-1")
    (given,) = Interpreter(str(run / "model-batch-1.tflite")).get_input_details()
    assert given["shape_signature"].tolist() == [1, 28, 28, 1]
    (open_batch,) = Interpreter(str(run / "model.tflite")).get_input_details()
    assert open_batch["shape_signature"].tolist() == [-1, 28, 28, 1]
    receipt = card["exports"]["model-batch-1.tflite"]
    assert receipt["max_difference"] < 1e-5
    assert receipt["test"]["misses"] == card["test"]["misses"]


def test_a_file_written_elsewhere_leaves_the_run_as_it_is(run, tmp_path):
    before = (run / "card.json").read_bytes()
    arguments = ["export", str(run), "--tflite-batch-1", "--output", str(tmp_path / "one.tflite")]
    assert command_line.main(arguments) == 0
    assert (tmp_path / "one.tflite").stat().st_size > 100_000
    assert (run / "card.json").read_bytes() == before
    assert not (run / "model-batch-1.tflite").exists()


@pytest.mark.parametrize("package", ["tf2onnx", "onnx", "onnxruntime"])
def test_without_the_optional_packages_one_sentence_says_how_to_get_them(run, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    card = json.loads((run / "card.json").read_text())
    with pytest.raises(PackageError, match=f"{package}: .*requirements-onnx.txt"):
        further_files.make(further_files.ONNX, str(run), card)
    assert not (run / "model.onnx").exists()


def test_a_damaged_onnx_file_and_a_model_without_a_keras_file_give_a_sentence(run, tmp_path):
    card = json.loads((run / "card.json").read_text())
    (tmp_path / "half.onnx").write_bytes(b"half")
    with pytest.raises(ModelError, match=r"half\.onnx"):
        OnnxClassifier(tmp_path / "half.onnx", card)
    (run / "model.keras").unlink()
    with pytest.raises(ModelError, match=r"no \.keras file"):
        further_files.make(further_files.BATCH_1, str(run), card)
