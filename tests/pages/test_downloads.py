"""Files to take home: each with its size and what was found when it was compared with the network."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import files
from digitcore.networks import model_store
from digitcore.runs import store as run_store
from pages.shared import downloads


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
