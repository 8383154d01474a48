"""The fit: it learns, reports, repeats itself, and ends when asked."""

from dataclasses import replace

import numpy as np
import pytest

from digitcore import datasets, files
from digitcore.errors import RunError
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import requests
from digitcore.runs import store as run_store
from digitcore.training import control, learning_rate
from digitcore.training.control import Control, RunControl
from tests import lazily

keras = lazily.Module("keras")
batches = lazily.Module("digitcore.training.batches")
training_fit = lazily.Module("digitcore.training.fit")

TINY = Settings(architecture="mlp-128", epochs=2, n_train=600, batch_size=50, seed=1)


@pytest.fixture(scope="module", autouse=True)
def small_validation():
    """500 of the 5,000 validation digits: enough to see that something was learnt."""
    whole = datasets.load

    def load(name, part, n_train=None):
        images, labels = whole(name, part, n_train)
        assert part != "test", "a fit never reads the test digits"
        return (images[:500], labels[:500]) if part == "validation" else (images, labels)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training_fit.datasets, "load", load)
        yield


class Stopping(Control):
    """A control that is asked to stop once `should_stop` says so."""

    def __init__(self, settings, should_stop):
        super().__init__(settings)
        self.should_stop = should_stop

    def obey(self, epoch, step, at_once=False):
        self.stopped = self.stopped or self.should_stop()
        return self.stopped


def fit(settings, should_stop=lambda: False):
    events = []
    stopping = Stopping(settings, should_stop)
    fitted = training_fit.fit(settings, lambda event, **values: events.append((event, values)), stopping)
    return fitted, events


def epochs(events):
    return [values for event, values in events if event == "epoch"]


def without_seconds(events):
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in epochs(events)]


@pytest.fixture(scope="module")
def tiny():
    """A fit of TINY, and its events."""
    return fit(TINY)


def test_a_network_learns_from_600_digits(tiny):
    fitted, events = tiny
    first, last = epochs(events)
    assert last["val_loss"] < first["val_loss"]
    assert last["val_accuracy"] > 0.6
    assert (fitted.epochs_run, fitted.stopped) == (2, False)


# (Networks with everything that could differ stand below, where one of two fits is killed on its way.)
def test_the_same_seed_gives_the_same_numbers_and_the_same_weights(tiny):
    first, first_events = tiny
    second, second_events = fit(TINY)
    assert without_seconds(first_events) == without_seconds(second_events)
    for a, b in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        assert (a == b).all()


def test_another_seed_gives_other_numbers(tiny):
    assert without_seconds(tiny[1]) != without_seconds(fit(replace(TINY, seed=2))[1])


def test_both_losses_give_the_same_fit(tiny):
    sparse, one_hot = tiny[1], fit(replace(TINY, loss="one-hot"))[1]
    for a, b in zip(epochs(sparse), epochs(one_hot), strict=True):
        assert a["val_loss"] == pytest.approx(b["val_loss"], rel=1e-4)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop"])  # and adam in the others
def test_every_optimizer_learns(optimizer):
    rate = 0.05 if optimizer == "sgd" else 0.001
    _, events = fit(replace(TINY, optimizer=optimizer, learning_rate=rate))
    assert epochs(events)[-1]["val_accuracy"] > 0.5


def test_the_schedule_reaches_the_optimizer():
    fitted, events = fit(replace(TINY, schedule="cosine"))
    assert float(fitted.model.optimizer.learning_rate) == pytest.approx(0.0, abs=1e-9)
    assert epochs(events)[-1]["learning_rate"] == pytest.approx(0.0, abs=1e-9)


def test_reports_between_epochs_are_means_since_the_last_report(monkeypatch):
    monkeypatch.setattr("digitcore.training.reporting.REPORT_SECONDS", 0.0)
    _, events = fit(replace(TINY, epochs=1))
    steps = [values for event, values in events if event == "batch"]
    assert [values["step"] for values in steps] == list(range(1, 13))
    mean = np.mean([values["loss"] for values in steps])
    assert mean == pytest.approx(epochs(events)[0]["loss"], rel=1e-4)


def test_a_stop_within_the_first_epoch_keeps_what_was_learnt_by_then():
    answers = iter([False] * 4)  # asked before the epoch and after each batch
    fitted, events = fit(TINY, lambda: next(answers, True))
    assert (fitted.stopped, fitted.epochs_run, fitted.best_epoch) == (True, 0, 0)
    assert int(fitted.model.optimizer.iterations) == 4
    assert epochs(events) == []


def test_a_stop_in_a_later_epoch_keeps_the_best_one(monkeypatch):
    stop = []
    events = []

    def report(event, **values):
        events.append((event, values))
        if event == "epoch":
            stop.append(True)
            best.append([w.copy() for w in model_of_the_fit[0].get_weights()])

    best, model_of_the_fit = [], []
    build = training_fit.architectures.build
    monkeypatch.setattr(
        training_fit.architectures,
        "build",
        lambda s: model_of_the_fit.append(build(s)) or model_of_the_fit[0],
    )
    stopping = Stopping(replace(TINY, epochs=9), lambda: bool(stop))
    fitted = training_fit.fit(replace(TINY, epochs=9), report, stopping)
    assert (fitted.stopped, fitted.epochs_run, fitted.best_epoch) == (True, 1, 1)
    for kept, then in zip(fitted.model.get_weights(), best[0], strict=True):
        assert (kept == then).all()


def test_early_stopping_ends_the_fit_and_says_so():
    # A learning rate this high only stumbles about: soon no epoch is better than the best one.
    settings = replace(TINY, epochs=20, learning_rate=1.0, optimizer="sgd", n_train=100, early_stopping=2)
    fitted, events = fit(settings)
    assert fitted.epochs_run < 20
    assert fitted.epochs_run == fitted.best_epoch + 2
    assert any(event == "message" and "Early stopping" in values["text"] for event, values in events)


def test_dropout_of_an_epoch_depends_on_seed_and_epoch_alone():
    model = training_fit.architectures.build(Settings.for_architecture("cnn"))
    dropout = [layer for layer in model.layers if layer.name.startswith("dropout")]

    def states(seed, epoch):
        training_fit._reseed_dropout(model, seed, epoch)
        return [tuple(layer.seed_generator.state.numpy()) for layer in dropout]

    first = states(1, 1)
    assert len(set(first)) == len(dropout) == 2
    assert states(1, 2) != first and states(2, 1) != first
    assert states(1, 1) == first


DIVERGING = Settings(
    architecture="custom", depth=5, width=256, optimizer="sgd", learning_rate=1.0, n_train=2000, epochs=3
)


def test_a_fit_whose_loss_diverges_ends_with_a_sentence_and_shows_no_loss_of_zero():
    events = []
    with pytest.raises(
        RunError, match="In epoch 1 the loss grew beyond all numbers: a learning rate smaller than 1"
    ):
        training_fit.fit(DIVERGING, lambda event, **values: events.append((event, values)))
    assert epochs(events) == []
    assert all(values["loss"] > 0 for event, values in events if event == "batch")


def test_the_epochs_before_a_loss_diverges_are_kept(monkeypatch):
    monkeypatch.setattr(learning_rate, "scheduled", lambda s, step: 0.01 if step < s.steps_per_epoch else 1e6)
    fitted, events = fit(replace(TINY, optimizer="sgd", schedule="cosine", epochs=4))
    assert (fitted.epochs_run, fitted.best_epoch, fitted.stopped) == (1, 1, False)
    assert events[-1][0] == "message"
    assert "Epoch 1 is kept." in events[-1][1]["text"]
    assert all(np.isfinite(weights).all() for weights in fitted.model.get_weights())


class Killed(Exception):
    """What stands for the end of a process, in the middle of a fit."""


def fit_of(run, until=lambda event, values: False):
    """Fit what a run's folder says, as the trainer does, and be killed at the first event that says so."""

    def report(event, **values):
        run.append_event(event, **values)
        if until(event, values):
            raise Killed

    return training_fit.fit(run.settings, report, RunControl(run, report))


# One of everything that could differ after a crash: moments, dropout, moving averages, order, augmentation,
# teachers. (That the best epoch is kept, not the mean of all, is in test_crashes.py.)
EVERYTHING = Settings.for_architecture(
    "digitnet-nano",
    **{"epochs": 3, "n_train": 200, "batch_size": 40, "seed": 3, "dropout": 0.3, "negatives": 0.1},
    **{"loss": "one-hot", "distil": 0.5, "smoothing": 0.1, "averaged": 0.8},
    **{"plain": 0.3, "mild": 0.3, "drawn": 0.1},
)


def test_a_fit_that_was_killed_continues_to_the_same_numbers_and_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("digitcore.training.reporting.REPORT_SECONDS", 0.0)
    monkeypatch.setattr(control, "LOOK_SECONDS", 0.0)
    whole, killed = (run_store.create_at(tmp_path / name, EVERYTHING) for name in ("whole", "killed"))

    def another_rate_is_asked_for(run, event, values):
        if event == "batch" and values["step"] == 6:
            requests.learning_rate(run, 0.001)

    def within_the_second_validation(event, values):
        another_rate_is_asked_for(killed, event, values)
        return event == "validation" and values["epoch"] == 2

    expected = fit_of(whole, lambda *event: another_rate_is_asked_for(whole, *event))
    with pytest.raises(Killed):
        fit_of(killed, within_the_second_validation)
    killed.append_event("resumed", epoch=1)
    fitted = fit_of(killed)
    assert (fitted.best_epoch, fitted.epochs_run) == (expected.best_epoch, expected.epochs_run)
    for mine, theirs in zip(fitted.model.get_weights(), expected.model.get_weights(), strict=True):
        assert (mine == theirs).all()
    assert curves(killed) == curves(whole)
    rates = [event["learning_rate"] for event in curves(whole) if event["event"] == "batch"]
    assert rates[7] == 0.001 and len(rates) == 15


def curves(run):
    """What a run says of its learning, but for when and how long."""
    return [
        event | {"time": 0, "seconds": 0}
        for event in run.learning_events()
        if event["event"] in ("epoch", "batch")
    ]


def test_a_finished_fit_learns_further_epochs_as_if_it_had_been_asked_at_once(tmp_path):
    at_once = run_store.create_at(tmp_path / "at-once", replace(TINY, epochs=3))
    in_two = run_store.create_at(tmp_path / "in-two", TINY)
    expected = fit_of(at_once)
    first = fit_of(in_two)
    card = {"stopped": False, "epochs_run": first.epochs_run}
    files.write_json(in_two.file("card.json"), card)
    in_two.append_event("state", state="finished")
    requests.more_epochs(in_two, 1)
    fitted = fit_of(in_two)
    assert fitted.epochs_run == 3
    for mine, theirs in zip(fitted.model.get_weights(), expected.model.get_weights(), strict=True):
        assert (mine == theirs).all()


def test_averaged_weights_are_kept_after_the_last_epoch_and_are_what_validation_measures(tiny):
    fitted, events = fit(replace(TINY, averaged=0.95))
    assert fitted.best_epoch == fitted.epochs_run == 2
    images, labels = datasets.load("mnist", "validation")
    pictures = batches.to_network(images[:500])
    right = (fitted.model.predict(pictures, verbose=0).argmax(1) == labels[:500]).mean()
    assert right == pytest.approx(epochs(events)[-1]["val_accuracy"], abs=1e-6)
    plain, _ = tiny
    assert any(
        (mine != theirs).any()
        for mine, theirs in zip(fitted.model.get_weights(), plain.model.get_weights(), strict=True)
    )


def test_a_fit_can_begin_with_the_weights_that_ship():
    """One step at a tiny rate leaves the shipped network's accuracy."""
    settings = Settings(
        architecture="simple-cnn", start="shipped", epochs=1, n_train=100, batch_size=100, learning_rate=1e-5
    )
    fitted, events = fit(settings)
    assert epochs(events)[0]["val_accuracy"] > 0.97
    assert (
        fitted.start["start"]["sha256"]
        == model_store.card("simple-cnn")["files"]["simple-cnn.keras"]["sha256"]
    )


def test_the_share_of_shipped_weights_that_is_kept_lies_between_before_and_after():
    settings = Settings(architecture="simple-cnn", start="shipped", epochs=1, n_train=200, batch_size=50)
    after, _ = fit(settings)
    kept, _ = fit(replace(settings, kept=0.75))
    before = keras.models.load_model(model_store.files("simple-cnn")["model.keras"], compile=False)
    for mean, old, new in zip(
        kept.model.get_weights(), before.get_weights(), after.model.get_weights(), strict=True
    ):
        assert np.allclose(mean, 0.75 * old + 0.25 * new, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(architecture="custom", start="shipped"), "no custom ships"),
        (Settings(architecture="simple-cnn", start="shipped", negatives=0.1), "other layers or outputs"),
    ],
)
def test_a_fit_that_cannot_begin_with_shipped_weights_says_why(settings, said):
    with pytest.raises(RunError, match=said):
        fit(replace(settings, n_train=100))


@pytest.mark.parametrize("loss", ["sparse", "one-hot"])
def test_unchanged_pictures_come_in_the_same_batches_as_changed_ones(loss):
    settings = replace(TINY, n_train=130, loss=loss)
    changes = batches.Changes(*datasets.load("mnist", "train", 130), settings)
    targets = batches.Targets(loss, 10)
    assert not changes.any
    straight = list(batches.of_epoch(targets, changes, settings, epoch=2))
    changes.any = True  # the way of those that are changed, though nothing is
    for (x, y), (x_changed, y_changed) in zip(
        straight, batches.of_epoch(targets, changes, settings, epoch=2), strict=True
    ):
        assert np.array_equal(x, x_changed)
        assert np.array_equal(y, y_changed) and y.dtype == y_changed.dtype
    assert [x.shape for x, _ in straight] == [(50, 28, 28, 1), (50, 28, 28, 1), (30, 28, 28, 1)]


@pytest.mark.parametrize("changed", [False, True])
def test_no_thread_that_tunes_the_pipeline_is_waited_for_at_an_epochs_end(changed):
    settings = replace(TINY, n_train=130, rotation=5.0 if changed else 0.0)
    changes = batches.Changes(*datasets.load("mnist", "train", 130), settings)
    data = batches.of_epoch(batches.Targets("sparse", 10), changes, settings, epoch=1)
    assert data.options().autotune.enabled is False


def test_a_small_network_learns_from_several_batches_in_one_call_and_a_large_one_from_one():
    assert batches.at_once(Settings.for_architecture("sprint")) == batches.MOST_AT_ONCE
    assert batches.at_once(Settings.for_architecture("digitnet")) == 1
    assert batches.at_once(TINY) == 1  # or an epoch would have no progress to show
    longer = replace(TINY, n_train=3 * batches.LEAST_CALLS * TINY.batch_size)
    assert batches.at_once(longer) == 3


def test_several_batches_in_one_call_teach_what_they_teach_one_by_one(monkeypatch):
    monkeypatch.setattr("digitcore.training.reporting.REPORT_SECONDS", 0.0)
    settings = replace(TINY, epochs=2, dropout=0.2)
    one_by_one, _ = fit(settings)
    monkeypatch.setattr("digitcore.training.batches.at_once", lambda settings: 5)
    together, events = fit(settings)
    # An epoch has 12 batches: its last call has two, and an epoch never learns from those of the next.
    steps = [values["step"] for event, values in events if event == "batch"]
    assert steps == [5, 10, 12, 17, 22, 24]
    assert int(together.model.optimizer.iterations) == 24
    for mine, theirs in zip(together.model.get_weights(), one_by_one.model.get_weights(), strict=True):
        assert np.allclose(mine, theirs, atol=1e-6)


def test_smoothed_targets_share_what_is_spread_among_all_outputs():
    targets = batches.Targets("one-hot", 4, smoothing=0.2)
    assert targets(np.array([2])) == pytest.approx(np.array([[0.05, 0.05, 0.85, 0.05]]))
    taught = np.array([[0.5, 0.5, 0.0, 0.0]], np.float32)
    assert targets(taught) == pytest.approx(np.array([[0.45, 0.45, 0.05, 0.05]]))
    assert targets(taught).dtype == targets(np.array([2])).dtype == np.float32


def test_the_loss_on_validation_digits_is_that_of_their_labels_also_if_targets_are_smoothed():
    fitted, events = fit(replace(TINY, loss="one-hot", smoothing=0.2))
    images, labels = training_fit.datasets.load("mnist", "validation")
    answers = np.asarray(fitted.model(batches.to_network(images)))
    loss = -np.log(answers[np.arange(len(labels)), labels]).mean()
    assert loss == pytest.approx(epochs(events)[fitted.best_epoch - 1]["val_loss"], rel=1e-4)
    # No network can be nearer to its targets than their entropy.
    assert epochs(events)[-1]["loss"] > -(0.82 * np.log(0.82) + 9 * 0.02 * np.log(0.02))


def messages(events):
    return [values["text"] for event, values in events if event == "message"]


def test_a_fit_ends_at_the_accuracy_that_is_asked_for_and_says_so():
    fitted, events = fit(replace(TINY, epochs=5, stop_at_accuracy=50.0))
    reached = epochs(events)[-1]
    assert reached["epoch"] < 5 and reached["val_accuracy"] >= 0.5
    assert all(epoch["val_accuracy"] < 0.5 for epoch in epochs(events)[:-1])
    assert fitted.ended["by"] == "stop_at_accuracy" and not fitted.stopped
    assert messages(events) == [fitted.ended["text"]]
    assert f"Ended after epoch {reached['epoch']} as asked" in fitted.ended["text"]


def test_a_fit_ends_at_the_time_that_is_asked_for_within_an_epoch():
    fitted, events = fit(replace(TINY, epochs=60, stop_after=1e-5))
    assert (fitted.epochs_run, fitted.best_epoch, fitted.stopped) == (0, 0, False)
    assert fitted.ended["text"] == messages(events)[0]
    assert "Ended after 1e-05 minutes of training as asked; what it had learnt by then" in messages(events)[0]


def test_a_run_that_goes_on_learns_its_further_epochs_whatever_it_ended_by(tmp_path):
    settings = replace(TINY, epochs=2, stop_at_accuracy=1.0)
    run = run_store.create_at(tmp_path / "run", settings)
    first = training_fit.fit(settings, run.append_event, RunControl(run, run.append_event))
    assert first.epochs_run == 1
    more = {"epochs": 2, "from": 1, "until": 3, "asked": 1.0}
    files.write_json(run.file("more-epochs"), more)
    again = training_fit.fit(settings, run.append_event, RunControl(run, run.append_event))
    assert again.epochs_run == 3 and again.ended is None


def test_a_fit_that_learns_nothing_says_so():
    fitted, events = fit(replace(TINY, architecture="custom", depth=4, width=8, epochs=1, learning_rate=1.0))
    assert fitted.best_epoch == 1 and epochs(events)[0]["val_accuracy"] < 0.2
    assert messages(events)[0].startswith("It has learnt nothing: ")
    assert messages(events)[0].endswith("A learning rate other than 1 may help.")


def test_a_fit_that_learns_says_nothing(tiny):
    assert messages(tiny[1]) == []
