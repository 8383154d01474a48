"""The line reader reads digits that touch without cutting; what it says is weighed against the pieces."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from benchmarks import strings
from digitcore import datasets
from digitcore.errors import ModelError
from digitcore.networks import model_store, part_networks
from digitcore.reading import ctc, line_reader
from digitcore.reading import reader as page_reader
from digitcore.reading.digit import text_of


@pytest.fixture(scope="module")
def reader():
    return line_reader.shipped()


@pytest.fixture(scope="module")
def touching():
    """20 numbers whose digits touch, as the benchmark composes them: [(picture, text)]."""
    digits, labels = datasets.load("mnist", "validation")
    rng = np.random.default_rng(11)
    composed = []
    for i in range(20):
        mine = slice(1000 + 4 * i, 1004 + 4 * i)
        picture = strings.compose(digits[mine], strings.GAPS["touching"], rng)
        composed.append((picture, "".join(map(str, labels[mine]))))
    return composed


def test_numbers_of_touching_digits_are_read(touching):
    network = model_store.load("deeper-cnn")
    exact = 0
    for picture, text in touching:
        digits = page_reader.read(picture, network)
        exact += text_of(digits, network.class_names) == text
        lefts = [digit.box[0] + digit.box[2] / 2 for digit in digits]
        assert lefts == sorted(lefts)
    assert exact >= 0.75 * len(touching)


def test_columns_are_the_inverse_of_the_picture():
    ink = np.zeros((40, 120), np.float32)
    ink[:, 60:64] = 1
    picture, scale = line_reader.picture(ink, 40)
    assert picture.shape[0] == line_reader.ROWS and picture.dtype == np.float32
    inked = np.flatnonzero(picture.any(0)) / line_reader.STRIDE - 0.25
    assert line_reader.columns(inked.mean(), scale) == pytest.approx(61.5, abs=2)


def test_many_threads_share_the_reader_and_get_what_one_gets(reader):
    digits, _ = datasets.load("mnist", "validation")
    pictures = [
        line_reader.picture(np.hstack(list(digits[i : i + 1 + i % 4])).astype(np.float32) / 255, 20)[0]
        for i in range(24)
    ]
    alone = [frames.tobytes() for frames in reader.frames(pictures)]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda each: reader.frames([each])[0].tobytes(), pictures))
    assert together == alone


def test_single_clear_digits_are_read_too(reader):
    digits, labels = datasets.load("mnist", "validation")
    pictures = [line_reader.picture(digit.astype(np.float32) / 255, 20)[0] for digit in digits[:100]]
    read = [ctc.likeliest(frames)[0][0] for frames in reader.frames(pictures)]
    assert sum(text == (label,) for text, label in zip(read, labels, strict=False)) >= 90


def test_the_card_describes_the_shipped_files():
    card = json.loads((line_reader.FOLDER / part_networks.CARD).read_text())
    files = [line_reader.FOLDER / name for name in (part_networks.TFLITE, part_networks.KERAS)]
    assert model_store.hashes(files) == card["files"]
    assert card["recipe"].startswith("python -m digitcore reader")
    assert card["dataset"]["sha256"] == datasets.sha256("mnist")
    assert 0.7 * card["validation"]["lines"] < card["validation"]["exact"] < card["validation"]["lines"]
    assert line_reader.NAME not in model_store.shipped()


@pytest.mark.parametrize("damage", ["missing", "other bytes", "no card"])
def test_a_damaged_reader_is_one_sentence(tmp_path, monkeypatch, damage):
    shutil.copytree(line_reader.FOLDER, tmp_path / "reader")
    monkeypatch.setattr(line_reader, "FOLDER", tmp_path / "reader")
    if damage == "missing":
        (tmp_path / "reader" / part_networks.TFLITE).unlink()
    elif damage == "other bytes":
        (tmp_path / "reader" / part_networks.TFLITE).write_bytes(b"TFL3")
    else:
        (tmp_path / "reader" / part_networks.CARD).write_text("{")
    with pytest.raises(ModelError):
        line_reader.shipped.__wrapped__()
