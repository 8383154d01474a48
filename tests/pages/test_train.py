"""The Train page as a visitor uses it, on run folders written through `runs`: no network is trained here."""

import json
import time

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digitcore import datasets, files, paths
from digitcore.errors import DatasetError
from digitcore.evaluation import metrics
from digitcore.networks import architectures
from digitcore.networks.ranges import RANGES
from digitcore.networks.settings import Settings
from digitcore.runs import cards, memory
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from pages.shared import networks, server
from pages.shared.run_list import ordinal

ROOT = paths.REPOSITORY
WRONG = 40


pytestmark = pytest.mark.usefixtures("no_trainers")


def open_train(key=None):
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=120)
    if key:
        at.query_params["key"] = key
    return at.run()


def key_of(at):
    key = at.query_params["key"]
    return key if isinstance(key, str) else key[0]


def texts(at):
    """All the plain text of the page."""
    elements = [
        *at.markdown,
        *at.caption,
        *at.subheader,
        *at.info,
        *at.success,
        *at.error,
        *at.warning,
        *at.text,
    ]
    return "\n".join(str(element.value) for element in elements)


def started(run, *, epochs=1):
    """Events of a run that learns, as its trainer writes them."""
    run_state.mark_started(run)
    run.append_event("state", state="running")
    for epoch in range(1, epochs + 1):
        for number in (1, 5, 10):
            step = (epoch - 1) * 10 + number
            values = {"loss": 1 / step, "accuracy": 0.9, "learning_rate": 0.001}
            run.append_event("batch", epoch=epoch, batch=number, batches=10, step=step, **values)
        values = {"loss": 0.3, "accuracy": 0.9, "val_loss": 0.2, "val_accuracy": 0.95, "learning_rate": 0.001}
        run.append_event("epoch", epoch=epoch, epochs=2, **values, seconds=1.0, best=True)


def finished(run, *, stopped=False):
    """Complete a run: answers to all test pictures, the first `WRONG` of them wrong, and the card."""
    started(run, epochs=run.settings.epochs)
    settings = run.settings
    info = datasets.describe(settings.dataset)
    try:
        labels = datasets.load_labels(settings.dataset, "test").astype(int)
    except DatasetError:  # Fashion-MNIST, where it was not fetched
        labels = np.arange(10_000) % 10
    answers = labels.copy()
    answers[:WRONG] = (labels[:WRONG] + 1) % 10
    probabilities = np.full((len(labels), 10), 0.01, np.float32)
    probabilities[np.arange(len(labels)), answers] = 0.91
    np.savez_compressed(run.file("test.npz"), probabilities=probabilities.astype(np.float16))
    for name in ("model.tflite", "model.keras", "model.h5"):
        run.file(name).write_bytes(name.encode())
    confusion = metrics.confusion_matrix(labels, answers, 10)
    test = {
        "accuracy": metrics.accuracy(answers, labels),
        "misses": metrics.misses(answers, labels),
        "n": len(labels),
        "loss": metrics.cross_entropy(probabilities, labels),
        "confusion_matrix": confusion.tolist(),
        "classification_report": metrics.classification_report(confusion, info.class_names),
    }
    card = {
        "name": run.id,
        "title": run.name,
        "settings": settings.to_dict(),
        "parameters": architectures.parameter_count(settings),
        "class_names": list(info.class_names),
        "dataset": {"name": settings.dataset},
        "versions": {},
        "recipe": cards.command(settings),
        "seconds": 12.0,
        "epochs_run": settings.epochs,
        "best_epoch": settings.epochs,
        "stopped": stopped,
        "validation": {"accuracy": 0.99, "misses": 50, "n": 5_000, "loss": 0.03},
        "test": test,
        "created": time.time(),
    }
    files.write_json(run.file("card.json"), card)
    return run


def gallery(at):
    """The page's HTML that holds pictures."""
    return "".join(html.proto.body for html in at.get("html") if "<img" in html.proto.body)


def open_tab(at, run, label):
    """Open a tab of the result; the others are not even made."""
    at.session_state[f"tabs_{run.id}"] = label
    at.run()
    return at


def test_a_new_visitor_sees_the_form_and_no_address_is_given_away():
    at = open_train()
    assert "Try this" in texts(at)
    assert "No run yet" in texts(at)
    assert "key" not in at.query_params


@pytest.mark.parametrize("network", RANGES["architecture"].options)
def test_the_network_is_shown_before_it_is_trained(network):
    at = open_train()
    at.selectbox(key="train_architecture").set_value(network).run()
    settings = Settings.for_architecture(network)
    table = at.dataframe[0].value
    assert list(table["Layer"]) == [layer.text for layer in architectures.layers(settings)]
    assert table["Parameters"].sum() == architectures.parameter_count(settings)
    assert f"{architectures.parameter_count(settings):,} parameters" in texts(at)


def test_every_setting_has_a_labelled_widget_that_starts_at_the_networks_recipe():
    at = open_train()
    at.selectbox(key="train_architecture").set_value("custom").run()
    keys = "\n".join(
        str(w.key) for w in [*at.selectbox, *at.slider, *at.number_input, *at.select_slider, *at.button_group]
    )
    for name in RANGES:
        assert f"train_{name}" in keys, name
    recipe = Settings.for_architecture("custom")
    assert at.slider(key="train_dropout_custom").value == recipe.dropout
    assert at.number_input(key="train_learning_rate_custom").value == recipe.learning_rate


def test_start_puts_the_very_settings_of_the_form_into_the_queue():
    at = open_train()
    at.selectbox(key="train_architecture").set_value("mlp-128").run()
    at.select_slider(key="train_n_train").set_value(1000).run()
    at.slider(key="train_epochs_mlp-128").set_value(2).run()
    at.number_input(key="train_seed_mlp-128").set_value(7).run()
    at.text_input(key="train_name").set_value("Ada's").run()
    at.button[0].click().run()
    [run] = run_store.list_runs(key_of(at))
    assert run.settings == Settings.for_architecture("mlp-128", n_train=1000, epochs=2, seed=7)
    assert run.name == "Ada's"
    assert "1st in the queue" in texts(at)
    assert key_of(at) in "".join(code.value for code in at.code)


def by_link(**parameters):
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=120)
    for name, value in parameters.items():
        at.query_params[name] = value
    return at.run()


def widget(kind, name):
    """The one widget of the form that asks for a setting, whatever turn of links its key has."""
    (found,) = [each for each in kind if str(each.key).startswith(f"train_{name}")]
    return found


def link_of(at):
    (link,) = [code.value for code in at.code if "architecture=" in code.value]
    return link.partition("?")[2]


def test_a_link_fills_the_form_and_what_is_started_are_its_settings():
    at = by_link(architecture="mlp-128", epochs="3", n_train="700", dropout="0.33", optimizer="sgd")
    assert widget(at.selectbox, "architecture").value == "mlp-128"
    assert widget(at.select_slider, "n_train").value == 700
    assert not at.warning
    at.button[0].click().run()
    [run] = run_store.list_runs(key_of(at))
    wanted = {"epochs": 3, "n_train": 700, "dropout": 0.33, "optimizer": "sgd"}
    assert run.settings == Settings.for_architecture("mlp-128", **wanted)


def test_what_a_person_changes_after_a_link_stays_and_another_network_has_its_own_recipe():
    at = by_link(architecture="mlp-128", epochs="3")
    widget(at.slider, "epochs").set_value(7).run()
    assert widget(at.slider, "epochs").value == 7
    widget(at.selectbox, "architecture").set_value("cnn").run()
    assert widget(at.slider, "epochs").value == Settings.for_architecture("cnn").epochs


def test_what_a_link_cannot_tell_is_said_in_one_sentence_and_the_rest_is_taken():
    at = by_link(architecture="mlp-128", epochs="900", colour="blue", n_train="1000")
    (warning,) = at.warning
    assert "epochs must be between 1 and 60 (got 900)" in warning.value
    assert "there is no setting colour" in warning.value
    assert warning.value.count(".") == 2, "a sentence, and one about the rest"
    assert widget(at.selectbox, "architecture").value == "mlp-128"
    assert widget(at.select_slider, "n_train").value == 1000
    assert widget(at.slider, "epochs").value == Settings.for_architecture("mlp-128").epochs


def test_the_form_makes_the_link_to_its_settings_without_anybodys_key():
    at = open_train()
    assert link_of(at) == "architecture=simple-cnn&epochs=5&n_train=55000"
    key = run_store.new_key()
    at = by_link(architecture="custom", depth="3", key=key)
    widget(at.select_slider, "n_train").set_value(1000).run()
    assert link_of(at) == "architecture=custom&epochs=5&n_train=1000&depth=3"
    assert key not in link_of(at)


def test_a_link_to_a_visitor_with_a_run_at_work_shows_the_filled_form():
    at = open_train()
    at.button[0].click().run()
    at = by_link(key=key_of(at), architecture="mlp-128")
    (form,) = [each for each in at.expander if each.label == "Train another network"]
    assert form.proto.expanded
    assert widget(at.selectbox, "architecture").value == "mlp-128"


def test_a_queued_run_can_leave_the_queue_and_says_so():
    at = open_train()
    at.button[0].click().run()
    [run] = run_store.list_runs(key_of(at))
    at.button(key=f"stop_{run.id}").click().run()
    assert run_state.of(run).name == "stopped"
    assert run_state.of(run).text in texts(at)


def test_what_was_started_stands_above_the_form_which_is_then_folded_away():
    at = open_train()
    assert not [box for box in at.expander if box.label == "Train another network"]
    at.text_input(key="train_name").set_value("mine").run()
    at.button[0].click().run()
    assert at.subheader[0].value == "mine" and not at.toast, "it would cover the title on a phone"
    # As the page has them: the run, the visitor's digits, the form folded away in one line, all runs.
    parts = [element for element in at.main if element.type in ("expander", "subheader", "radio")]
    boxes = [part.label for part in parts if part.type == "expander"]
    assert boxes.index("Your own digit") < boxes.index("Train another network") < len(boxes) - 1
    assert (parts[0].type, parts[-1].type) == ("subheader", "radio")
    form = next(box for box in at.expander if box.label == "Train another network")
    assert not form.proto.expanded
    assert "Start training" in [button.label for button in form.button]
    [run] = run_store.list_runs(key_of(at))
    at.button(key=f"stop_{run.id}").click().run()
    assert not at.toast
    assert "Train another network" in [box.label for box in at.expander], "the page stays as it was"


def test_a_link_opened_anew_shows_the_run_at_work_and_a_visitor_of_ended_runs_the_form():
    key = run_store.new_key()
    finished(run_store.create(Settings(epochs=1), key, "ended"))
    assert open_train(key).expander[0].label == "More settings", "the form stands open"
    run = run_store.create(Settings(epochs=2), key, "at work")
    with run.lock():
        started(run)
        run_store.create(Settings(epochs=2), key, "waiting")
        at = open_train(key)
        assert "Train another network" in [box.label for box in at.expander]
        assert at.subheader[0].value == "at work"


def test_the_list_and_the_run_shown_agree_whatever_happens_to_the_queue():
    key = run_store.new_key()
    four = [run_store.create(Settings(epochs=1), key, f"run {n}") for n in range(4)]
    at = open_train(key)

    def both():
        return at.radio[0].value, at.subheader[0].value

    at.radio[0].set_value(four[1].id).run()
    assert both() == (four[1].id, "run 1")
    at.button(key=f"stop_{four[1].id}").click().run()
    assert both() == (four[1].id, "run 1")
    before = at.radio[0].proto.id
    at.button[0].click().run()
    newest = run_store.list_runs(key)[0]
    assert both() == (newest.id, newest.name)
    # A new widget, whose default is the run shown: what the browser forgets or sends late changes nothing.
    assert at.radio[0].proto.id != before
    assert at.radio[0].options[at.radio[0].proto.default] == newest.name
    at.radio[0].set_value(four[2].id).run()
    assert both() == (four[2].id, "run 2")
    assert at.radio[0].options[at.radio[0].proto.default] == "run 2"


def test_runs_of_one_name_are_told_apart_in_the_list():
    key = run_store.new_key()
    names = ("same", "same (2)", "same", "same")
    oldest, *_, newest = [run_store.create(Settings(epochs=1), key, name) for name in names]
    at = open_train(key)
    titles = ["same", r"same \(2\)", r"same \(3\)", r"same \(4\)"]
    assert sorted(at.radio[0].options) == titles
    for run in (newest, oldest):
        at.radio[0].set_value(run.id).run()
        place = [run.id for run in run_store.list_runs(key)].index(run.id)
        assert at.radio[0].value == run.id
        assert at.subheader[0].value == at.radio[0].options[place]


@pytest.mark.parametrize(
    "name, markdown",
    [
        ("5_000 *x*", r"5\_000 \*x\*"),
        ("$x^2$", r"\$x\^2\$"),
        (":smile:", "\\:\u2060smile\\:\u2060"),
        ("- [a](b)", r"\- \[a\]\(b\)"),
        ("mlp-128, 1,000", "mlp-128, 1,000"),
    ],
)
def test_a_name_is_shown_as_it_was_typed(name, markdown):
    key = run_store.new_key()
    run_store.create(Settings(epochs=1), key, name)
    at = open_train(key)
    assert at.radio[0].options == [markdown]
    assert at.subheader[0].value == markdown


def test_a_run_that_waits_for_memory_says_so_instead_of_its_place():
    key = run_store.new_key()
    run_store.create(Settings(epochs=1), key)
    server.queue().short_of_memory = True
    at = open_train(key)
    assert (
        "Waiting for memory:" in at.info[0].value and "Waiting for memory:" in at.radio[0].proto.captions[0]
    )
    assert "in the queue" not in at.info[0].value


def test_two_visitors_never_see_each_others_runs():
    mine, theirs = run_store.new_key(), run_store.new_key()
    own = finished(run_store.create(Settings(epochs=1), mine, "mine"))
    other = finished(run_store.create(Settings(epochs=1), theirs, "theirs"))
    at = open_train(mine)
    assert at.radio[0].options == ["mine"]
    assert other.id not in texts(at) and "theirs" not in texts(at)
    assert open_train(theirs).radio[0].options == ["theirs"]
    assert not open_train(run_store.new_key()).radio
    assert own.id != other.id


def test_where_memory_is_short_the_page_says_so_and_makes_no_run(monkeypatch):
    monkeypatch.setattr(memory, "TRAINER_BYTES", 2**60)
    at = open_train()
    at.button[0].click().run()
    assert "free memory" in at.error[0].value
    assert run_store.all_runs() == []


def test_a_data_set_that_is_not_here_cannot_be_started_and_says_where_to_get_it(monkeypatch):
    monkeypatch.setattr(datasets, "is_available", lambda name: name == "mnist")
    at = open_train()
    at.button_group[0].set_value("fashion-mnist").run()
    assert "Data page" in at.warning[0].value
    assert at.button[0].disabled


def test_a_running_run_is_found_again_by_its_link_with_its_progress():
    key = run_store.new_key()
    run = run_store.create(Settings(epochs=2), key)
    with run.lock():
        started(run)
        at = open_train(key)
        assert "Learning." in at.radio[0].proto.captions[0]
        assert at.get("progress")[0].proto.text.startswith("Epoch 1 of 2, batch 10 of 10")
        assert len(at.get("vega_lite_chart")) == 2
        assert list(at.dataframe[0].value["Epoch"]) == [1]
        at.button(key=f"stop_{run.id}").click().run()
        assert run.stop_requested()
        assert at.button(key=f"stop_{run.id}").disabled


def test_the_page_looks_again_only_while_something_may_happen(monkeypatch):
    pace = []
    fragment = st.fragment

    def noting(function=None, **options):
        pace.append(options.get("run_every"))
        return fragment(function, **options)

    monkeypatch.setattr(st, "fragment", noting)
    key = run_store.new_key()
    finished(run_store.create(Settings(epochs=1), key))
    open_train(key)
    assert pace == [None]
    run_store.create(Settings(epochs=1), key)
    open_train(key)
    assert sorted(pace[1:]) == [0.5, 1.0, 1.0]


def test_a_failed_run_shows_the_end_of_its_log():
    key = run_store.new_key()
    run = run_store.create(Settings(epochs=2), key)
    started(run)
    run.file("log.txt").write_text("MemoryError: it was too much")
    run.append_event("state", state="failed")
    at = open_train(key)
    assert "Failed" in at.error[0].value
    assert "it was too much" in at.code[-1].value


@pytest.mark.parametrize("stopped", [False, True])
def test_a_result_names_accuracy_misses_and_interval_as_its_card_has_them(stopped):
    key = run_store.new_key()
    run = finished(run_store.create(Settings(epochs=2), key), stopped=stopped)
    at = open_train(key)
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Test accuracy"] == "99.60%"
    assert shown["Misses of 10,000"] == str(WRONG)
    low, high = metrics.wilson_interval(10_000 - WRONG, 10_000)
    assert f"{low:.2%} to {high:.2%}" in texts(at)
    assert ("Stopped" in texts(at)) == stopped
    assert run_state.of(run).has_model


def test_the_misses_are_those_of_the_test_pictures_and_are_picked_by_a_cell_of_the_matrix():
    key = run_store.new_key()
    run = finished(run_store.create(Settings(epochs=1), key))
    at = open_tab(open_train(key), run, "Misses")
    cells = at.selectbox(key=f"misses_{run.id}_cell")
    assert cells.options[0] == f"All misses: {WRONG}"
    labels = datasets.load_labels("mnist", "test")[:WRONG].astype(int)
    assert gallery(at).count("<img") == 24
    sevens = int((labels == 7).sum())
    cells.select_index(cells.options.index(f"7 read as 8: {sevens}")).run()
    assert gallery(at).count("<img") == gallery(at).count("7 → 8, 91.0%<") == sevens > 0


def test_the_report_by_class_is_the_one_of_the_card():
    key = run_store.new_key()
    run = finished(run_store.create(Settings(epochs=1), key))
    at = open_tab(open_train(key), run, "By class")
    table = at.dataframe[-1].value
    report = run.card()["test"]["classification_report"]
    assert list(table["class"])[:10] == list("0123456789")
    assert table["recall"].iloc[3] == pytest.approx(report["3"]["recall"])


def test_a_fashion_run_speaks_of_its_own_classes_and_misses_its_pictures_in_one_sentence(monkeypatch):
    key = run_store.new_key()
    run = finished(run_store.create(Settings(dataset="fashion-mnist", epochs=1), key))
    at = open_tab(open_train(key), run, "By class")
    assert list(at.dataframe[-1].value["class"])[:2] == ["T-shirt/top", "Trouser"]
    monkeypatch.setenv("DIGITLAB_DATA", str(run.folder))
    monkeypatch.setattr(datasets.catalogue.store("fashion-mnist").__class__, "folder", lambda store: None)
    at = open_tab(open_train(key), run, "Misses")
    assert "not on this machine" in at.warning[0].value


def test_the_files_and_the_card_can_be_downloaded():
    key = run_store.new_key()
    run = finished(run_store.create(Settings(epochs=1), key))
    at = open_tab(open_train(key), run, "Take it home")
    keys = {str(button.key) for button in at.get("download_button")}
    endings = (".tflite", ".keras", ".h5", ".html", ".json")
    assert keys == {f"download_{run.id}{ending}" for ending in endings}
    assert any(f'Interpreter("{run.id}.tflite")' in code.value for code in at.code)


def test_the_network_of_a_run_is_chosen_for_the_other_pages():
    key = run_store.new_key()
    run = finished(run_store.create(Settings(epochs=1), key))
    at = open_train(key)
    at.button(key="train_use").click().run()
    assert at.session_state[networks._CHOICE] == f"run:{run.id}"


def test_a_press_while_the_page_turns_to_another_run_is_for_the_run_that_it_turns_to():
    key = run_store.new_key()
    older, newer = (finished(run_store.create(Settings(epochs=1), key)) for _ in range(2))
    at = open_train(key)
    pressed = at.button(key="train_use").proto.id  # by the browser, which still shows the page before
    at.radio[0].set_value(older.id).run()
    assert at.session_state["train_shown"] == older.id != newer.id
    assert at.button(key="train_use").proto.id == pressed
    at.button(key="train_use").click().run()
    assert at.session_state[networks._CHOICE] == f"run:{older.id}"


def test_recorded_runs_are_there_for_everybody_and_cannot_be_stopped(monkeypatch, tmp_path):
    run_store.create_at(
        tmp_path / "recorded" / "recorded-mlp-128", Settings(epochs=1), "mlp-128 on all pictures"
    )
    finished(run_store.recorded()[0])
    at = open_train()
    assert at.radio[0].options == [r"mlp-128 on all pictures \(recorded\)"]
    assert at.metric
    assert not [button for button in at.button if str(button.key).startswith("stop_")]


def test_places_in_the_queue_are_said_in_english():
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd",
    ]  # fmt: skip


@pytest.mark.parametrize("file", ["settings.json", "card.json"])
def test_a_run_of_another_version_or_a_damaged_one_is_a_sentence_and_the_others_stay(file):
    key = run_store.new_key()
    run_store.create(Settings(), key, "a sound one")
    odd = run_store.create(Settings(), key)
    run_state.mark_started(odd)
    odd.append_event("state", state="failed")
    if file == "settings.json":
        header = json.loads(odd.file(file).read_text())
        header["settings"]["warmup"] = 3
        odd.file(file).write_text(json.dumps(header))
    else:
        odd.file(file).write_text('{"name": "x", "te')
    at = open_train(key)
    at.radio[0].set_value(odd.id).run()
    assert at.error
    assert "a sound one" in at.radio[0].options
