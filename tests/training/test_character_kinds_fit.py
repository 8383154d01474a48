"""The training of what tells digits from marks and letters, tiny: it learns, and repeats itself."""

import json

import numpy as np
import pytest

from digitcore import __main__ as command_line
from digitcore import datasets
from digitcore.networks import model_store, part_networks
from digitcore.reading import character_kinds


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from digitcore.training import character_kinds_fit as fit

    folder = tmp_path_factory.mktemp("kinds")
    said = []
    settings = fit.KindSettings(
        lines=60, turns=1, epochs=4, batch_size=16, n_train=300, validation_lines=20, seed=3
    )
    fit.train(settings, folder, said.append)
    (folder / "said.json").write_text(json.dumps(said))
    return folder


def test_the_loss_falls(folder):
    losses = [
        float(line.split("loss: ")[1].split()[0]) for line in json.loads((folder / "said.json").read_text())
    ]
    assert len(losses) == 4 and losses[-1] < 0.7 * losses[0]


def test_the_folder_holds_what_reads_and_a_card_that_says_how_well(folder):
    card = json.loads((folder / part_networks.CARD).read_text())
    assert card["files"] == model_store.hashes([folder / part_networks.KERAS, folder / part_networks.TFLITE])
    assert "--lines 60" in card["recipe"] and "--seed 3" in card["recipe"]
    assert sum(map(sum, card["validation"]["kinds"])) > 60
    assert (folder / part_networks.KERAS).stat().st_size < 1.3 * (
        folder / part_networks.TFLITE
    ).stat().st_size
    kinds = character_kinds.load(folder)
    empty = np.zeros((40, character_kinds.ROWS, character_kinds.COLUMNS, 2), np.float32)
    assert np.allclose(kinds.answer(empty).sum(1), 1, atol=1e-4)


def test_a_training_goes_on_from_a_network_and_says_from_which(folder, tmp_path):
    from digitcore.training import character_kinds_fit as fit

    said = []
    settings = fit.KindSettings(
        lines=60,
        turns=1,
        epochs=1,
        batch_size=16,
        n_train=300,
        validation_lines=20,
        seed=4,
        start=str(folder),
    )
    card = fit.train(settings, tmp_path, said.append)
    first = json.loads((folder / "said.json").read_text())[0]
    assert float(said[0].split("loss: ")[1].split()[0]) < 0.8 * float(first.split("loss: ")[1].split()[0])
    before = json.loads((folder / part_networks.CARD).read_text())["recipe"]
    assert card["recipe"].startswith(f"{before} --output {folder}, then python -m digitcore kinds --seed 4")


def test_the_same_seed_makes_the_same_examples():
    from digitcore.training import character_kinds_fit as fit

    digits, labels = datasets.load("mnist", "train", 100)
    first, again = (fit.examples(digits, labels, 4, (5,)) for _ in range(2))
    assert (first[0] == again[0]).all() and (first[1] == again[1]).all()


def test_a_network_to_go_on_from_that_is_not_there_is_said(tmp_path, capsys):
    assert command_line.main(["kinds", "--start", str(tmp_path / "none"), "--output", str(tmp_path)]) != 0
    told = capsys.readouterr().err
    assert len(told.strip().splitlines()) == 1 and "Traceback" not in told


def test_impossible_numbers_are_refused_before_anything_is_loaded(capsys):
    assert command_line.main(["kinds", "--lines", "0"]) == 2
    assert "lines must be 1 or more, got 0" in capsys.readouterr().err
