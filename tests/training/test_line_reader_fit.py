"""The line reader's training, tiny: it learns, repeats itself, and leaves what the reader needs."""

import json

import numpy as np
import pytest

from digitcore import __main__ as command_line
from digitcore.networks import model_store, part_networks
from digitcore.reading import line_reader


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from digitcore.training import line_reader_fit

    folder = tmp_path_factory.mktemp("reader")
    said = []
    settings = line_reader_fit.LineSettings(
        steps=30, batch_size=4, n_train=300, turns=1, validation_lines=10, seed=3
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(line_reader_fit, "SETTLING", 5)  # enough to be averaged at all
        line_reader_fit.train(settings, folder, said.append)
    (folder / "said.json").write_text(json.dumps(said))
    return folder


def test_the_loss_falls(folder):
    losses = [float(line.rsplit(" ", 1)[1]) for line in json.loads((folder / "said.json").read_text())]
    assert len(losses) == 30
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])


def test_the_folder_holds_a_reader_that_reads_lines_of_any_width(folder):
    card = json.loads((folder / part_networks.CARD).read_text())
    assert card["files"] == model_store.hashes([folder / part_networks.KERAS, folder / part_networks.TFLITE])
    assert card["validation"]["lines"] == 10
    assert 200_000 < card["parameters"] < 300_000
    assert "--steps 30" in card["recipe"] and "--seed 3" in card["recipe"]
    reader = line_reader.LineReader(folder / part_networks.TFLITE, card)
    for width in (20, 91, 300):
        (frames,) = reader.frames([np.zeros((line_reader.ROWS, width), np.float32)])
        assert frames.shape == (-(-width // line_reader.STRIDE), line_reader.CLASSES + 1)
        assert np.allclose(np.exp(frames).sum(1), 1, atol=1e-4)


def test_the_same_seed_composes_the_same_batches(folder):
    from digitcore.training import line_reader_fit

    settings = line_reader_fit.LineSettings(steps=3, batch_size=2, n_train=100, turns=1, seed=5)
    first, again = (
        [line.picture.tobytes() for batch in line_reader_fit._batches(settings) for line in batch]
        for _ in range(2)
    )
    assert len(first) == 6 and first == again


def test_impossible_numbers_are_refused_before_anything_is_loaded(capsys):
    assert command_line.main(["reader", "--steps", "0"]) == 2
    assert "steps must be 1 or more, got 0" in capsys.readouterr().err
