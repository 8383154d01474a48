"""The line reader reads digits that touch without cutting; what it says is weighed against the pieces."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from benchmarks import strings
from digitcore import datasets
from digitcore.errors import ModelError
from digitcore.networks import model_store
from digitcore.networks.classifier import Answers
from digitcore.reading import ctc, fusion, line_reader
from digitcore.reading import reader as page_reader
from digitcore.reading.lattice import Knot

BLANK = line_reader.CLASSES


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
        exact += page_reader.text(digits, network.class_names) == text
        lefts = [digit.box[0] + digit.box[2] / 2 for digit in digits]
        assert lefts == sorted(lefts)
    assert exact >= 0.75 * len(touching)


def two_bars():
    """A knot of two bars that a stroke joins, 20 pixels high, and its runs' answers: left 1, right 7."""
    ink = np.zeros((24, 30), np.float32)
    ink[2:22, 4:8] = ink[2:22, 22:26] = ink[10:12, 8:22] = 1
    knot = Knot([(ink, 0, 0)], 20)
    probabilities = np.full((len(knot.runs), 10), 0.01, np.float32)
    left = np.array(knot.middles) < 15
    probabilities[left, 1] = probabilities[~left, 7] = 0.91
    return knot, Answers(probabilities, np.full(len(knot.runs), 0.95, np.float32))


def said(knot, text, sureness):
    """The view of a reader that says so of a knot."""
    picture, scale = line_reader.picture(knot.ink, knot.height)
    frames = np.full((picture.shape[1] // line_reader.STRIDE, BLANK + 1), 1e-4)
    frames[:, BLANK] = 1
    for label, middle in zip(text, (6, 24), strict=True):
        place = int((middle * scale + line_reader.MARGIN) / line_reader.STRIDE)
        frames[place] = (1 - sureness) / 10
        frames[place, label] = sureness
    return [line_reader.View(np.log(frames / frames.sum(1, keepdims=True)), scale)]


def test_where_reader_and_pieces_agree_digits_are_sure_and_have_their_boxes():
    knot, answers = two_bars()
    first, second = fusion.settled(knot, answers, said(knot, (1, 7), 0.9))
    assert (first.probabilities.argmax(), second.probabilities.argmax()) == (1, 7)
    assert min(first.score, second.score) > 0.9
    assert first.box[0] <= 5 and first.box[0] + first.box[2] <= 20
    assert second.box[0] >= 10 and second.box[0] + second.box[2] >= 25


def test_a_sure_reader_overrules_pieces_that_were_cut():
    knot, answers = two_bars()
    pieces = fusion.settled(knot, answers, said(knot, (4, 9), 0.99))
    assert [int(piece.probabilities.argmax()) for piece in pieces] == [4, 9]


def test_where_neither_is_sure_nor_do_they_agree_digits_are_not_sure():
    knot, answers = two_bars()
    pieces = fusion.settled(knot, answers, said(knot, (1, 9), 0.45))
    assert pieces[0].score > 0.8
    assert pieces[1].score < 0.7


def test_where_the_reader_sees_no_digit_the_pieces_decide():
    knot, answers = two_bars()
    (view,) = said(knot, (1, 7), 0.9)
    view.frames[:, :BLANK], view.frames[:, BLANK] = -30, 0
    with_it = fusion.settled(knot, answers, [view])
    alone = fusion.pieces_alone(knot, answers)
    assert [piece.box for piece in with_it] == [piece.box for piece in alone]
    assert [piece.score for piece in with_it] == [piece.score for piece in alone]


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
    card = json.loads((line_reader.FOLDER / line_reader.CARD).read_text())
    files = [line_reader.FOLDER / name for name in (line_reader.TFLITE, line_reader.KERAS)]
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
        (tmp_path / "reader" / line_reader.TFLITE).unlink()
    elif damage == "other bytes":
        (tmp_path / "reader" / line_reader.TFLITE).write_bytes(b"TFL3")
    else:
        (tmp_path / "reader" / line_reader.CARD).write_text("{")
    with pytest.raises(ModelError):
        line_reader.shipped.__wrapped__()
