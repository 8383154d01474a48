"""The whole app through its router, and the theme's contrast by WCAG's own arithmetic."""

import gc
import tomllib
from itertools import pairwise

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digitcore import paths
from digitcore.networks.settings import Settings
from digitcore.runs import queue as run_queue
from digitcore.runs import store as run_store
from pages.shared import server

ROOT = paths.REPOSITORY
CONFIG = ROOT / ".streamlit" / "config.toml"
PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
THEME = tomllib.loads(CONFIG.read_text())["theme"]
LIGHTS = ("light", "dark")


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))


def test_the_router_is_short_and_lists_every_page():
    source = (ROOT / "app.py").read_text()
    assert len(source.splitlines()) < 65
    for page in PAGES:
        assert f"pages/{page}" in source


def test_the_frame_stands_around_every_page_and_every_later_run():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["key"] = "short"
    app.run()
    for _ in range(2):
        app.switch_page("pages/data.py")
        app.query_params["key"] = "short"
        assert "new visitor" in app.run().warning[0].value  # said by app.py


def test_the_front_page_is_draw():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert app.title[0].value == "Draw a digit"


def test_imported_modules_are_exempt_from_garbage_collection():
    server.forget()
    gc.unfreeze()
    AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert gc.get_freeze_count() > 50_000  # streamlit, numpy, pandas, ...
    assert len(gc.get_objects()) < 50_000


def test_after_a_stroke_streamlit_does_not_look_for_garbage():
    assert tomllib.loads(CONFIG.read_text())["runner"]["postScriptGC"] is False


@pytest.mark.parametrize("waiting", [True, False])
def test_runs_that_waited_when_the_server_ended_go_on_whatever_page_is_opened(waiting, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    begun = []
    monkeypatch.setattr(run_queue.Queue, "start", lambda queue: begun.append(queue) or queue)
    if waiting:
        run_store.create(Settings(), run_store.new_key())
    server.forget()
    try:
        for _ in range(2):
            AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        assert len(begun) == waiting
    finally:
        server.forget()


def test_clearing_the_servers_cache_starts_no_second_queue_and_no_second_fetch(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path))
    begun = []
    monkeypatch.setattr(run_queue.Queue, "start", lambda queue: begun.append(queue) or queue)
    server.forget()
    try:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        fetcher = server.fetcher("fashion-mnist")
        for _ in range(3):
            app.switch_page("pages/train.py").run()
            assert not app.exception
            st.cache_resource.clear()  # what Streamlit does when a client's message asks for it
            st.cache_data.clear()
        assert len(begun) == 1 and server.queue() is begun[0]
        assert server.fetcher("fashion-mnist") is fetcher
    finally:
        server.forget()


def test_a_queue_from_before_a_change_of_code_hands_its_trainers_to_the_next(monkeypatch):
    server.forget()
    try:
        old = server.queue()
        monkeypatch.setattr(run_queue, "Queue", type("Queue", (run_queue.Queue,), {}))
        new = server.queue()
        assert new is not old and new.backend is old.backend and old._ended.is_set()
    finally:
        server.forget()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_through_the_router(page):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.switch_page(f"pages/{page}").run()
    assert not app.error
    assert len(app.title) >= 1


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_alone_and_has_one_thing_to_try(page):
    alone = AppTest.from_file(str(ROOT / "pages" / page), default_timeout=120).run()
    assert not alone.error
    texts = [*alone.markdown, *alone.caption]
    assert sum("Try this" in text.value for text in texts) == 1


def test_each_setting_has_its_reason():
    lines = CONFIG.read_text().split("[theme]")[0].splitlines()
    for before, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert before.startswith("#"), f"no reason above: {line}"


def luminance(colour):
    """Relative luminance of #RRGGBB (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def blended(front, back, opacity):
    mixed = [
        round(opacity * int(front[i : i + 2], 16) + (1 - opacity) * int(back[i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("light", LIGHTS)
def test_text_captions_and_primary_text_pass_aa_on_the_background(light):
    theme = THEME[light]
    ground = theme["backgroundColor"]
    assert contrast(theme["textColor"], ground) >= 7
    assert contrast(blended(theme["textColor"], ground, 0.6), ground) >= 4.5  # Streamlit's captions
    assert contrast(theme["primaryColor"], ground) >= 4.5
    assert contrast(theme["textColor"], theme["secondaryBackgroundColor"]) >= 7


@pytest.mark.parametrize("light", LIGHTS)
def test_white_on_primary_buttons_passes_aa(light):
    assert contrast("#FFFFFF", THEME[light]["primaryColor"]) >= 4.5


@pytest.mark.parametrize("light", LIGHTS)
def test_borders_of_fields_can_be_seen_on_both_sides(light):
    theme = THEME[light]
    assert contrast(theme["borderColor"], theme["backgroundColor"]) >= 3
    assert contrast(theme["borderColor"], theme["secondaryBackgroundColor"]) >= 3


@pytest.mark.parametrize("light", LIGHTS)
def test_chart_colours_pass_three_to_one_and_differ(light):
    theme = THEME[light]
    colours = theme["chartCategoricalColors"]
    assert len(set(colours)) == len(colours)
    for colour in colours:
        assert contrast(colour, theme["backgroundColor"]) >= 3, colour


def test_figures_beside_the_bars_pass_aa_in_both_themes():
    from pages.shared.probabilities import FIGURE

    for light in LIGHTS:
        assert contrast(FIGURE, THEME[light]["backgroundColor"]) >= 4.5
