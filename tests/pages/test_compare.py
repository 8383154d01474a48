"""The Compare page as a visitor uses it: the two smallest shipped networks, and runs written by hand."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digitcore import datasets, files, paths
from digitcore.evaluation import comparison, corruption
from digitcore.evaluation import metrics as evaluation_metrics
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import store as run_store
from pages.parts.compare import charts, robustness
from pages.parts.compare import entries as compare_entries
from pages.shared import confusion_matrix

ROOT = paths.REPOSITORY
SHIPPED = paths.MODELS
SMALL, OTHER = "mlp-128-128", "digitnet-nano"
TEST_LABELS = datasets.load_labels("mnist", "test").astype(int)


@pytest.fixture(autouse=True)
def two_small_networks(tmp_path, monkeypatch):
    """The two smallest ship, none is recorded, and runs are kept for this test alone."""
    models = tmp_path / "models"
    models.mkdir()
    for name in (SMALL, OTHER):
        for ending in (".json", ".tflite"):
            shutil.copy(SHIPPED / f"{name}{ending}", models)
    monkeypatch.setattr(paths, "MODELS", models)
    monkeypatch.setattr(paths, "RECORDED", tmp_path / "recorded")
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    st.cache_resource.clear()  # networks are known by their place: this test's may be damaged
    return models


def run_of(key, name="mine", wrong=40, dataset="mnist"):
    """A finished run with mlp-128-128's network: it keeps answers that miss the first `wrong` test digits."""
    run = run_store.create(Settings.for_architecture(SMALL), key, name)
    card = json.loads((SHIPPED / f"{SMALL}.json").read_text())
    answers = TEST_LABELS.copy()
    answers[:wrong] = (answers[:wrong] + 1) % 10
    confusion = evaluation_metrics.confusion_matrix(TEST_LABELS, answers, 10)
    names = datasets.describe(dataset).class_names
    card["test"] |= {
        "misses": wrong,
        "accuracy": 1 - wrong / 10_000,
        "classification_report": evaluation_metrics.classification_report(confusion, names),
    }
    card |= {"name": run.id, "title": name, "class_names": list(names)}
    card["dataset"] = {"name": dataset}
    card["files"] = {"model.tflite": card["files"][f"{SMALL}.tflite"]}
    shutil.copy(SHIPPED / f"{SMALL}.tflite", run.file("model.tflite"))
    probabilities = np.full((10_000, 10), 0.01, np.float16)
    probabilities[np.arange(10_000), answers] = 0.91
    np.savez_compressed(run.file("test.npz"), probabilities=probabilities)
    files.write_json(run.file("card.json"), card)
    return run


def opened(tab=None, key=None, **chosen):
    """The page in a tab, by a visitor's key, with what is chosen in widgets already."""
    at = AppTest.from_file(str(ROOT / "pages" / "compare.py"), default_timeout=120)
    if key:
        at.query_params["key"] = key
    if tab:
        at.session_state["compare_tabs"] = tab
    for name, value in chosen.items():
        at.session_state[name] = value
    at.run()
    return at


def texts(at):
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def metrics(at):
    return {metric.label: metric.value for metric in at.metric}


def pictures(at):
    return "".join(html.proto.body for html in at.get("html")).count("<img")


def test_the_table_has_the_figures_of_the_cards_the_best_on_validation_first():
    at = opened()
    table = at.dataframe[0].value
    assert table["Network"].tolist() == [OTHER, SMALL]
    for row in table.to_dict("records"):
        card = model_store.card(row["Network"])
        assert row["Misses"] == card["test"]["misses"]
        assert row["Test"] == pytest.approx(100 * card["test"]["accuracy"])
        assert row["Validation"] == pytest.approx(100 * card["validation"]["accuracy"])
        assert row["F1"] == card["test"]["classification_report"]["macro avg"]["f1-score"]
        assert row["Parameters"] == card["parameters"]
        assert row["File, MB"] * 1e6 == (SHIPPED / f"{card['name']}.tflite").stat().st_size
    assert "Choose by the column Validation" in texts(at)
    assert len(at.get("arrow_vega_lite_chart") or at.get("vega_lite_chart")) == 2


def test_precision_and_recall_are_of_the_class_that_is_chosen():
    at = opened(compare_class_mnist="8")
    report = model_store.card(SMALL)["test"]["classification_report"]["8"]
    row = at.dataframe[0].value.set_index("Network").loc[SMALL]
    assert row["Recall of 8"] == report["recall"]
    assert row["Precision of 8"] == report["precision"]


def test_nothing_chosen_is_said_in_a_sentence():
    at = opened(compare_kinds_Shipped=[])
    assert "Choose at least one kind" in texts(at)


def test_speed_is_measured_when_it_is_asked_for():
    at = opened()
    assert "ms a picture" not in at.dataframe[0].value
    at.button(key="compare_measure").click().run()
    assert (at.dataframe[0].value["ms a picture"] > 0).all()


def test_two_networks_are_told_apart_on_the_same_digits():
    at = opened("Two by two")
    images = datasets.load("mnist", "test")[0].astype(np.float32) / 255
    answers = [model_store.load(name).predict(images) for name in (OTHER, SMALL)]
    pair = comparison.pair(TEST_LABELS, *answers)
    shown = metrics(at)
    assert shown["Only A misses"] == f"{pair.only_first:,}"
    assert shown["Only B misses"] == f"{pair.only_second:,}"
    assert pair.verdict[1:] in texts(at)
    assert f"misses {model_store.card(OTHER)['test']['misses']} of 10,000" in texts(at)
    assert pictures(at) == 24
    at.selectbox(key="compare_group").select("Only A misses").run()
    assert pictures(at) == min(24, pair.only_first)


def test_a_network_against_itself_or_alone_is_said_in_a_sentence(two_small_networks):
    at = opened("Two by two", compare_second=OTHER)
    assert "two different networks" in texts(at)
    (two_small_networks / f"{OTHER}.json").unlink()
    assert "only one network" in texts(opened("Two by two"))
    assert len(opened().dataframe[0].value) == 1


def test_no_network_at_all_is_said_in_a_sentence(two_small_networks):
    for card in two_small_networks.glob("*.json"):
        card.unlink()
    assert "no network to compare" in texts(opened())


def test_ones_own_runs_are_compared_by_the_answers_they_kept():
    key = run_store.new_key()
    run = run_of(key, "a *run*", wrong=40)
    at = opened("Two by two", key, compare_first=f"run:{run.id}", compare_second=SMALL)
    assert "misses 40 of 10,000" in texts(at)
    assert r"a \*run\*" in texts(at)


def test_other_visitors_runs_are_not_there():
    run = run_of(run_store.new_key(), "theirs")
    at = opened(key=run_store.new_key())
    assert "theirs" not in at.dataframe[0].value["Network"].tolist()
    assert run.file("card.json").exists()


def test_kept_answers_that_are_damaged_are_read_anew():
    key = run_store.new_key()
    run = run_of(key)
    run.file("test.npz").write_bytes(b"PK half")
    at = opened("Confusion", key, compare_confusion=f"run:{run.id}")
    # Its network is mlp-128-128's, and that is what reads now.
    assert (
        f"All misses: {model_store.card(SMALL)['test']['misses']}" in at.selectbox(key="compare_cell").options
    )


def test_a_shipped_networks_kept_answers_are_taken_and_others_read_anew(two_small_networks, monkeypatch):
    card = model_store.card(SMALL)
    shutil.copy(SHIPPED / f"{SMALL}-test.npz", two_small_networks)
    st.cache_data.clear()
    read = []
    monkeypatch.setattr(compare_entries, "_read", lambda *arguments: read.append(1) or 1 / 0)
    entry = next(entry for entry in compare_entries.everything()[0] if entry.choice == SMALL)
    answers = compare_entries.test_answers(entry)
    assert np.count_nonzero(answers.argmax(1) != TEST_LABELS) == card["test"]["misses"] and not read
    model_store.test_answers(SMALL).write_bytes(b"PK half")
    st.cache_data.clear()
    with pytest.raises(ZeroDivisionError):
        compare_entries.test_answers(entry)


def test_runs_of_one_name_are_named_apart():
    key = run_store.new_key()
    run_of(key, "twin")
    run_of(key, "twin")
    names = opened(key=key).dataframe[0].value["Network"].tolist()
    assert {"twin", "twin (2)"} <= set(names)


def test_runs_with_damaged_cards_are_left_out_with_a_sentence_each():
    key = run_store.new_key()
    damages = ["{", "[]", '{"test": {}}', '{"dataset": 3}', '{"dataset": {"name": "mnist"}, "test": {}}']
    for damage in damages:
        run_of(key, "bad").file("card.json").write_text(damage)
    run_of(key, "good")
    at = opened(key=key)
    names = at.dataframe[0].value["Network"].tolist()
    assert "good" in names and "bad" not in names
    assert len(at.warning) == len(damages)


def test_a_run_that_is_deleted_meanwhile_gives_way():
    key = run_store.new_key()
    run = run_of(key)
    at = opened("Two by two", key, compare_first=f"run:{run.id}", compare_second=SMALL)
    shutil.rmtree(run.folder)
    at.run()
    assert "misses 40 of 10,000" not in texts(at)


def test_a_damaged_network_is_one_sentence_and_the_rest_works(two_small_networks):
    (two_small_networks / f"{SMALL}.tflite").write_bytes(b"damaged")
    at = opened("Two by two")
    assert "is not the file" in at.error[0].value
    assert len(opened().dataframe[0].value) == 2
    at = opened("Changed digits", compare_factors=["shift"])
    assert "left out" in at.warning[0].value


def test_clothes_are_compared_with_clothes_alone():
    key = run_store.new_key()
    run_of(key, "clothes", dataset="fashion-mnist")
    at = opened(key=key)
    assert "trained on the same data set" in texts(at)
    assert "clothes" not in at.dataframe[0].value["Network"].tolist()
    at.session_state["compare_dataset"] = "fashion-mnist"
    at.run()
    assert at.dataframe[0].value["Network"].tolist() == ["clothes"]


def test_a_cell_of_the_matrix_shows_its_digits():
    at = opened("Confusion", compare_confusion=SMALL)
    matrix = np.array(model_store.card(SMALL)["test"]["confusion_matrix"])
    was, read = divmod(int((matrix * (1 - np.eye(10, dtype=int))).argmax()), 10)
    cells = at.selectbox(key="compare_cell")
    assert cells.options[0] == f"All misses: {10_000 - np.trace(matrix)}"
    assert cells.options[1].startswith(f"{was} read as {read}: ")  # the commonest mistake
    cells.select_index(1).run()
    assert pictures(at) == min(24, matrix[was, read])
    shown = "".join(html.proto.body for html in at.get("html"))
    assert shown.count(f"{was} → {read}") >= matrix[was, read]


def test_another_network_without_the_chosen_mistake_shows_all_its_misses():
    key = run_store.new_key()
    run = run_of(key, wrong=1)
    at = opened("Confusion", key, compare_confusion=SMALL)
    at.selectbox(key="compare_cell").select_index(2).run()
    at.selectbox(key="compare_confusion").select(f"run:{run.id}").run()
    assert at.selectbox(key="compare_cell").options[0] == "All misses: 1"
    assert pictures(at) == 1


def test_changed_digits_are_read_on_demand_and_are_validation_digits(monkeypatch):
    monkeypatch.setattr(robustness, "N", 60)
    st.cache_data.clear()
    curves = {}
    monkeypatch.setattr(
        robustness.figure_charts,
        "curve",
        lambda levels, series, unit, key: curves.update({key: series}),
    )
    at = opened("Changed digits", compare_factors=["shift"])
    assert not curves and "at most" in texts(at)
    at.button(key="compare_bear").click().run()
    images, labels = (array[:60] for array in datasets.load("mnist", "validation"))
    moved = corruption.corrupt(images, "shift", 4).astype(np.float32) / 255
    for name in (SMALL, OTHER):
        accuracy = evaluation_metrics.accuracy(model_store.load(name).predict(moved), labels)
        assert curves["compare_shift"][name][-1] == pytest.approx(accuracy)
    curves.clear()
    at.run()  # and stays
    assert curves


def test_no_network_or_change_is_said_in_a_sentence():
    at = opened("Changed digits", compare_factors=[])
    assert "at least one network and one change" in texts(at)


def test_a_click_on_a_cell_names_its_true_class_and_answer(monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        confusion_matrix.st, "altair_chart", lambda chart, **rest: drawn.update(rest, chart=chart)
    )
    matrix, clicks = np.array([[5, 2], [0, 7]]), []
    confusion_matrix._chart(matrix, ["shirt", "coat"], (0, 1), "matrix", clicks.append)
    rows = next(iter(drawn["chart"].to_dict()["datasets"].values()))
    assert [row["count"] for row in rows] == ["5", "2", "", "7"]
    assert [row["edge"] > 0 for row in rows] == [False, True, False, False]
    for cell in ([], [{"was": "coat", "read": "shirt"}]):  # nothing is selected by a click beside the cells
        st.session_state["matrix"] = SimpleNamespace(selection={"cell": cell})
        drawn["on_select"]()
    assert clicks == [(1, 0)]


def entry(title, missed, parameters):
    card = {"name": title, "test": {"n": 10_000, "misses": missed}, "parameters": parameters}
    return compare_entries.Entry(title, title, compare_entries.SHIPPED, card, comparison.figures(card))


def test_names_in_a_chart_never_lie_on_each_other():
    import pandas as pd

    entries = [entry(f"network number {k}", 100 + k, 1000 + k) for k in range(8)]
    frame = pd.DataFrame(
        {
            "network": [each.title for each in entries],
            "x": [each.figures["parameters"] for each in entries],
            "missed": [each.figures["misses"] / 10_000 for each in entries],
        }
    )
    placed = charts._placed(frame, [500, 2000], (0.005, 0.02))
    assert 0 < len(placed) < 8
    assert len(set(placed["place"])) == len(placed)  # all points are at one place, near enough
