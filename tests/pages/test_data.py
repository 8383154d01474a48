import base64
import dataclasses
import json
import sys
import time

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digitcore import datasets, paths
from digitcore.datasets import catalogue
from digitcore.datasets.background import BackgroundFetch
from pages.shared import language, server
from tests.datasets.idx_fixture import N_TEST, install_small_fashion, write_packed


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()
    server.forget()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
    server.forget()


@pytest.fixture
def fashion(monkeypatch, tmp_path):
    """The tiny Fashion-MNIST, not on this machine yet: its files' bytes."""
    return install_small_fashion(monkeypatch, tmp_path)[1]


def open_page():
    page = AppTest.from_file(str(paths.REPOSITORY / "pages" / "data.py"), default_timeout=120).run()
    return page


def choose_fashion(page):
    page.segmented_control(key="dataset").set_value("fashion-mnist").run()
    return page


def html(page):
    bodies = [element.proto.body for element in page.get("html")]
    return [body for body in bodies if "refused-uploads" not in body]


def chart(page):
    return json.loads(page.get("plotly_chart")[0].proto.spec)["data"]


def counts_of(bar):
    data = bar["customdata"]
    if isinstance(data, dict):  # Plotly packs arrays of numbers
        return list(np.frombuffer(base64.b64decode(data["bdata"]), data["dtype"]))
    return data


def run_instead(monkeypatch, *command):
    """Let a fetch be another command; nothing is downloaded in a test."""
    monkeypatch.setattr(datasets, "BackgroundFetch", lambda name: BackgroundFetch(name, command))


def wait_for_end(fetch, seconds=100):
    end = time.monotonic() + seconds
    while fetch.running:
        assert time.monotonic() < end, "the process never ended"
        time.sleep(0.02)


@pytest.mark.parametrize(("code", "sign"), [("en", "%"), ("de", "\N{NO-BREAK SPACE}%")])
def test_shares_are_written_as_the_language_writes_them(code, sign):
    page = AppTest.from_file(str(paths.REPOSITORY / "pages" / "data.py"), default_timeout=120)
    page.session_state[language.SESSION] = code
    axis = json.loads(page.run().get("plotly_chart")[0].proto.spec)["layout"]["yaxis"]
    assert axis["ticksuffix"] == sign
    assert sum(int(n) for n in counts_of(chart(page)[0])) == 55_000


def test_the_page_shows_mnist_its_pictures_means_counts_and_shapes():
    page = open_page()

    samples, means = html(page)
    assert 'aria-label="44 training pictures of class 0"' in samples and samples.count("<img") == 44
    assert means.count("<img") == 10 and 'alt="Mean of all training pictures of 7"' in means
    labels = datasets.load_labels("mnist", "validation")
    bars = {bar["name"]: bar for bar in chart(page)}
    assert list(bars) == list(datasets.PARTS)
    assert bars["validation"]["x"] == list("0123456789")
    assert list(counts_of(bars["validation"])) == list(np.bincount(labels))
    assert any("(55000, 28, 28)" in text.value for text in page.markdown)
    assert any("CC BY-SA 3.0" in caption.value for caption in page.caption)


def test_choosing_a_class_shows_that_class_and_shuffling_shows_others():
    page = open_page()
    page.pills(key="class_mnist").set_value(4).run()
    before = html(page)[0]
    assert "training pictures of class 4" in before

    page.button(key="shuffle").click().run()

    after = html(page)[0]
    assert "training pictures of class 4" in after and after != before


def test_without_fashion_the_page_says_so_and_mnist_still_works(fashion):
    page = choose_fashion(open_page())

    assert [note.value for note in page.info] == [
        "Fashion-MNIST is not on this machine yet; MNIST works without it."
    ]
    assert page.button(key="fetch").label == "Fetch Fashion-MNIST"
    assert not html(page)
    page.segmented_control(key="dataset").set_value("mnist").run()
    assert len(html(page)) == 2 and not page.info


def test_an_installed_fashion_is_shown_with_its_own_class_names(fashion, tmp_path):
    write_packed(tmp_path / "system", fashion)

    page = choose_fashion(open_page())

    samples, means = html(page)
    assert "training pictures of class T-shirt/top" in samples
    assert "Mean of all training pictures of Ankle boot" in means
    assert any(f"({N_TEST}, 28, 28)" in text.value for text in page.markdown)
    page.pills(key="class_fashion-mnist").set_value(8).run()
    assert "training pictures of class Bag" in html(page)[0]


def test_the_button_fetches_in_a_process_with_progress_and_then_shows_the_data(
    fashion, tmp_path, monkeypatch
):
    packed = tmp_path / "packed"
    write_packed(packed, fashion)
    goal = tmp_path / "data" / "fashion-mnist"
    go = tmp_path / "go"
    code = (
        "import pathlib, shutil, sys, time\n"
        "while not pathlib.Path(sys.argv[3]).exists(): time.sleep(0.02)\n"
        "shutil.copytree(sys.argv[1], sys.argv[2])"
    )
    run_instead(monkeypatch, sys.executable, "-c", code, str(packed), str(goal), str(go))
    page = choose_fashion(open_page())

    page.button(key="fetch").click().run()

    assert page.button(key="fetch").disabled
    assert "Fetching and checking: 0%" in page.get("progress")[0].proto.text
    go.touch()
    wait_for_end(server.fetcher("fashion-mnist"))
    page.run()
    assert not page.info and "training pictures of class T-shirt/top" in html(page)[0]


def test_a_failed_fetch_shows_its_sentence_and_can_be_tried_again(fashion, monkeypatch):
    code = "import sys; print('No way to the internet.', file=sys.stderr); sys.exit(1)"
    run_instead(monkeypatch, sys.executable, "-c", code)
    page = choose_fashion(open_page())

    page.button(key="fetch").click().run()
    wait_for_end(server.fetcher("fashion-mnist"))
    page.run()

    assert [note.value for note in page.error] == ["No way to the internet."]
    assert not page.button(key="fetch").disabled


def test_a_damaged_fashion_is_said_and_can_be_fetched_again(fashion, tmp_path):
    folder = tmp_path / "data" / "fashion-mnist"
    write_packed(folder, fashion)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"junk")

    page = choose_fashion(open_page())

    assert len(page.error) == 1 and "Fashion-MNIST is damaged" in page.error[0].value
    assert page.button(key="fetch")


def test_a_damaged_mnist_is_one_sentence_and_no_traceback(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    path.write_bytes(b"junk")
    monkeypatch.setitem(catalogue._STORES, "mnist", dataclasses.replace(catalogue.store("mnist"), path=path))
    page = open_page()
    assert "MNIST is damaged" in page.error[0].value and not html(page)


def test_the_page_opens_from_the_app():
    app = AppTest.from_file(str(paths.REPOSITORY / "app.py"), default_timeout=120).run()
    app.switch_page("pages/data.py").run()
    assert app.title[0].value == "The data" and sum("<img" in body for body in html(app)) == 2
