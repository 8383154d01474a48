"""The sweep section of the Train page as a visitor uses it; no network is trained here."""

import pytest

from digitcore import files
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs import sweep
from pages.shared import server
from tests.pages.test_train import key_of, open_train, texts

pytestmark = pytest.mark.usefixtures("no_trainers")


def learnt(run, accuracy):
    run_state.mark_started(run)
    scores = {"val_accuracy": accuracy, "val_loss": 0.2, "accuracy": 0.9, "loss": 0.3}
    run.append_event("epoch", epoch=1, epochs=1, seconds=2.0, best=True, learning_rate=0.1, **scores)


def complete(run, accuracy):
    learnt(run, accuracy)
    run.append_event("state", state="finished")
    card = {"stopped": False, "test": {"accuracy": accuracy, "misses": 5, "n": 10}, "epochs_run": 1}
    files.write_json(run.file("card.json"), card)


def press(at, key):
    return at.button(key=key).click().run()


def test_a_grid_of_two_settings_becomes_runs_of_the_queue():
    at = open_train()
    at.multiselect(key="train_sweep_names").set_value(["learning_rate", "epochs"]).run()
    assert at.button(key="train_sweep_start").label == "Start 6 runs (3 × 2)"
    press(at, "train_sweep_start")
    (mine,) = sweep.found(key_of(at)).values()
    assert [(run.settings.learning_rate, run.settings.epochs) for run in mine] == [
        (rate, epochs) for rate in (0.0003, 0.003, 0.03) for epochs in (1, 2)
    ]
    assert {run.settings.n_train for run in mine} == {2_000}
    assert "0 of 6 runs have ended" in texts(at)


def test_nothing_to_vary_or_too_much_cannot_be_started():
    at = open_train()
    at.multiselect(key="train_sweep_names").set_value([]).run()
    assert at.button(key="train_sweep_start").disabled
    assert "varies at least one setting" in texts(at)


def test_what_does_not_fit_is_said_and_nothing_is_started(monkeypatch):
    monkeypatch.setenv("DIGITLAB_WAITING_IN_SWEEPS", "2")
    at = open_train()
    assert "at most 2 runs" in texts(at) and at.button(key="train_sweep_start").disabled


def test_the_best_of_a_sweep_is_named_and_shown_when_all_have_ended(monkeypatch):
    key = run_store.new_key()
    planned = sweep.plan("mlp-128", {"learning_rate": (0.001, 0.003)}, n_train=500)
    mine = sweep.submit(server.queue(), planned, key, "a")
    learnt(mine[0], 0.91)
    at = open_train(key)
    assert "0 of 2 runs have ended; best so far 91.00% with learning rate 0.001." in texts(at)
    press(at, "train_sweep_cancel")
    assert run_state.of(mine[1]).name == "stopped"
    complete(mine[0], 0.92)
    at = open_train(key)
    assert "2 of 2 runs have ended; best so far 92.00% with learning rate 0.001." in texts(at)
    assert [button for button in at.button if button.key == "train_sweep_best"]


@pytest.mark.parametrize("value", [0.0003, 2_000, "adam"])
def test_values_are_written_as_people_write_them(value):
    from pages.parts.train.sweep_table import number

    assert number(value) == {0.0003: "0.0003", 2_000: "2,000", "adam": "adam"}[value]
