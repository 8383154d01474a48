"""A visitor's own data sets: theirs alone, within limits, and gone with them."""

import time

import pytest

from digitcore import datasets, paths
from digitcore.datasets import own
from digitcore.datasets.collecting import building, making
from digitcore.errors import DatasetError, RunError, SettingsError
from digitcore.networks.settings import Settings
from digitcore.runs import own_data, tidying
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.queue import Queue
from tests.datasets.collecting import signs
from tests.runs.test_queue import Pretended, set_limits

MINE, THEIRS = "m" * 22, "t" * 22


@pytest.fixture(autouse=True)
def runs_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))


@pytest.fixture(scope="module")
def archive():
    return signs.zipped(signs.files("+x"))


@pytest.fixture
def at_once(monkeypatch):
    """Made in this process."""
    monkeypatch.setattr(own_data, "_start", lambda place: making.main(place))


def test_what_is_brought_is_made_by_a_process_of_its_own(archive):
    name = own_data.ask(MINE, [("My signs.zip", archive)])
    assert [each.name for each in own_data.listed(MINE)] == [name]
    end = time.monotonic() + 300
    while own_data.listed(MINE)[0].is_being_made and time.monotonic() < end:
        time.sleep(0.1)
    mine = own_data.listed(MINE)[0]
    assert not mine.problem and mine.info.class_names == ("+", "x") and mine.title == "My signs"
    assert own_data.names(MINE) == [name] and own_data.names(THEIRS) == own_data.names(None) == []
    place = run_store.owner_folder(MINE) / paths.DATASETS / name
    assert not (place / paths.UPLOADED).exists() and not place.stat().st_mode & 0o077
    assert datasets.load(name, "train")[0].shape == (20, 28, 28)


def test_what_does_not_fit_leaves_its_sentence_and_none_of_its_bytes(at_once):
    name = own_data.ask(MINE, [("bad.zip", signs.zipped(signs.files("+")))], "Mine")
    failed = own_data.listed(MINE)[0]
    assert (
        "all pictures are of one class" in failed.problem and failed.title == "Mine" and failed.info is None
    )
    assert own_data.names(MINE) == [] and not datasets.is_known(name)
    assert not list((run_store.owner_folder(MINE) / paths.DATASETS / name).rglob("*.zip"))


def test_only_the_owner_may_learn_from_it(at_once, archive):
    name = own_data.ask(MINE, [("a.zip", archive)])
    settings = Settings.for_architecture("mlp-128", dataset=name)
    assert settings.n_train == 20
    queue = Queue(Pretended(0))
    with pytest.raises(RunError, match="not among yours"):
        queue.submit(settings, THEIRS)
    run = queue.submit(settings, MINE)
    assert datasets.describe(run.settings.dataset).class_names == ("+", "x")
    assert name not in datasets.names()  # nobody else is offered it


def test_deleting_it_takes_the_pictures_and_leaves_its_runs_readable(at_once, archive):
    name = own_data.ask(MINE, [("a.zip", archive)])
    run = Queue(Pretended(0)).submit(Settings.for_architecture("mlp-128", dataset=name), MINE)
    own.bring_along(name, run.folder, pictures=True)  # as for a worker elsewhere
    with pytest.raises(RunError, match="is learning from this data set"):
        own_data.delete(MINE, name)
    run.append_event("state", state="stopped")
    assert not run_state.of(run).active
    own_data.delete(THEIRS, name)
    assert datasets.is_available(name)
    own_data.delete(MINE, name)
    assert own_data.listed(MINE) == [] and not list(paths.runs().rglob(paths.DATA))
    assert datasets.describe(run.settings.dataset).class_names == ("+", "x")
    with pytest.raises(DatasetError, match="no longer on this machine"):
        datasets.load(name, "test")


def test_a_visitor_keeps_a_few_and_a_failed_one_makes_room(at_once, archive, monkeypatch):
    set_limits(monkeypatch, kept_datasets=2)
    own_data.ask(MINE, [("a.zip", archive)])
    own_data.ask(MINE, [("bad.zip", b"no zip")])
    own_data.ask(MINE, [("b.zip", archive)])
    assert [each.title for each in own_data.listed(MINE)] == ["b", "a"]
    with pytest.raises(RunError, match="You have 2 data sets, the most"):
        own_data.ask(MINE, [("c.zip", archive)])


def test_they_count_among_the_megabytes_and_the_oldest_goes_first(at_once, archive, monkeypatch):
    first, second = (own_data.ask(MINE, [(f"{n}.zip", archive)]) for n in "ab")
    monkeypatch.setattr(tidying, "_bytes", lambda folder: 2**20)
    set_limits(monkeypatch, kept_megabytes=1)
    tidying.tidy(THEIRS)
    assert own_data.names(MINE) == [second] and not datasets.is_known(first)


def test_one_that_a_run_needs_stays(at_once, archive, monkeypatch):
    name = own_data.ask(MINE, [("a.zip", archive)])
    Queue(Pretended(0)).submit(Settings.for_architecture("mlp-128", dataset=name), MINE)
    set_limits(monkeypatch, kept_megabytes=0)
    tidying.tidy(THEIRS)
    assert own_data.names(MINE) == [name]


def test_a_process_that_was_killed_is_said(monkeypatch, archive):
    monkeypatch.setattr(own_data, "_start", lambda place: None)
    own_data.ask(MINE, [("a.zip", archive)])
    assert own_data.listed(MINE)[0].is_being_made
    with pytest.raises(RunError, match="is being made"):
        own_data.ask(MINE, [("b.zip", archive)])
    monkeypatch.setattr(own_data, "START_GRACE_SECONDS", 0)
    assert "was interrupted" in own_data.listed(MINE)[0].problem


def test_file_names_from_outside_stay_in_the_folder(at_once, archive):
    own_data.ask(MINE, [("../../../evil.zip", archive)])
    assert own_data.listed(MINE)[0].title == "evil"
    with pytest.raises(RunError, match="1 to 8 files of at most 100 MB"):
        own_data.ask(MINE, [])


def test_settings_for_digits_are_off_in_recipes_and_refused_by_name(tmp_path):
    place = signs.folder(tmp_path / "signs", signs.files("+x"))
    building.keep(building.build([place]), own.place_for("signs"), "Signs", "here")
    settings = Settings.for_architecture("digitnet", dataset="signs")
    assert settings.european == settings.negatives == 0 < settings.shear
    with pytest.raises(
        SettingsError, match=r"^european is for digits only, and Signs has none: expected 0\.$"
    ):
        Settings.for_architecture("digitnet", dataset="signs", european=0.1)
    with pytest.raises(
        SettingsError, match=r"between 10 and 20, the training pictures of Signs; got 55000\."
    ):
        Settings.for_architecture("mlp-128", dataset="signs", n_train=55_000)
