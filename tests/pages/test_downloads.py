"""Files to take home: each with its size and what was found when it was compared with the network."""

import json
import shutil
import sys

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import files
from digitcore.errors import RunError
from digitcore.networks import model_store
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run
from pages.shared import downloads, server


def page(model):
    """The section of a shipped model, or of the run in a folder."""
    script = (
        "from pathlib import Path\n"
        "from digitcore.runs.run_folder import Run\n"
        "from pages.shared.downloads import downloads\n"
        f"downloads({model})\n"
    )
    at = AppTest.from_string(script, default_timeout=120).run()
    return at


def test_a_shipped_model_is_taken_home_with_receipts_and_a_program():
    at = page("'mlp-128-128'")
    card = model_store.card("mlp-128-128")
    labels = [button.proto.label for button in at.get("download_button")]
    assert [label.split(",")[0] for label in labels[:3]] == [".tflite", ".tflite of 8 bits", ".keras"]
    assert all("kB" in label or "MB" in label for label in labels[:3])
    assert "One HTML file" in labels
    told = [caption.value for caption in at.caption]
    assert f"{card['test']['misses']:,} misses of 10,000" in told[0]
    small = card["exports"]["model-int8.tflite"]
    assert f"{small['test']['accuracy']:.2%} of the test digits" in told[1]
    assert f"to {round(small['agreement'] * 1000):,} of 1,000 digits" in told[1]
    assert "to the last digit" in told[2]
    (onnx,) = [place for place, label in enumerate(labels) if label.startswith(".onnx")]
    assert f"{card['exports']['model.onnx']['test']['accuracy']:.2%} of the test digits" in told[onnx]
    compile(at.code[0].value, "snippet", "exec")
    assert 'Interpreter("mlp-128-128.tflite")' in at.code[0].value


def test_a_run_from_before_the_receipts_shows_its_files_all_the_same(tmp_path):
    old = run_store.recorded()[0]
    for file in ("settings.json", "model.tflite", "model.keras"):
        (tmp_path / file).write_bytes(old.file(file).read_bytes())
    card = json.loads(old.file("card.json").read_text())
    card.pop("exports")
    files.write_json(tmp_path / "card.json", card)
    at = page(f"Run(Path({str(tmp_path)!r}))")
    labels = [button.proto.label.split(",")[0] for button in at.get("download_button")]
    assert labels == [".tflite", ".keras", "One HTML file", "Card: settings"]
    assert f"{card['test']['misses']:,} misses" not in at.caption[1].value


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            {"max_difference": 0.0, "agreement": 1.0, "n": 1000},
            "to 1,000 of 1,000 digits, to the last digit.",
        ),
        ({"max_difference": 2e-6, "agreement": 1.0, "n": 1000}, "no probability more than 0.01% off."),
        ({"max_difference": 0.0561, "agreement": 0.997, "n": 1000}, "to 997 of 1,000 digits, no probability"),
        ({"max_difference": 0.0561, "agreement": 0.997, "n": 1000}, "more than 5.7% off."),
    ],
)
def test_a_receipt_in_words(found, said):
    card = {"class_names": list("0123456789"), "exports": {"model.h5": found}}
    assert said in downloads.receipt("model.h5", card)


@pytest.fixture
def finished(tmp_path):
    """A finished run of one's own, and the section's script for it."""
    folder = tmp_path / "own"
    shutil.copytree(run_store.recorded()[0].folder, folder, ignore=shutil.ignore_patterns("replay"))
    return Run(folder), f"Run(Path({str(folder)!r}))"


class Maker:
    """Stands in for what makes files: it is asked, and is told when it is done."""

    def __init__(self):
        self.asked, self.making, self.why = [], None, None

    def start(self, run, name):
        if self.why:
            raise RunError(self.why)
        self.asked.append((run.folder, name))
        self.making = name

    def makes(self, run):
        return self.making

    def problem(self, run):
        return None


def test_a_finished_run_gets_further_files_on_request(finished, monkeypatch):
    run, section = finished
    maker = Maker()
    monkeypatch.setattr(server, "further_files", lambda: maker)
    at = page(section)
    assert not at.exception
    assert [button.label for button in at.button] == [
        "Make an ONNX file",
        "Make a .tflite for one picture per call",
    ]
    at.button[0].click().run()
    assert not at.exception and maker.asked == [(run.folder, "model.onnx")]
    assert "is being made" in at.info[0].value and not at.button
    maker.making, maker.why = (
        None,
        "Too little memory is free to make this file; try again when nobody trains.",
    )
    at.run()
    at.button[1].click().run()
    assert not at.exception and at.error[0].value.startswith("Too little memory")
    assert len(maker.asked) == 1


def test_a_server_that_cannot_make_onnx_says_so_and_offers_the_other(finished, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    at = page(finished[1])
    assert [button.label for button in at.button] == ["Make a .tflite for one picture per call"]
    assert any("requirements-onnx.txt" in caption.value for caption in at.caption)


def test_nothing_is_made_of_a_recorded_run():
    at = page(f"Run(Path({str(run_store.recorded()[0].folder)!r}), recorded=True)")
    assert not at.exception and not at.button
