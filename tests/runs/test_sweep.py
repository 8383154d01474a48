"""A sweep: a grid of settings becomes runs in the common queue, a table, and a best run."""

import io

import pytest

from digitcore import __main__ as command_line
from digitcore import backends, files, limits
from digitcore.commands import sweep as command
from digitcore.errors import RunError, SettingsError
from digitcore.runs import queue as run_queue
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs import sweep
from tests.runs import saying

RATES = (0.001, 0.003)


class Instantly:
    """A back end whose trainers finish at once; the validation accuracy, in percent, is half of the learning
    rate's thousandths."""

    def __init__(self, places=1):
        self.launched = []
        self._places = places

    def places(self):
        return self._places

    def check(self, settings):
        pass

    def alive(self, run):
        return None

    def ended(self):
        return []

    def launch(self, run):
        self.launched.append(run.settings)
        run_state.mark_started(run)
        accuracy = run.settings.learning_rate * 500 / 100
        for epoch in range(1, run.settings.epochs + 1):
            best = epoch == 1
            scores = {"val_accuracy": accuracy - 0.001 * epoch, "val_loss": 1.0, "seconds": 1.5, "best": best}
            saying.epoch(run, epoch, **scores)
        run.append_event("state", state="finished")
        card = {"stopped": False, "test": {"accuracy": accuracy}, "epochs_run": run.settings.epochs}
        files.write_json(run.file("card.json"), card)


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DIGITLAB_HOST", "laptop")


def grid():
    return sweep.plan("mlp-128", {"learning_rate": RATES, "epochs": (1, 2)}, n_train=500)


def test_a_typed_grid_has_values_of_the_settings_own_type():
    typed = sweep.parse(["learning-rate=0.001, 3e-3", "epochs=1,2", "optimizer=adam,sgd"])
    assert typed == {"learning_rate": (0.001, 0.003), "epochs": (1, 2), "optimizer": ("adam", "sgd")}


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["epochs"], r"Expected a setting and its values, like epochs=1,2; got 'epochs'\."),
        (["colour=red"], r"Settings are .*; got 'colour'\."),
        (["epochs=1,two"], r"epochs must be a whole number, got 'two'\."),
        (["epochs="], r"epochs must be a whole number, got ''\."),
        (["epochs=1", "epochs=2"], r"epochs is given twice"),
    ],
)
def test_a_mistyped_grid_is_one_sentence(texts, sentence):
    with pytest.raises(SettingsError, match=sentence):
        sweep.parse(texts)


def test_every_point_of_the_grid_is_the_networks_recipe_with_its_values_and_occurs_once():
    planned = sweep.plan("mlp-128", {"learning_rate": (0.001, 0.003, 0.001), "epochs": (1, 2)}, n_train=500)
    assert [(each.learning_rate, each.epochs) for each in planned] == [
        (rate, epochs) for rate in RATES for epochs in (1, 2)
    ]
    assert {(each.architecture, each.batch_size, each.n_train) for each in planned} == {("mlp-128", 32, 500)}
    networks = sweep.plan("mlp-128", {"architecture": ("mlp-128", "cnn")})
    assert [each.architecture for each in networks] == ["mlp-128", "cnn"]


def test_one_impossible_value_or_too_many_runs_refuse_the_whole_grid():
    with pytest.raises(SettingsError, match=r"dropout must be between 0 and 0.8, got 0.9\."):
        sweep.plan("mlp-128", {"dropout": (0.1, 0.9)})
    with pytest.raises(SettingsError, match=r"at most 20 runs here; these values make 11 × 3 = 33\."):
        sweep.plan("mlp-128", {"seed": range(11), "epochs": (1, 2, 3)})
    with pytest.raises(SettingsError, match="varies at least one setting"):
        sweep.plan("mlp-128", {})


def test_runs_are_named_by_their_place_in_the_grid_and_found_together(tmp_path):
    queue = run_queue.Queue(Instantly(places=0))
    key = run_store.new_key()
    sweep.submit(queue, grid(), key, "a")
    run_store.create(grid()[0], key)
    (mine,) = sweep.found(key).values()
    names = [f"epochs {epochs}, learning rate {rate}" for rate in RATES for epochs in (1, 2)]
    assert sorted(run.name for run in mine) == sorted(names)
    assert sweep.found(run_store.new_key()) == {}


def test_a_sweep_that_does_not_fit_leaves_nothing(monkeypatch):
    monkeypatch.setenv("DIGITLAB_WAITING_IN_SWEEPS", "5")
    queue = run_queue.Queue(Instantly(places=0))
    key = run_store.new_key()
    sweep.submit(queue, grid(), key, "a")
    with pytest.raises(RunError, match="4 runs do not fit: 1 more of your sweeps"):
        sweep.submit(queue, grid(), key, "b")
    assert set(sweep.found(key)) == {"a"}


def test_a_sweep_that_is_refused_halfway_is_cancelled(monkeypatch):
    queue = run_queue.Queue(Instantly(places=0))
    refusals = iter([None, None, RunError("No disk.")])

    def check(settings):
        if error := next(refusals):
            raise error

    queue.backend.check = check
    key = run_store.new_key()
    with pytest.raises(RunError, match="No disk"):
        sweep.submit(queue, grid(), key, "a")
    assert [run_state.of(run).name for run in sweep.found(key)["a"]] == ["stopped", "stopped"]


def test_the_table_has_the_kept_epochs_accuracy_and_the_best_run_is_chosen_by_validation():
    queue = run_queue.Queue(Instantly())
    mine = sweep.submit(queue, grid()[:2], run_store.new_key(), "a")
    queue.dispatch()
    mine += sweep.submit(run_queue.Queue(Instantly(places=0)), grid()[2:], run_store.new_key(), "a")
    rows = sweep.table(mine)
    assert [row.state.name for row in rows] == ["finished", "finished", "queued", "queued"]
    assert [row.epochs for row in rows] == [1, 2, 0, 0]
    assert [row.accuracy for row in rows] == [pytest.approx(0.004), pytest.approx(0.004), None, None]
    assert rows[1].values == {"epochs": 2, "learning_rate": 0.001} and rows[1].seconds == 3.0
    assert sweep.best(rows) is rows[0] and sweep.best(rows[2:]) is None


def test_the_command_prints_a_table_and_does_not_train_twice(monkeypatch, capsys):
    backend = Instantly()
    monkeypatch.setattr(run_queue.Queue, "start", lambda queue: [queue.dispatch() for _ in range(9)])
    monkeypatch.setattr(backends, "LocalTrainers", lambda *arguments: backend)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    typed = ["sweep", "--architecture", "mlp-128", "--set", "n_train=500"]
    typed += ["--grid", "learning_rate=0.001,0.003", "--grid", "epochs=1,2"]
    for _ in range(2):
        assert command_line.main(typed) == 0
        out = capsys.readouterr().out
        table = [line.split() for line in out.split("\n\n")[-2].splitlines()]
        assert table[0][:4] == ["epochs", "learning", "rate", "epochs"]
        assert table[3] == ["1", "0.003", "1", "1.40%", "1.50%", "1.5", "best"]
        assert len(table) == 5 and len(backend.launched) == 4
    assert "The best by its validation pictures: " in out


def test_a_sweep_is_known_by_its_settings():
    assert command._id(grid()) == command._id(grid()) != command._id(grid()[:3])
    assert command._key("a") == command._key("a") != command._key("b")


def test_the_largest_sweep_fits_into_what_a_host_keeps_and_lets_wait():
    for name, host in limits.PROFILES.items():
        assert min(host.waiting_in_sweeps, host.kept_runs) >= 4, name
