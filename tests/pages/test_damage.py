"""A run whose files are damaged costs what they would have shown, and never the page."""

import random
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.runs import store as run_store
from tests.runs import test_damage as damaged
from tests.runs.test_kept import KEPT, copy_to

MUTATIONS = 12


pytestmark = pytest.mark.usefixtures("no_trainers")


def open_with(key, page):
    app = AppTest.from_file(str(paths.REPOSITORY / "pages" / page), default_timeout=120)
    app.query_params["key"] = key
    return app.run()


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_train_and_compare_open_whatever_is_damaged(seed):
    key = run_store.new_key()
    folder = copy_to(run_store.owner_folder(key) / KEPT.name)
    chance = random.Random(seed)
    what = [str(damaged.damage(folder, chance)) for _ in range(2)]
    for page in ("train.py", "compare.py"):
        app = open_with(key, page)
        assert not app.exception, (what, app.exception)


def test_answers_that_are_damaged_cost_their_tab_and_not_the_page():
    key = run_store.new_key()
    folder = copy_to(run_store.owner_folder(key) / KEPT.name)
    (folder / "test.npz").write_bytes(b"PK\x03\x04 something else")
    app = open_with(key, "train.py")
    assert not app.exception
    assert any("21.61%" in str(metric.value) for metric in app.metric), "the accuracy is in the card"


def test_a_damaged_run_does_not_hide_the_others():
    key = run_store.new_key()
    copy_to(run_store.owner_folder(key) / KEPT.name)
    other = copy_to(run_store.owner_folder(key) / KEPT.name.replace("0a1b2c3d", "11111111"))
    (other / "card.json").write_text('{"name": 7}')
    shutil.rmtree(other / "replay")
    app = open_with(key, "train.py")
    assert not app.exception
    assert len(app.radio[0].options) >= 2
