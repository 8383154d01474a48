"""`train`, in a process of its own."""

import json

import pytest

from tests.commands.asking import KEYS, lines_of, python


@pytest.mark.long
@pytest.mark.timeout(600)  # a training makes way for everything else on the machine
def test_a_training_shows_its_network_ends_though_nobody_listens_any_more_and_can_be_read_with(
    cli, seven, tmp_path
):
    folder = tmp_path / "run"
    options = ("--architecture", "mlp-128", "--epochs", "1", "--n-train", "500", "--output")
    process = python("-m", "digitcore", "train", *options, str(folder))
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("epoch 1/1"):
            break
    process.stdout.close()
    err = process.stderr.read()
    assert (process.wait(), "Traceback" in err) == (0, False), err
    assert any(line.split() == ["Total", "101,770"] for line in printed)
    assert "val_accuracy: 0." in printed[-1]
    card = json.loads((folder / "card.json").read_text())
    result = json.loads(cli("evaluate", "--model", folder, "--json")[1])
    assert (result["misses"], result["n"]) == (card["test"]["misses"], 10_000)
    assert set(lines_of(cli("predict", seven, "--model", folder, "--json")[1])[0]) == KEYS
