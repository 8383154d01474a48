"""The benchmark on real handwriting counts what it says, from sets in a folder, and keeps no pictures."""

import csv
import sys

import cv2
import numpy as np
import pytest

from benchmarks import handwriting
from benchmarks.miss_sheet import Miss, draw_misses
from benchmarks.support import development
from digitcore import datasets
from digitcore.networks import model_store

DIGITS, LABELS = (part[:12] for part in datasets.load("mnist", "validation"))


@pytest.fixture
def folder(tmp_path):
    """Two sets: an array light on dark, files dark on light of two kinds, one of which is no picture."""
    np.savez(tmp_path / "bitmaps.npz", images=DIGITS, labels=LABELS)
    np.savez(tmp_path / "ood_letters.npz", images=DIGITS, labels=LABELS)
    np.savez(tmp_path / "unlabelled.npz", images=DIGITS)
    (tmp_path / "pictures").mkdir()
    with (tmp_path / "pictures" / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label", "kind"])
        for i in range(6):
            large = cv2.resize(255 - DIGITS[i], (140, 140), interpolation=cv2.INTER_CUBIC)
            (tmp_path / "pictures" / f"{i}.png").write_bytes(cv2.imencode(".png", large)[1].tobytes())
            table.writerow([f"{i}.png", LABELS[i], "canvas" if i < 4 else "photo"])
        (tmp_path / "pictures" / "6.png").write_bytes(b"no picture")
        table.writerow(["6.png", 3, "photo"])
    return tmp_path


def test_sets_are_arrays_and_kinds_of_files_but_for_those_of_other_things(folder):
    sets = development.load(folder)
    assert {name: len(labels) for name, (_, labels) in sets.items()} == {
        "bitmaps": 12,
        "canvas": 4,
        "photo": 3,
    }
    assert sets["canvas"][0][0].shape == (140, 140)
    assert (sets["bitmaps"][1] == LABELS).all()
    assert len(development.load(folder, every=2)["bitmaps"][1]) == 6


def test_what_the_pipeline_refuses_is_empty_and_told(folder):
    pictures, _ = development.load(folder)["photo"]
    ready, refused = development.through_the_pipeline(pictures)
    assert ready.shape == (3, 28, 28)
    assert refused.tolist() == [False, False, True]
    assert not ready[2].any() and ready[0].any()


def test_the_usual_reader_inverts_what_is_dark_on_light_and_nothing_else():
    tight = np.stack([cv2.resize(digit[6:22, 8:20], (8, 8)) for digit in DIGITS])  # ink up to the border
    bright = development.only_resized(tight)
    assert np.allclose(bright, development.only_resized(255 - tight), atol=1 / 255)
    assert bright.max() <= 1 and bright.shape == (12, 28, 28)
    files = development.only_resized([DIGITS[0], 255 - DIGITS[0]])
    assert (files[0] == files[1]).all() and (files[0] == np.float32(DIGITS[0] / 255)).all()


def test_counts_pools_and_misses_agree(folder):
    sets = development.load(folder)
    sets["crops"] = DIGITS[:2], (LABELS[:2] + 1) % 10  # two wrong labels: two misses
    figures, missed = handwriting.measured(sets, {"simple-cnn": model_store.load("simple-cnn")})
    crops, pooled = figures["sets"]["crops"], figures["sets"]["photo + canvas + crops"]
    assert crops["readers"]["simple-cnn"]["misses"] == 2
    assert set(crops["readers"]) == {"simple-cnn", "simple-cnn as uploaded", "usual"}
    assert pooled["n"] == 9 and pooled["most_misses"] == 6
    assert figures["refused"] == {
        "bitmaps": 0,
        "canvas": 0,
        "photo": 1,
        "crops": 0,
        "photo + canvas + crops": 1,
    }
    parts = sum(
        figures["sets"][name]["readers"]["simple-cnn"]["misses"] for name in ("photo", "canvas", "crops")
    )
    assert pooled["readers"]["simple-cnn"]["misses"] == parts >= 3
    assert len(missed) == parts + figures["sets"]["bitmaps"]["readers"]["simple-cnn"]["misses"]


def test_an_aim_as_a_share_becomes_a_number_of_misses():
    hits = {"network": np.ones(2007, bool)}
    assert handwriting.row("usps_test", hits)["most_misses"] == 50
    assert handwriting.row("anzemur_boxes", {"network": np.ones(400, bool)})["most_misses"] == 8
    assert "most_misses" not in handwriting.row("elsewhere", hits)


def test_a_count_has_its_interval():
    found = handwriting.counted(np.arange(100) < 98)
    assert (found["misses"], found["accuracy"]) == (2, 0.98)
    assert found["interval"] == pytest.approx([0.930, 0.9945], abs=1e-3)


def test_misses_are_drawn_on_one_sheet(tmp_path):
    read = Miss("photo", DIGITS[0], DIGITS[0] / np.float32(255), 3, np.eye(10)[7])
    refused = Miss("photo", np.full((90, 300), 255, np.uint8), development.EMPTY, 4, None)
    assert read.text == "photo\n3 read as 7, 100.0% sure"
    assert refused.text == "photo\n4 refused"
    path = draw_misses([read, refused] * 5, tmp_path / "new" / "misses.png")
    sheet = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert sheet.shape[0] < sheet.shape[1] and sheet.max() == 255


def test_pictures_of_misses_never_enter_the_repository(folder, monkeypatch, capsys):
    inside = handwriting.REPOSITORY / "benchmarks" / "misses.png"
    monkeypatch.setattr(sys, "argv", ["handwriting", str(folder), "--misses", str(inside)])
    with pytest.raises(SystemExit):
        handwriting.main()
    assert "stay outside the repository" in capsys.readouterr().err
    assert not inside.exists()
