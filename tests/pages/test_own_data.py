"""A data set of one's own on the pages: brought on Data, learnt from on Train, and nobody else's."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.datasets.collecting import making
from digitcore.runs import own_data
from digitcore.runs import store as run_store
from pages.shared import server
from tests.datasets.collecting import signs

MINE, THEIRS = "m" * 22, "t" * 22


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DIGITLAB_TRAINERS", "0")
    monkeypatch.setattr(paths, "RECORDED", tmp_path / "recorded")
    monkeypatch.setattr(own_data, "_start", lambda place: making.main(place))
    st.cache_data.clear()
    server.forget()
    yield
    st.cache_data.clear()
    server.forget()


@pytest.fixture(scope="module")
def archive():
    return signs.zipped(signs.files("-=x"))


def open_page(name, key=MINE):
    at = AppTest.from_file(str(paths.REPOSITORY / "pages" / f"{name}.py"), default_timeout=120)
    at.query_params["key"] = key
    return at.run()


def bring(at, name, data):
    at.file_uploader[0].set_value((name, data, "application/zip")).run()
    return at.button(key="own_set_make").click().run()


def texts(at):
    return "\n".join(str(each.value) for each in (*at.markdown, *at.caption, *at.error, *at.warning))


def test_a_zip_becomes_a_data_set_that_is_shown_at_once_and_can_be_deleted(archive):
    at = bring(open_page("data"), "My *signs*.zip", archive)
    chosen = at.segmented_control(key="dataset")
    name = own_data.names(MINE)[0]
    assert chosen.value == name and chosen.options[-1] == "My -signs-"
    assert at.button_group[1].options == [r"\-", r"\=", "x"]  # no list, no arrow
    assert "Split with seed 0." in texts(at) and "| `(30, 28, 28)` |" in texts(at)
    assert at.get("download_button")[0].proto.label == "Take it home (.npz)"
    at.button(key="own_set_delete").click().run()
    assert at.segmented_control(key="dataset").value == "mnist" and own_data.listed(MINE) == []


def test_what_does_not_fit_is_said_with_its_file_and_put_away(archive):
    at = bring(open_page("data"), "one.zip", signs.zipped(signs.files("x")))
    assert r"x\/00\.png" in at.error[0].value and "all pictures are of one class" in at.error[0].value
    at.button(key=f"own_set_close_{own_data.listed(MINE)[0].name}").click().run()
    assert not at.error and own_data.listed(MINE) == []


def test_train_offers_it_to_its_owner_alone_with_settings_that_make_sense(archive):
    name = own_data.ask(MINE, [("signs.zip", archive)])
    assert name not in open_page("train", THEIRS).segmented_control(key="train_dataset").options
    at = open_page("train")
    at.selectbox(key="train_architecture").set_value("digitnet").run()
    assert at.slider(key="train_negatives_digitnet")
    at.segmented_control(key="train_dataset").set_value(name).run()
    assert at.select_slider(key=f"train_n_train_{name}").options == ["10", "20", "30"]
    shown = {slider.key for slider in at.slider}
    assert "train_shear_digitnet" in shown and not shown & {
        "train_negatives_digitnet",
        "train_european_digitnet",
    }
    assert "dataset=" not in at.code[0].value  # the link to these settings
    next(button for button in at.button if button.label == "Start training").click().run()
    run = run_store.list_runs(MINE)[0]
    assert (run.settings.dataset, run.settings.n_train, run.settings.negatives) == (name, 30, 0)


def test_a_data_set_that_was_deleted_elsewhere_gives_way_to_mnist(archive):
    name = own_data.ask(MINE, [("signs.zip", archive)])
    at = open_page("train")
    at.segmented_control(key="train_dataset").set_value(name).run()
    own_data.delete(MINE, name)
    assert at.run().segmented_control(key="train_dataset").value == "mnist"


def test_a_link_to_somebody_elses_is_refused_in_a_sentence(archive):
    name = own_data.ask(MINE, [("signs.zip", archive)])
    at = AppTest.from_file(str(paths.REPOSITORY / "pages" / "train.py"), default_timeout=120)
    at.query_params["dataset"] = name
    at.run()
    assert "dataset must be one that everybody here may use" in at.warning[0].value
    assert at.segmented_control(key="train_dataset").value == "mnist"
