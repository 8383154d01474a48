"""What people ask of a running fit: obeyed, reported, and the same after a crash. TensorFlow is not
loaded."""

import json
import os

import numpy as np
import pytest

from digitcore import files
from digitcore.__main__ import main
from digitcore.errors import RunError, SettingsError
from digitcore.networks.settings import Settings
from digitcore.runs import requests, run_folder
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.training import checkpoint, control, trainer
from digitcore.training.checkpoint import Checkpoint
from digitcore.training.control import RunControl
from digitcore.training.learning_rate import LearningRate, scheduled

SETTINGS = Settings(architecture="mlp-128", epochs=4, n_train=100, batch_size=8)  # 13 steps an epoch


@pytest.fixture
def run(tmp_path):
    return run_store.create_at(tmp_path / "run", SETTINGS)


@pytest.fixture
def obeying(run):
    """A control that looks at every batch."""
    return watched(run)


def watched(run):
    made = RunControl(run, run.append_event)
    look = made.obey
    made.obey = lambda epoch, step: look(epoch, step, at_once=True)
    return made


def while_waiting(monkeypatch, *acts):
    """Call one of these each time the paused trainer sleeps."""
    waiting = iter(acts)
    monkeypatch.setattr(control.time, "sleep", lambda seconds: next(waiting)())


def done(run):
    return [(event["what"], event["epoch"], event["step"]) for event in run.interventions()]


def states(run):
    return [event["state"] for event in run.events() if event["event"] == "state"]


def test_a_fit_without_a_run_folder_writes_nothing(run, obeying):
    assert not any(obeying.obey(1, step) for step in range(5))
    assert run.events() == []


def test_a_paused_fit_waits_until_it_is_resumed(run, obeying, monkeypatch):
    requests.pause(run)
    while_waiting(monkeypatch, lambda: None, lambda: None, lambda: requests.resume(run))
    assert obeying.obey(1, 3) is False
    assert done(run) == [("pause", 1, 3), ("resume", 1, 3)]
    assert states(run) == ["paused", "running"]
    assert obeying.paused_seconds > 0


def test_a_paused_fit_can_be_stopped(run, obeying, monkeypatch):
    requests.pause(run)
    while_waiting(monkeypatch, lambda: requests.stop(run))
    assert obeying.obey(2, 15) is True
    assert done(run) == [("pause", 2, 15), ("stop", 2, 15)]
    assert obeying.obey(2, 16) is True
    assert len(done(run)) == 2, "said once"


def test_a_step_learns_to_the_end_of_the_epoch_and_waits_there(run, obeying, monkeypatch):
    requests.pause(run)
    while_waiting(monkeypatch, lambda: requests.step(run), lambda: requests.resume(run))
    assert not obeying.obey(1, 3)
    assert states(run) == ["paused", "running"]
    assert not obeying.obey(1, 9), "nothing to wait for within the epoch"
    obeying.keep(reached(epoch=1))
    assert not obeying.obey(2, 13)
    assert done(run) == [("pause", 1, 3), ("step", 1, 3), ("resume", 2, 13)]
    assert states(run) == ["paused", "running", "paused", "running"]


def test_a_running_fit_that_is_asked_for_a_step_pauses_after_its_epoch(run, obeying, monkeypatch):
    requests.step(run)
    assert not obeying.obey(1, 3)
    assert states(run) == []
    obeying.keep(reached(epoch=1))
    while_waiting(monkeypatch, lambda: requests.resume(run))
    obeying.obey(2, 13)
    assert states(run) == ["paused", "running"]


def test_a_step_can_be_cut_short_by_a_pause(run, obeying, monkeypatch):
    requests.step(run)
    obeying.obey(1, 3)
    requests.pause(run)
    while_waiting(monkeypatch, lambda: requests.resume(run))
    obeying.obey(1, 5)
    assert done(run) == [("step", 1, 3), ("pause", 1, 5), ("resume", 1, 5)]


def test_a_trainer_that_continues_a_paused_run_waits_and_reports_no_second_pause(run, obeying, monkeypatch):
    requests.pause(run)
    monkeypatch.setattr(control.time, "sleep", killed)
    with pytest.raises(InterruptedError):
        obeying.obey(1, 3)
    while_waiting(monkeypatch, lambda: requests.resume(run))
    watched(run).obey(1, 0)
    assert done(run) == [("pause", 1, 3), ("resume", 1, 0)]


def killed(_seconds):
    raise InterruptedError


def test_another_learning_rate_applies_from_the_next_batch_on_and_is_reported_once(run, obeying):
    requests.learning_rate(run, 0.01)
    for step in (5, 6, 7):
        assert not obeying.obey(1, step)
    assert [obeying.rate.at(step) for step in (4, 5, 40)] == [0.001, 0.01, 0.01]
    (event,) = run.interventions()
    assert (event["what"], event["value"], event["step"]) == ("learning rate", 0.01, 5)


def test_after_a_crash_each_learning_rate_applies_from_the_same_step_as_before(run, obeying):
    requests.learning_rate(run, 0.01)
    obeying.obey(1, 5)
    requests.learning_rate(run, 0.02)
    obeying.obey(2, 15)
    resumed = watched(run)
    resumed.obey(2, 13)
    assert [resumed.rate.at(step) for step in (4, 5, 14, 15)] == [0.001, 0.01, 0.01, 0.02]
    assert len(run.interventions()) == 2


def test_a_request_after_a_crash_overrides_what_would_have_come_later(run, obeying):
    requests.learning_rate(run, 0.01)
    obeying.obey(2, 20)
    resumed = watched(run)
    requests.learning_rate(run, 0.5)
    resumed.obey(2, 14)
    assert resumed.rate.at(30) == 0.5
    assert watched(run).rate.at(30) == 0.5


@pytest.mark.parametrize("value", [0.0, 2.0, float("nan"), "fast", None, True])
def test_an_impossible_learning_rate_is_refused_and_changes_nothing(run, value):
    with pytest.raises(SettingsError, match="learning_rate must be"):
        requests.learning_rate(run, value)
    assert run.requested_learning_rate() is None


def test_a_schedule_keeps_its_shape_from_a_rate_that_was_asked_for():
    settings = Settings(**{**SETTINGS.to_dict(), "schedule": "cosine"})
    rate = LearningRate(settings)
    before = [rate.at(step) for step in range(52)]
    rate.ask(20, 0.01)
    assert [rate.at(step) for step in range(20)] == before[:20]
    assert rate.at(20) == 0.01
    for step in range(20, 52):
        assert rate.at(step) == pytest.approx(before[step] * 0.01 / before[20])
    assert rate.at(51) == 0.0


def test_a_rate_asked_for_when_a_schedule_has_reached_0_simply_applies():
    rate = LearningRate(Settings(**{**SETTINGS.to_dict(), "schedule": "cosine"}))
    rate.ask(51, 0.01)
    assert rate.at(51) == 0.01


def test_a_scaled_schedule_stays_within_the_allowed_rates():
    rate = LearningRate(Settings(**{**SETTINGS.to_dict(), "schedule": "one-cycle"}))
    rate.ask(0, 1.0)
    assert max(rate.at(step) for step in range(52)) == 1.0


def test_further_epochs_keep_a_constant_rate_as_it_was():
    rate = LearningRate(SETTINGS, [{"from": 4, "until": 6}])
    rate.ask(30, 0.005)
    assert rate.at(51) == rate.at(52) == rate.at(77) == 0.005


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_further_epochs_of_a_schedule_begin_low_and_fall_to_0(schedule):
    rate = LearningRate(Settings(**{**SETTINGS.to_dict(), "schedule": schedule}), [{"from": 4, "until": 6}])
    rate.ask(50, 0.001)  # near the end: the factor is huge, and ends with the schedule
    further = [rate.at(step) for step in range(52, 78)]
    assert further[0] == pytest.approx(0.05 * 0.001)
    assert further[-1] == pytest.approx(0.0, abs=1e-12)
    assert further == sorted(further, reverse=True)


def test_a_run_that_was_stopped_early_first_continues_its_own_schedule():
    settings = Settings(**{**SETTINGS.to_dict(), "schedule": "cosine"})
    rate = LearningRate(settings, [{"from": 2, "until": 6}])
    assert [rate.at(step) for step in range(52)] == [scheduled(settings, step) for step in range(52)]
    assert rate.at(52) == pytest.approx(0.05 * 0.001)


def reached(epoch=2, best_epoch=1):
    rng = np.random.default_rng(epoch)
    weights = [rng.normal(size=(3, 2)).astype(np.float32), np.zeros(2, np.float32)]
    best = weights if best_epoch == epoch else [weight + 1 for weight in weights]
    moments = [np.array(7, np.int64), np.array(0.001, np.float32), *weights]
    return Checkpoint(epoch, 1.5, weights, moments, best_epoch, (0.9, -0.3), best)


@pytest.mark.parametrize("best_epoch", [1, 2], ids=["the best epoch is past", "the best epoch is this one"])
def test_a_checkpoint_is_read_as_it_was_written(tmp_path, best_epoch):
    written = reached(best_epoch=best_epoch)
    written.write(tmp_path / "checkpoint.npz")
    read = checkpoint.read(tmp_path / "checkpoint.npz")
    for name in ("weights", "optimizer", "best_weights"):
        for mine, theirs in zip(getattr(written, name), getattr(read, name), strict=True):
            assert mine.dtype == theirs.dtype and (mine == theirs).all()
    assert (read.epoch, read.best_epoch, read.best_score, read.seconds) == (2, best_epoch, (0.9, -0.3), 1.5)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_writer_that_was_killed_leaves_the_previous_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    reached(epoch=2).write(path)
    monkeypatch.setattr(files.os, "fsync", killed)
    with pytest.raises(InterruptedError):
        reached(epoch=3).write(path)
    assert checkpoint.read(path).epoch == 2


def test_a_damaged_checkpoint_is_one_sentence_and_a_missing_one_is_none(tmp_path):
    path = tmp_path / "checkpoint.npz"
    assert checkpoint.read(path) is None
    reached().write(path)
    whole = path.read_bytes()
    for damaged in (b"", b"PK", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=r"checkpoint\.npz is damaged"):
            checkpoint.read(path)


def test_the_best_epoch_has_the_most_digits_right_and_of_equal_ones_the_lowest_loss():
    scores = [(0.8, -0.5), (0.9, -0.4), (0.9, -0.3), (0.85, -0.1)]
    now = Checkpoint(0, 0.0, [np.zeros(1)], [])
    for number, score in enumerate(scores, 1):
        now = now.after(score, 1.0, [np.full(1, number)], [])
    assert (now.epoch, now.best_epoch, now.best_weights[0][0], now.weights[0][0]) == (4, 3, 3, 4)


def complete(run, **card):
    """A run that has ended with a model."""
    run_state.mark_started(run)
    run.append_event("state", state="finished")
    reached(epoch=4).write(run.file("checkpoint.npz"))
    files.write_json(run.file("card.json"), {"stopped": False, "epochs_run": 4} | card)


def test_a_finished_run_continues_for_more_epochs_and_early_stopping_counts_from_there(run):
    complete(run)
    requests.stop(run)
    requests.more_epochs(run, 3)
    assert not run.stop_requested(), "the old stop is not meant for the new epochs"
    going_on = RunControl(run, run.append_event)
    assert (going_on.epochs, going_on.continued_from) == (7, 4)
    assert going_on.checkpoint().epoch == 4
    assert [(e["what"], e["epochs"], e["epoch"]) for e in run.interventions()] == [("more epochs", 3, 4)]
    RunControl(run, run.append_event)
    assert len(run.interventions()) == 1, "said once, also after a crash"


def test_more_epochs_are_done_when_the_card_has_them(run):
    complete(run)
    requests.more_epochs(run, 3)
    state = run_state.of(run)
    assert run_state.waits_for_trainer(run) and state.name == "queued" and state.has_model
    files.write_json(
        run.file("card.json"), {"stopped": False, "epochs_run": 7, "more_epochs": run.all_more_epochs()}
    )
    assert run_state.of(run).name == "finished" and not run_state.waits_for_trainer(run)
    requests.more_epochs(run, 2)
    assert [(more["from"], more["until"]) for more in run.all_more_epochs()] == [(4, 7), (7, 9)]


def test_only_a_run_that_has_ended_with_a_model_and_a_checkpoint_learns_more_epochs(run):
    with pytest.raises(RunError, match="Only a run that has ended with a model"):
        requests.more_epochs(run, 3)
    complete(run)
    for epochs in (0, -1, 61, 1.5, True):
        with pytest.raises(SettingsError, match="number of further epochs must be"):
            requests.more_epochs(run, epochs)
    run.file("checkpoint.npz").unlink()
    with pytest.raises(RunError, match="no checkpoint"):
        requests.more_epochs(run, 3)
    assert json.loads(run.file("card.json").read_text())["epochs_run"] == 4


@pytest.mark.parametrize("what", ["pause", "resume", "step"])
def test_a_run_that_is_over_cannot_be_controlled(run, what):
    complete(run)
    with pytest.raises(RunError, match=r"cannot be .* any more: Finished"):
        getattr(requests, what)(run)
    with pytest.raises(RunError, match="recording"):
        getattr(requests, what)(run_folder.Run(run.folder, recorded=True))


def command(*words):
    return main([str(word) for word in words])


def test_a_run_is_controlled_from_the_command_line(run, capsys):
    for words in (("pause",), ("step",), ("learning-rate", 0.01), ("resume",), ("stop",)):
        assert command("control", run.folder, *words) == 0
        assert "Asked." in capsys.readouterr().out
    assert run.requested_learning_rate()["value"] == 0.01
    assert run.stop_requested() and not run.paused()


def test_a_control_that_is_impossible_is_one_sentence_on_the_command_line(run, capsys, tmp_path):
    assert command("control", run.folder, "learning-rate", 7) == 2
    assert "learning_rate must be between" in capsys.readouterr().err
    assert command("control", tmp_path / "nowhere", "pause") == 1
    assert "no readable settings.json" in capsys.readouterr().err
    assert command("train", "--more-epochs", 2) == 1
    assert "--run FOLDER" in capsys.readouterr().err
    complete(run)
    assert command("control", run.folder, "pause") == 1
    assert command("train", "--run", run.folder) == 1
    assert "is over" in capsys.readouterr().err


def test_a_run_paused_for_long_gives_up_its_place_and_waits_for_one_when_it_is_resumed(
    run, obeying, monkeypatch
):
    monkeypatch.setattr(control, "patience_seconds", 0.0)
    run_state.mark_started(run)
    requests.pause(run)
    with pytest.raises(control.Released):
        obeying.obey(2, 20)
    run.append_event("state", state=run_state.RELEASED)  # as the trainer says when it leaves
    state = run_state.of(run)
    assert state.name == "paused" and state.active and not state.training
    assert not run_state.waits_for_trainer(run)
    requests.resume(run)
    assert run_state.waits_for_trainer(run) and run_state.of(run).name == "queued"
    requests.pause(run)
    requests.stop(run)
    assert run_state.waits_for_trainer(run), "its best epoch is still to become a model"


def test_a_full_disk_leaves_a_run_resumable_and_not_failed(run, monkeypatch):
    reached(epoch=1).write(run.file("checkpoint.npz"))
    run.append_event("state", state="running")
    files.write_json(run.file("relaunches"), 2)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(trainer._Trainer, "run_to_the_end", full)
    with pytest.raises(RunError, match="disk is full; the run will continue from its last epoch"):
        trainer.train(run)
    os.utime(run.file("started"), (1, 1))
    assert run.last_state() == "running" and run.relaunches() == 0
    assert run_state.of(run).name == "queued" and run_state.waits_for_trainer(run)
