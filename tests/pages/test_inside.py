"""The page Inside: the drawing in any network, on the visitor's own device."""

import io
import re
import shutil
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from benchmarks.support import driving
from benchmarks.support.canvas_messages import canvas_png, canvas_state
from benchmarks.support.visitor_client import Visitor
from digitcore import datasets, files, paths
from digitcore.browser import keras_file
from digitcore.networks import model_store
from digitcore.networks.settings import Settings
from digitcore.runs import epoch_weights
from digitcore.runs import store as run_store
from pages.parts.inside import view
from pages.shared import live_network
from tests import event_loop
from tests.visitors import errors_of

PAGE = str(paths.REPOSITORY / "pages" / "inside.py")


def test_the_sheet_holds_each_digit_where_the_page_looks_for_it():
    images, labels = datasets.load("mnist", "train", n_train=100)
    sheet = np.asarray(Image.open(io.BytesIO(view.sheet_of(images))))
    for number in (0, 49, 50, 99):
        top, left = number // view.ACROSS * 28, number % view.ACROSS * 28
        assert (sheet[top : top + 28, left : left + 28] == images[number]).all()
    found, letters = view._digits("mnist", view.N_DIGITS)
    assert found is not None and len(letters) == view.N_DIGITS
    assert [ord(letter) - ord("a") for letter in letters[:100]] == labels.tolist()


def test_a_network_of_few_digits_is_compared_with_those_that_it_learnt_from():
    images, labels = datasets.load("mnist", "train", n_train=130)
    content, letters = view._digits("mnist", 130)
    assert [ord(letter) - ord("a") for letter in letters] == labels.tolist()
    sheet = np.asarray(Image.open(io.BytesIO(content)))
    assert sheet.shape == (3 * 28, view.ACROSS * 28)
    assert (sheet[-28:, 29 * 28 : 30 * 28] == images[129]).all()
    assert not sheet[-28:, 30 * 28 :].any()


def test_the_page_asks_for_no_more_digits_than_the_network_learnt_from(monkeypatch):
    asked = []
    monkeypatch.setattr(live_network, "address", lambda choice: "somewhere")
    monkeypatch.setattr(view, "_digits", lambda dataset, n: asked.append(n) or (None, ""))
    monkeypatch.setattr(view, "_inside", lambda **options: None)
    papers = []
    monkeypatch.setattr(view.class_game, "settle", papers.append)
    card = model_store.card("digitnet-nano")
    for n_train in (55_000, 300):
        network = SimpleNamespace(title="x", card=card | {"dataset": {"name": "mnist", "n_train": n_train}})
        assert view.show("digitnet-nano", None, network, "draw") == []
    assert asked == [view.N_DIGITS, 300]
    assert papers == ["draw", "draw"], "what is claimed is checked against the paper that is drawn on"


def test_a_stroke_makes_the_server_answer_with_nothing_but_the_paper(app_url):
    async def stroke():
        visitor = Visitor(app_url)
        await visitor.open()
        await visitor.goto("Inside")
        key = visitor.page.numbered("draw_canvas_")
        known = dict(visitor.page.elements)
        strokes = [driving.STROKES[1][0]]
        state = canvas_state(strokes, canvas_png(strokes), visitor.page.ground(key))
        await visitor.touch(key, json_value=state)
        again = [place for place, element in visitor.page.elements.items() if element is not known.get(place)]
        fresh = {visitor.page.elements[place].WhichOneof("type") for place in again}
        await visitor.close()
        return fresh, len(again), visitor.exceptions

    fresh, n, exceptions = event_loop.run(stroke())
    assert not exceptions
    assert fresh <= {"bidi_component", "button"} and n <= 4, fresh  # canvas, its finish, Undo, Clear


def test_a_network_that_the_browser_cannot_have_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(live_network, "address", lambda choice: None)
    at = AppTest.from_file(PAGE, default_timeout=120).run()
    assert "a layer that your browser cannot compute" in at.info[0].value


def test_training_digits_that_are_not_here_leave_the_rest(monkeypatch):
    def missing(*arguments, **options):
        raise datasets.loader.DatasetError("not on this machine")

    view._digits.clear()
    monkeypatch.setattr(datasets, "load", missing)
    assert view._digits("mnist", 100) == (None, "")
    view._digits.clear()


def shown(page, app_url):
    """Inside with a drawn 7 in nano, which is quick on a busy machine."""
    page.goto(f"{app_url}/inside?model=digitnet-nano")
    page.locator(".inside .samples button").first.wait_for()
    driving.draw(page, 7)
    expect(page.locator(".inside .rows")).to_have_text("7")
    return page


@pytest.fixture
def fresh(page, app_url):
    """Inside as somebody finds it who comes."""
    return shown(page, app_url)


@pytest.fixture(scope="module")
def opened(visitors, app_url):
    """The page that `inside` hands out, and what went wrong on it."""
    context = visitors.comes(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors = errors_of(page)
    yield shown(page, app_url), errors
    visitors.leaves(context)


@pytest.fixture
def inside(opened):
    """Inside as somebody left it: a 7, every unit on, and open is what is opened first."""
    page, errors = opened
    tab(page, "Look")
    page.locator(".inside .maps").first.click(position={"x": 1, "y": 1})  # there the buttons are
    again = page.get_by_role("button", name="All on again")
    if again.count():
        again.click()
    expect(page.locator(".inside .rows")).to_have_text("7")
    yield page
    assert not errors, "\n".join(errors)


def tab(page, name):
    page.get_by_role("tab", name=name).click()


def sums(page):
    return page.locator(".inside .details").inner_text()


def test_the_answer_is_read_aloud_and_the_part_that_was_open_is_open_again_in_its_own_tab(fresh):
    expect(fresh.locator(".inside [role=status]").first).to_have_text(re.compile(r"^digitnet-nano: 7\. "))
    tab(fresh, "Break it")
    other = fresh.context.new_page()
    other.goto(fresh.url)
    other.get_by_role("button", name="Sample 3").click()
    expect(other.get_by_role("tab", name="Look")).to_have_attribute("aria-selected", "true")
    expect(other.locator(".inside .rows")).to_have_text("3")
    other.close()
    for name in ("Draw", "Inside"):
        fresh.get_by_role("link", name=name, exact=True).first.click()
    expect(fresh.get_by_role("tab", name="Break it")).to_have_attribute("aria-selected", "true")
    expect(fresh.locator(".inside .rows")).to_have_text("7")
    fresh.set_viewport_size({"width": 640, "height": 450})  # as 1280 x 900 at 200 %
    assert fresh.evaluate("document.documentElement.scrollWidth") <= 640, "nothing sticks out sideways"


def test_the_numbers_behind_a_pixel_add_up_and_a_map_is_switched_off(inside):
    maps = inside.locator(".inside .maps").first
    maps.focus()
    inside.keyboard.press("ArrowRight")
    expect(inside.locator(".inside .details")).to_contain_text("map 1, row 1, column 2")
    cells = inside.locator(".inside .patch td").all_inner_texts()
    assert 9 <= len(cells) <= 25
    products = [float(a) * float(b) for a, b in (cell.replace("−", "-").split(" × ") for cell in cells)]
    said = sums(inside).replace("−", "-").split("Σ input × weight = ")[1].split(",")[0]
    assert sum(products) == pytest.approx(float(said), abs=0.01)
    inside.get_by_role("button", name="Switch this map off").click()
    expect(inside.get_by_role("button", name="Switch this map on")).to_be_visible()
    inside.get_by_role("button", name="All on again").click()
    expect(inside.get_by_role("button", name="Switch this map off")).to_be_visible()


def test_the_answers_themselves_are_not_switched_off_and_the_keyboard_stays_where_it_was(inside):
    answers = inside.locator(".inside .maps").last
    answers.focus()
    inside.keyboard.press("Enter")
    expect(inside.locator(".inside .bars")).to_contain_text("%")
    assert "on" not in [b.split()[-1] for b in inside.locator(".inside .details button").all_inner_texts()]
    inside.locator(".inside .maps").first.focus()
    for now in ("Switch this map off", "Switch this map on"):
        inside.get_by_role("button", name=now).focus()
        inside.keyboard.press("Enter")
        assert focused(inside).startswith("Switch this map") and focused(inside) != now
    tab(inside, "Why")
    inside.get_by_role("button", name="why not 9?").focus()
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("button", name="why not 9?")).to_have_attribute("aria-pressed", "true")
    assert focused(inside) == "why not 9?"


def focused(page):
    """The text of what has the keyboard's focus, in the shadow of the component."""
    return page.locator(".inside :focus").inner_text()


def test_a_phone_has_maps_that_a_finger_finds(visitor, app_url):
    context = visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{app_url}/inside?model=digitnet-nano")
    page.locator(".inside .samples button").nth(4).tap()
    first = page.locator(".inside .maps").first
    box = first.bounding_box()
    assert box["width"] <= 362 and box["height"] > 150  # 14 maps of 70 pixels a side, in three rows
    last = page.locator(".inside .maps").last
    last.scroll_into_view_if_needed()
    last.tap(position={"x": 2 * 24 * 4 + 12, "y": 12})
    expect(page.locator(".inside .details")).to_contain_text("the answer “4”")
    narrow = page.locator(".inside button:visible").evaluate_all(
        "all => all.filter(b => b.offsetWidth < 44 || b.offsetHeight < 44).map(b => b.textContent)"
    )
    assert narrow == []


IN_VIEW = """([inner, top]) => {
  const shadows = [...document.querySelectorAll("*")].map((each) => each.shadowRoot)
  const inside = shadows.find((root) => root?.querySelector(".inside"))
  const { y, bottom } = inside.querySelector(inner).getBoundingClientRect()
  return y >= top && bottom <= innerHeight
}"""
HEAD = 60  # pixels of the window that the pages' names take


@pytest.mark.parametrize("touch", [False, True], ids=["desktop", "phone"])
def test_the_numbers_are_in_sight_beside_whatever_is_pointed_at_and_nothing_moves_away(
    visitor, app_url, touch
):
    size = {"width": 390, "height": 844} if touch else {"width": 1280, "height": 800}
    page = visitor(viewport=size, is_mobile=touch, has_touch=touch).new_page()
    page.goto(f"{app_url}/inside?model=digitnet-nano")
    page.get_by_role("button", name="Sample 4").click()
    first, last = page.locator(".inside .maps").first, page.locator(".inside .maps").last
    first.wait_for()
    driving.settle(page)
    if not touch:
        assert first.bounding_box()["y"] + 64 < 800, "the first maps are on the first screen"
    for maps in (first, last):
        maps.scroll_into_view_if_needed()
        before = maps.bounding_box()
        maps.click(position={"x": before["width"] / 4, "y": before["height"] / 2})
        expect(page.locator(".inside .details")).to_contain_text("Σ input × weight")
        assert maps.bounding_box() == before
        assert page.evaluate(IN_VIEW, [".details p", HEAD]) and page.evaluate(IN_VIEW, [".frame", HEAD])
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], "nothing sticks out"


def test_a_finger_that_still_draws_has_its_answer_and_clear_ends_what_is_computed(visitor, app_url):
    context = visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{app_url}/inside?model=digitnet-nano")
    page.locator(".inside .samples button").first.wait_for()
    box = page.locator("canvas.upper-canvas").bounding_box()
    devtools = context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    (corners,) = driving.STROKES[7]
    touch("touchStart", corners[0])
    for (x1, y1), (x2, y2) in pairwise(corners):
        for i in range(1, 9):
            touch("touchMove", (x1 + (x2 - x1) * i / 8, y1 + (y2 - y1) * i / 8))
    expect(page.locator(".inside .rows")).to_have_text("7")
    touch("touchEnd")
    page.get_by_role("tab", name="Nearest").tap()
    page.get_by_role("button", name="Clear").tap()
    expect(page.locator(".inside .answers")).to_have_text("Draw a digit, or tap one of these.")
    expect(page.locator(".near")).to_be_hidden()
    expect(page.locator(".near .faint")).to_have_text("")


def test_weights_that_do_not_come_are_said_and_come_with_the_next_try(visitor, app_url):
    page = visitor().new_page()  # of its own: the browser logs the answer 503 as an error

    def refuse(route):
        route.fulfill(status=503)

    page.goto(f"{app_url}/inside?model=digitnet-nano")
    page.get_by_role("button", name="Sample 3").click()
    expect(page.locator(".inside .rows")).to_have_text("3")
    page.context.route("**/media/*.bin", refuse)
    choose(page, "mlp-128-128")
    expect(page.get_by_role("alert")).to_contain_text("The network could not be loaded: 503")
    expect(page.locator(".inside .rows")).to_have_count(0)
    page.context.unroute("**/media/*.bin", refuse)
    choose(page, "digitnet")
    page.get_by_role("button", name="Sample 3").click()
    expect(page.locator(".inside .rows")).to_have_text("3")
    page.close()


def test_weights_and_samples_that_come_at_the_second_try_come_without_a_word(visitor, app_url):
    page, asked = visitor().new_page(), []  # of its own: the browser logs what it could not load as an error

    def lost_at_first(route):
        asked.append(route.request.url)
        route.continue_() if asked.count(asked[-1]) > 1 else route.abort()

    page.route("**/media/*", lost_at_first)
    page.goto(f"{app_url}/inside?model=mlp-128-128")
    page.get_by_role("button", name="Sample 3").click()
    expect(page.locator(".inside .rows")).to_have_text("3")
    assert sorted(asked.count(url) for url in set(asked))[-2:] == [2, 2]  # and the page's icon, once


@pytest.mark.parametrize("width", [390, 1280])
def test_samples_stand_at_the_hint_and_stay_where_they_are_when_one_is_tapped(visitor, app_url, width):
    page = visitor(viewport={"width": width, "height": 1600}).new_page()
    page.goto(f"{app_url}/inside?model=digitnet-nano")
    sample = page.get_by_role("button", name="Sample 3")
    sample.wait_for()
    driving.settle(page)
    last, hint = (driving.box_of(page.locator(place)) for place in (".samples button >> nth=-1", ".hint"))
    assert 0 <= hint["y"] - (last["y"] + last["height"]) < 20
    before = driving.box_of(sample)
    sample.click()
    expect(page.locator(".inside .rows")).to_have_text("3")
    assert driving.box_of(sample) == before


def choose(page, network):
    page.get_by_role("combobox", name="Network", exact=False).first.click()
    page.get_by_role("option", name=network, exact=True).click()


def test_with_every_unit_of_a_layer_off_the_answer_is_another(inside):
    before = inside.locator(".inside .bars").inner_text()
    maps = inside.locator(".inside .maps").nth(1)
    maps.focus()
    for _ in range(18):
        inside.keyboard.press("Enter")
        inside.keyboard.press("ArrowRight")
        for _ in range(20):
            inside.keyboard.press("ArrowRight")
    assert inside.locator(".inside .bars").inner_text() != before


def test_the_least_change_makes_it_another_digit_and_its_size_is_said(inside):
    tab(inside, "Fool it")
    inside.get_by_role("button", name="make it 2").click()
    said = inside.locator(".fool .said")
    expect(said).to_contain_text("it reads 2")
    assert 0 < float(said.inner_text().split("by ")[1].split("%")[0]) < 50
    assert inside.locator(".fool .editable").bounding_box()["width"] >= 280, "a finger can hit a pixel"
    inside.get_by_role("button", name="As drawn").click()
    expect(said).to_contain_text("As drawn it reads 7")


def test_a_turned_digit_is_read_at_each_step_of_the_slider(inside):
    tab(inside, "Break it")
    said = inside.locator(".break .said")
    expect(said).to_contain_text("Turn 0°: 7")  # as it was drawn
    curve = inside.locator(".break .curve")
    expect(curve).to_have_attribute("aria-label", re.compile(r"from −180 to 180\. −180 … .*: 7"))
    slider = inside.get_by_role("slider", name="How much")
    slider.focus()
    inside.keyboard.press("Home")
    expect(said).to_contain_text("Turn −180°")
    for _ in range(12):
        inside.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Turn 0°: 7")


def test_why_is_asked_of_any_digit_and_the_nearest_are_of_the_answers_class(inside):
    tab(inside, "Why")
    inside.get_by_role("button", name="why not 9?").click()
    expect(inside.get_by_role("button", name="why not 9?")).to_have_attribute("aria-pressed", "true")
    expect(inside.locator(".why p[aria-live]")).to_contain_text(
        "Without the piece that matters most it reads"
    )
    tab(inside, "Nearest")
    expect(inside.locator(".near figcaption").first).to_be_visible()
    expect(inside.locator(".near .faint")).to_have_text("")
    nearest = inside.locator(".near figcaption").all_inner_texts()
    assert nearest.count("7") > len(nearest) / 2


def test_a_second_network_answers_beside_the_first_and_a_sample_is_tapped(fresh):
    fresh.get_by_role("button", name="Clear").click()
    fresh.get_by_role("button", name="Sample 3").click()
    expect(fresh.locator(".inside .rows")).to_have_text("3")
    second = fresh.get_by_role("combobox", name="Compare with another network")
    second.scroll_into_view_if_needed()  # a list that is open closes when the page scrolls
    driving.settle(fresh)
    second.click()
    fresh.get_by_role("option", name="mlp-128-128").click()
    expect(fresh.locator(".inside .rows")).to_have_count(2)


@pytest.fixture
def finished(app_runs, monkeypatch):
    """A visitor's finished run: the shipped perceptron, which knew nothing at epoch 0."""
    monkeypatch.setenv("DIGITLAB_RUNS", str(app_runs))
    key, name = run_store.new_key(), "mlp-128-128"
    run = run_store.create(Settings.for_architecture(name), key, "mine")
    shipped = {}
    for ending in ("keras", "tflite"):
        shutil.copyfile(paths.MODELS / f"{name}.{ending}", run.file(f"model.{ending}"))
        digest = model_store.file_sha256(run.file(f"model.{ending}"))
        shipped[f"model.{ending}"] = {"sha256": digest, "bytes": run.file(f"model.{ending}").stat().st_size}
    files.write_json(run.file("card.json"), model_store.card(name) | {"title": "mine", "files": shipped})
    numbers = []
    for step in keras_file.read(run.file("model.keras")):
        numbers += [step.weights, step.bias]
    run.file(paths.REPLAY).mkdir()
    epoch_weights.keep(run, 0, [np.zeros_like(array) for array in numbers])
    epoch_weights.keep(run, 2, numbers)
    return key, run


def test_ones_own_run_is_looked_into_beside_itself_after_another_epoch(page, app_url, finished):
    key, run = finished
    page.goto(f"{app_url}/inside?key={key}&model=run:{run.id}")
    page.get_by_role("button", name="Sample 3").click()
    expect(page.locator(".inside .rows")).to_have_count(1)
    bars = page.locator(".inside .bars")
    for epoch in (0, 2):
        page.get_by_role("combobox", name="Compare with another network").click()
        page.get_by_role("option", name=f"This run after epoch {epoch}").click()
        expect(bars).to_have_count(2)
        word = page.locator(".inside .rows").nth(1)
        expect(word).to_have_text("no digit" if epoch == 0 else "3")  # a tenth for each says nothing
    expect(page.locator(".inside .answer").nth(1)).to_contain_text("This run after epoch 2")
    first, second = (page.locator(".inside .answer").nth(i).bounding_box() for i in (0, 1))
    assert first["y"] == second["y"] and first["x"] + first["width"] <= second["x"], "side by side"
    assert bars.nth(1).inner_text() == bars.first.inner_text()
