"""Watching and controlling a run on the Train page: buttons, the visitor's digits, the replay, the card."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from digitcore import paths
from digitcore.networks.settings import Settings
from digitcore.runs import recording
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.history import SHOWN_POINTS, History
from digitcore.runs.recording import Recorder
from pages.parts.train import curves, epoch_view, run_card
from pages.shared import spoken
from tests.pages.test_draw import FLAG, SEVEN, png, sent
from tests.pages.test_train import (
    finished,
    key_of,
    open_tab,
    open_train,
    started,
    texts,
)
from tests.runs import saying
from tests.runs.test_recording import Model

pytestmark = pytest.mark.usefixtures("no_trainers")


@pytest.fixture
def key():
    return run_store.new_key()


def labels(at):
    return [button.label for button in at.button]


def html(at):
    return "".join(element.proto.body for element in at.get("html"))


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    return at


def points_sent(at, name="points"):
    """Rows of the points of each curve on the page, or of its marks, as they go to the browser."""
    tables = []
    for chart in at.get("vega_lite_chart"):
        for dataset in (each for each in chart.proto.datasets if each.name == name):
            tables.append(pa.ipc.open_stream(io.BytesIO(dataset.data.data)).read_all().to_pandas())
    return tables


def test_a_run_that_learns_can_be_paused_stepped_and_stopped_and_says_so(key):
    run = run_store.create(Settings(epochs=2), key)
    with run.lock():
        started(run)
        at = press(open_train(key), "Pause")
        assert run.paused() and "Pausing…" in labels(at)
        run.append_event("state", state="paused")
        at.run()
        assert at.get("progress")[0].proto.text.startswith("Paused. Epoch 1 of 2")
        assert {"Resume", "One epoch", "Stop and keep the best"} <= set(labels(at))
        press(at, "One epoch")
        assert not run.paused() and run.file("step").exists()
        run.append_event("state", state="running")
        at.run()
        assert "Pause now" in labels(at)
        press(at, "Stop and keep the best")
        assert run.stop_requested() and "Stopping…" in labels(at) and "Pause" not in labels(at)


def test_the_place_in_the_queue_the_beginning_and_the_end_are_read_out_and_nothing_in_between(
    key, monkeypatch
):
    said = []
    monkeypatch.setattr(spoken, "_region", lambda data, **where: said.append(data["said"]))
    finished(run_store.create(Settings(epochs=1), key))
    at = open_train(key)
    assert said == []  # nobody has watched it
    run = run_store.create(Settings(epochs=2), key)
    at = open_train(key)
    assert said.pop() == "1st in the queue."
    with run.lock():
        started(run)
        at.run()
        first = said.pop()
        saying.batch(run, step=30, epoch=2)
        at.run()
        assert said.pop() == first == "Learning."
        run.append_event("state", state="failed")
    at.run()
    assert said[-1] == "Failed; the log says why."


def test_the_curves_of_a_run_whose_loss_runs_away_are_of_numbers_only(key):
    run = run_store.create(Settings(epochs=5, learning_rate=1.0), key)
    with run.lock():
        started(run)
        for step, loss in enumerate((1e6, 1e20, 3e38, -1e13), 11):
            saying.batch(run, step=step, epoch=2, batch=step - 10, loss=loss, accuracy=0.1)
        at = open_train(key)
        assert len(at.get("vega_lite_chart")) >= 2
        for points in points_sent(at):
            assert np.isfinite(points["value"]).all()
        run.file("log.txt").write_text("In epoch 2 the loss grew beyond all numbers.\n", encoding="utf-8")
        run.append_event("state", state="failed")
    at.run()
    assert any("Failed; the log says why" in error.value for error in at.error)
    assert any("the loss grew beyond all numbers" in code.value for code in at.code)


def test_the_learning_rate_of_a_run_that_learns_is_changed_by_a_number(key):
    run = run_store.create(Settings(epochs=2), key)
    with run.lock():
        started(run)
        at = open_train(key)
        assert {metric.label: metric.value for metric in at.metric}["Learning rate"] == "0.001"
        at.number_input(key=f"rate_{run.id}").set_value(0.01)  # typed, and pressed in the same breath
        press(at, "Use it")
        asked = run.requested_learning_rate()
        assert asked["value"] == 0.01
        assert "It will be 0.01" in texts(at)
        # A paused trainer has obeyed, and has no next batch yet.
        obeyed = {"value": 0.01, "epoch": 1, "step": 4, "asked": asked["asked"]}
        run.append_event("intervention", what="learning rate", **obeyed)
        assert "It is 0.01 now" in texts(at.run())
        assert {metric.label: metric.value for metric in at.metric}["Learning rate"] == "0.01"


def test_a_run_that_has_ended_goes_on_for_as_many_epochs_as_asked(key):
    run = finished(run_store.create(Settings(epochs=2), key))
    assert "Go on" not in labels(open_train(key)), "without a checkpoint there is nothing to go on from"
    run.file(paths.CHECKPOINT).write_bytes(b"")
    at = open_train(key)
    at.number_input(key=f"more_{run.id}").set_value(4)
    press(at, "Go on")
    assert run.more_epochs()["until"] == 6
    assert "in the queue" in texts(at)


def test_recorded_runs_can_be_replayed_and_not_controlled(tmp_path):
    run = run_store.create_at(tmp_path / "recorded" / "recorded-mlp-128", Settings(epochs=1), "a recording")
    finished(run)
    run.file(paths.CHECKPOINT).write_bytes(b"")
    for epoch in (0, 1):
        Recorder(run).record(epoch, Model())
    at = open_tab(open_train(), run, "Replay")
    assert {"Go on", "Pause", "Stop"}.isdisjoint(labels(at))
    assert "Random weights" in texts(at)


def test_a_drawing_is_kept_and_the_next_run_gets_it_and_what_is_on_the_paper():
    at = open_train()
    at.session_state["own_digit_box"] = True
    at.run()
    for load, stroke in enumerate((SEVEN, FLAG), 1):
        at.session_state["own_digit_canvas_0"] = sent(png(stroke), [stroke], load)
        at.run()
        if stroke == SEVEN:
            press(at, "Keep this digit")
            assert "1 of 5" in texts(at)
    press(at, "Start training")
    [run] = run_store.list_runs(key_of(at))
    drawn = recording.own_digits(run)
    assert drawn.shape == (2, 28, 28) and drawn.max() == 255
    assert drawn[0].astype(bool).any(0).sum() <= 20, "put into MNIST's box"


def test_what_is_taken_away_is_taken_from_the_run_that_learns_too(key):
    run = run_store.create(Settings(epochs=2), key)
    recording.write_own_digits(run, np.full((2, 28, 28), 9, np.uint8))
    at = open_train(key)
    at.session_state["own_digit_box"] = True
    at.run()
    at.button(key="own_digit_away_1").click().run()
    assert len(recording.own_digits(run)) == 1


def test_the_live_view_says_what_the_network_takes_the_drawing_for(key):
    run = run_store.create(Settings(epochs=2), key)
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, :2] = 255  # all ink where the first class of the fake network looks
    recording.write_own_digits(run, drawing)
    with run.lock():
        started(run)
        at = open_train(key)
        assert "reads your digit in a moment" in texts(at)
        Recorder(run).record(1, Model())
        at.run()
        assert "reads your digit" not in texts(at)
        assert "Epoch 1: <strong" in html(at) and ">0</strong> with &gt;99.9%" in html(at)
        # Within an epoch it is read again, and what comes after epoch 1 is never "epoch 1.0".
        for epoch, said in ((1.4, "1.4"), (1.0023, "1.002")):
            recorder = Recorder(run)
            recorder._begun -= 60.0  # reading may take a share of the time
            recorder.glance(epoch, Model())
            assert f"Epoch {said}: <strong" in html(at.run())


def test_the_replay_shows_each_epoch_and_a_damaged_one_is_missing(key):
    run = finished(run_store.create(Settings(epochs=2), key))
    recorder = Recorder(run)
    for epoch in (0, 1, 2):
        recorder.record(epoch, Model())
    at = open_tab(open_train(key), run, "Replay")
    slider = at.select_slider(key=f"replay_{run.id}")
    assert slider.options == ["0", "1", "2"] and slider.value == 0
    assert len(points_sent(at)[0]) == 0, "nothing is learnt yet"
    at.select_slider(key=f"replay_{run.id}").set_value(2).run()
    assert "After epoch 2" in texts(at) and "learning rate 0.001" in texts(at)
    assert len(points_sent(at)[0]) > 0
    assert 'aria-label="Confusion matrix after epoch 2' in html(at)
    (run.file("replay") / "epoch-001.npz").write_bytes(b"PK")
    again = open_tab(open_train(key), run, "Replay")
    assert again.select_slider(key=f"replay_{run.id}").options == ["0", "2"]
    assert "damaged" in texts(again)


def test_a_run_without_frames_says_so(key):
    run = finished(run_store.create(Settings(epochs=1), key))
    assert "no epochs to replay" in texts(open_tab(open_train(key), run, "Replay"))


def test_ten_thousand_points_are_sent_as_few_hundred_and_several_runs_as_no_more(key):
    other = finished(run_store.create(Settings(epochs=1), key, "other"))
    run = run_store.create(Settings(epochs=2), key, "long")
    with run.lock():
        started(run)
        path = run.file("events.jsonl")
        line = {"event": "batch", "time": 1.0, "epoch": 2, "batches": 10_000, "learning_rate": 0.001}
        values = np.random.default_rng(0).random(10_000)
        with path.open("a") as file:
            for n, value in enumerate(values, 1):
                point = {"batch": n, "step": n, "loss": value, "accuracy": 1 - value}
                file.write(json.dumps(line | point) + "\n")
        at = open_train(key)
        for table, high in zip(points_sent(at), (1, values.max()), strict=True):
            assert SHOWN_POINTS / 2 < len(table) <= SHOWN_POINTS + 2
            assert table["value"].max() == pytest.approx(high, abs=1e-3)
        for table in points_sent(at, "marks"):  # each of which is an element of the page
            assert sorted(table["series"]) == ["batches", "training", "validation"]
        at.multiselect(key=f"live_{run.id}_others").set_value([other.id]).run()
        for table in points_sent(at):
            assert len(table) <= SHOWN_POINTS + 4
            assert set(table["run"]) == {"long", "other"}


def test_a_logarithm_shows_the_share_that_is_wrong_and_has_no_zero():
    history = History(1, [(0.5, 0.5, 0.75, 0.1), (1.0, 0.0, 1.0, 0.1)])
    assert curves.table(history, "accuracy", log=True)["value"].tolist() == [0.25, 0.125]
    assert curves.table(history, "loss", log=True)["value"].tolist() == [0.5, 0.25]
    assert curves.chart("loss", ("a",), log=True)["layer"][0]["encoding"]["y"]["scale"]["type"] == "log"


def test_a_history_forgets_what_a_resumed_run_learns_again(key):
    run = run_store.create(Settings(epochs=3), key)
    started(run, epochs=2)
    before = History(3).read(run)
    run.append_event("resumed", epoch=1)
    history = before.read(run)
    assert [point[0] for point in history.points] == [0.1, 0.5, 1.0]
    assert [epoch["epoch"] for epoch in history.epochs] == [1]
    run.append_event("intervention", what="more epochs", epochs=4, epoch=1, step=10)
    assert history.read(run).epochs_asked == 5


def test_the_card_gives_the_command_and_says_what_it_does_not_repeat(key):
    run = finished(run_store.create(Settings(epochs=1, seed=3), key))
    at = open_tab(open_train(key), run, "Run card")
    assert "--seed 3" in at.code[-1].value and "nothing was changed on the way" in texts(at)
    run.append_event("intervention", what="learning rate", value=0.01, epoch=1, step=4)
    at.run()
    assert "repeats the plan, without the changes" in texts(at)
    assert "Learning rate set to 0.01" in at.table[0].value["What"].tolist()


def test_each_kind_of_intervention_is_told_in_words():
    for what in ("pause", "resume", "step", "stop"):
        assert run_card.in_words({"what": what})[0].isupper()
    assert run_card.in_words({"what": "more epochs", "epochs": 2}) == "2 more epochs"


def test_weights_become_one_picture_with_zero_in_the_middle_and_gaps_between():
    values = np.stack([np.full((3, 3), v) for v in (-1.0, 0.0, 2.0, np.nan)])
    grid = epoch_view.sprite(values, 2)
    assert grid.shape == (6, 4 * 6 + 3 * epoch_view.GAP)
    assert [int(grid[0, at]) for at in (0, 9, 18, 27, 6)] == [0, 127, 254, 127, 255]


def test_names_are_escaped_in_the_pages_html():
    assert epoch_view.said(0, ["<b>"]) == "&lt;b&gt;"
    assert epoch_view.said(10, ["0"] * 10) == epoch_view.NONE


def test_an_axis_of_accuracies_begins_where_the_end_of_the_run_can_be_seen():
    batches = pd.DataFrame({"epoch": np.linspace(0.1, 2, 20), "value": np.linspace(0.1, 0.995, 20)})
    first = batches.assign(series=curves.BATCHES)
    assert curves.zoomed(first) is None, "nothing has ended yet"
    ended = pd.DataFrame({"epoch": [1, 2], "value": [0.9862, 0.9905], "series": curves.VALIDATION})
    good = first.assign(value=first["value"].clip(lower=0.988))
    assert curves.zoomed(pd.concat([good, ended])) == (None, (0.985, 1.0))
    assert curves.zoomed(pd.concat([first, ended])) == (None, (0.4, 1.0)), "its batches stay in sight"
    low = ended.assign(value=0.15)
    assert curves.zoomed(pd.concat([first, low])) == (None, (0.0, 1.0))


def test_while_tensorflow_is_loaded_a_recorded_run_of_the_same_kind_is_shown(monkeypatch):
    monkeypatch.setattr(paths, "RECORDED", paths.MODELS / "recorded")
    for architecture, like in (("deeper-cnn", "simple-cnn"), ("mlp-128-128", "mlp")):
        visitor = run_store.new_key()
        run = run_store.create(Settings.for_architecture(architecture), visitor)
        with run.lock():
            run_state.mark_started(run)
            run.append_event("state", state="starting")
            at = open_train(visitor)
            assert "s so far." in at.get("progress")[0].proto.text
            assert f"same kind ({like}" in texts(at)
            started(run)
            assert "Meanwhile" not in texts(at.run())
