"""What the files in a run's folder say about it."""

import pytest

from digitcore.networks.settings import Settings
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store


@pytest.fixture
def run(tmp_path):
    return run_store.create_at(tmp_path / "run", Settings())


def test_a_pause_with_a_step_beside_it_does_not_count_yet(run):
    run.file("pause").touch()
    assert run.paused()
    run.file("step").touch()
    assert not run.paused()


def test_a_run_with_a_card_is_over_unless_another_result_is_about_to_take_its_place(run):
    run.file("card.json").write_text("{}")
    assert run_state.is_over(run)
    run.file("unfinished").mkdir()
    run.file("unfinished", "card.json").write_text("{}")
    assert not run_state.is_over(run)
