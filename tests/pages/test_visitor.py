"""Whose run it is: the key in the address, and what it opens."""

import hashlib
import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.errors import RunError
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import store as run_store
from pages.shared import visitor

ROOT = paths.REPOSITORY
CREATE = "from pages.shared import visitor; visitor.key(create=True)"


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))


def open_app(**query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params.update(query)
    app.run()
    return app


def open_script(source, **query):
    script = AppTest.from_string(f"import streamlit as st\n{source}", default_timeout=120)
    script.query_params.update(query)
    script.run()
    return script


def address(app):
    """The address's query, a list of values a name."""
    return {name: value if isinstance(value, list) else [value] for name, value in app.query_params.items()}


def finished_run(key, name="my run"):
    """A visitor's finished run, with a shipped network as its model."""
    run = run_store.create(Settings.for_architecture("mlp-128"), key, name)
    source = paths.MODELS / f"{model_store.shipped()[0]}.tflite"
    shutil.copyfile(source, run.file("model.tflite"))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    card = model_store.card(source.stem) | {"title": name, "files": {"model.tflite": {"sha256": digest}}}
    run.file("card.json").write_text(json.dumps(card))
    return run


def network(page):
    return page.selectbox[0].value


def test_a_bare_address_is_a_visitor_without_a_key():
    app = open_app()
    assert "key" not in address(app)
    assert "visitor_key" not in app.session_state


def test_a_key_is_made_when_it_is_needed_and_put_in_the_address():
    script = open_script(CREATE)
    (key,) = address(script)["key"]
    assert run_store.check_key(key) == key


def test_two_new_visitors_get_two_keys():
    assert address(open_script(CREATE))["key"] != address(open_script(CREATE))["key"]


def test_the_key_of_the_address_is_taken_as_it_is():
    key = run_store.new_key()
    script = open_script("from pages.shared import visitor; st.text(visitor.key(create=True))", key=key)
    assert script.text[0].value == key


def test_the_key_stays_in_the_address_over_a_change_of_pages():
    key = run_store.new_key()
    app = open_app(key=key)
    app.query_params.clear()  # what Streamlit's navigation does in the browser
    app.switch_page("pages/data.py").run()
    assert address(app)["key"] == [key]


def test_another_valid_key_in_the_address_wins():
    first, second = run_store.new_key(), run_store.new_key()
    app = open_app(key=first)
    app.query_params["key"] = second
    app.run()
    assert address(app)["key"] == [second]
    assert app.session_state["visitor_key"] == second


@pytest.mark.parametrize(
    "bad", ["short", "../../etc/passwd", "a" * 65, "ü" * 30, "<script>alert(1)</script>x"]
)
def test_a_malformed_key_is_a_new_visitor_and_one_sentence(bad):
    app = open_app(key=bad)
    assert len(app.warning) == 1
    assert "new visitor" in app.warning[0].value
    assert bad not in app.warning[0].value
    assert "key" not in address(app)
    assert "visitor_key" not in app.session_state


def test_a_malformed_key_does_not_cost_a_visitor_their_own():
    key = run_store.new_key()
    app = open_app(key=key)
    app.query_params["key"] = "short"
    app.run()
    assert "still here" in app.warning[0].value
    assert address(app)["key"] == [key]


def test_the_link_carries_the_key_and_is_empty_without_one():
    show = "from pages.shared import visitor; st.text(visitor.link())"
    key = run_store.new_key()
    assert open_script(show, key=key).text[0].value.endswith(f"?key={key}")
    assert open_script(show).text[0].value == ""


def test_ones_own_run_can_be_chosen_and_nobody_elses_is_offered():
    mine, yours = run_store.new_key(), run_store.new_key()
    run = finished_run(mine)
    assert "my run (your run)" in open_app(key=mine).selectbox[0].options
    for app in (open_app(key=yours), open_app()):
        assert not any("your run" in option for option in app.selectbox[0].options)
    assert network(open_app(key=mine, model=f"run:{run.id}")) == f"run:{run.id}"


def test_anothers_run_is_not_opened_by_its_id():
    run = finished_run(run_store.new_key())
    for query in ({"key": run_store.new_key()}, {}):
        app = open_app(**query, model=f"run:{run.id}")
        assert network(app) == model_store.shipped()[0]
        assert "no longer here" in app.warning[0].value


@pytest.mark.parametrize("model", ["nonsense", "run:", "run:../../models", "run:" + "x" * 200, "../runs/x"])
def test_an_address_that_asks_for_no_network_of_ours_gets_the_default_and_a_sentence(model):
    app = open_app(key=run_store.new_key(), model=model)
    assert network(app) == model_store.shipped()[0]
    assert len(app.warning) == 1
    assert "model" not in address(app)


def test_the_choice_is_kept_over_pages_and_in_the_address():
    key = run_store.new_key()
    choice = f"run:{finished_run(key).id}"
    app = open_app(key=key)
    app.selectbox[0].set_value(choice).run()
    assert address(app)["model"] == [choice]
    app.query_params.clear()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/draw.py").run()
    assert network(app) == choice
    assert address(app)["model"] == [choice]


def test_a_run_that_is_deleted_while_it_reads_gives_way_to_the_default():
    key = run_store.new_key()
    run = finished_run(key)
    app = open_app(key=key, model=f"run:{run.id}")
    shutil.rmtree(run.folder)
    app.run()
    assert network(app) == model_store.shipped()[0]
    assert "no longer here" in app.warning[0].value


def test_a_run_whose_model_is_damaged_gives_way_to_the_default():
    key = run_store.new_key()
    run = finished_run(key)
    run.file("model.tflite").write_bytes(b"not a model")
    assert network(open_app(key=key, model=f"run:{run.id}")) == model_store.shipped()[0]


def test_a_run_with_a_damaged_card_is_not_offered_and_breaks_nothing():
    key = run_store.new_key()
    finished_run(key).file("card.json").write_text('{"name": "ha')
    assert network(open_app(key=key)) == model_store.shipped()[0]


def test_the_train_pages_button_makes_a_run_the_network_of_every_page():
    key = run_store.new_key()
    run = finished_run(key)
    use = f"""
from digitcore.runs import store as run_store
from pages.shared import networks
networks.use_run(run_store.find({key!r}, {run.id!r}))
networks.model_picker("any")
"""
    assert network(open_script(use, key=key)) == f"run:{run.id}"


def test_a_network_is_loaded_once_and_again_when_its_card_is_written_anew(monkeypatch):
    from pages.shared import networks

    key = run_store.new_key()
    run = finished_run(key)
    loads = []
    load = model_store.load_folder
    monkeypatch.setattr(model_store, "load_folder", lambda folder: loads.append(folder) or load(folder))
    networks._of_run.clear()
    first = open_app(key=key, model=f"run:{run.id}")
    first.run()
    open_app(key=key, model=f"run:{run.id}")
    assert loads == [run.folder]
    run.file("card.json").write_text(run.file("card.json").read_text() + "\n")
    first.run()
    assert loads == [run.folder] * 2


def test_check_key_refuses_what_would_be_a_path():
    with pytest.raises(RunError):
        run_store.check_key("../" * 8)


def told(app, **kept):
    """The browser says what it keeps."""
    app.session_state["browser_keys"] = {"kept": {"visitor": None, "teacher": None, "class": None} | kept}
    return app.run()


def test_a_key_that_the_browser_keeps_leaves_the_address_and_opens_the_runs_under_it():
    key = run_store.new_key()
    run = finished_run(key)
    app = told(open_app(key=key), visitor=key)
    assert "key" not in address(app)
    bare = told(open_app(), visitor=key)
    assert bare.session_state["visitor_key"] == key and "key" not in address(bare)
    assert "my run (your run)" in bare.selectbox[0].options
    assert network(open_app(key=key, model=f"run:{run.id}")) == f"run:{run.id}"


def test_a_key_that_the_browser_does_not_keep_stays_in_the_address():
    mine, other = run_store.new_key(), run_store.new_key()
    assert address(told(open_app(key=other), visitor=mine))["key"] == [other]


@pytest.mark.parametrize(
    "said", ["x", ["x"], {"kept": "x"}, {"kept": {"visitor": 7}}, {"kept": {"visitor": "../.."}}]
)
def test_what_no_browser_of_ours_says_is_nothing(said):
    app = open_app()
    app.session_state["browser_keys"] = said
    assert "visitor_key" not in app.run().session_state


def test_a_page_that_learns_late_whose_it_is_shows_their_run_and_not_the_recorded_one():
    key = run_store.new_key()
    finished_run(key)
    app = open_app()
    app.switch_page("pages/train.py").run()
    assert "my run" not in [heading.value for heading in app.subheader]
    assert "my run" in [heading.value for heading in told(app, visitor=key).subheader]


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("<script>", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_budget_belongs_to_an_address_or_to_an_ipv6_network(address, whose):
    assert visitor.network_of(address) == whose
