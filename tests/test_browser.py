"""The app as a person uses it, in a real Chromium: draw, upload, train, stop, reload.

The `page` fixture fails a test that left an error in the browser's console.
"""

import io
import re
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore import datasets, paths
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run

LONG = 120_000  # milliseconds: a busy test machine loads TensorFlow in these


def heading(page, text):
    return page.get_by_role("heading", name=text, exact=True)


def test_a_digit_drawn_with_the_mouse_is_read_cleared_and_taken_back(page, app_url):
    driving.open_page(page, app_url)
    expect(heading(page, "Nothing drawn yet")).to_be_visible()
    driving.draw(page, 7)
    expect(heading(page, "7")).to_be_visible()
    expect(heading(page, "What the network sees")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(heading(page, "Nothing drawn yet")).to_be_visible()
    driving.draw(page, 3)
    driving.told(page, "3")  # by the server, which takes it back
    page.get_by_role("button", name="Undo").click()
    expect(heading(page, "Nothing drawn yet")).to_be_visible()


def test_a_page_is_named_in_the_browsers_tab_and_comes_compressed(page, app_url):
    encodings = {}
    page.on("response", lambda reply: encodings.update({reply.url: reply.headers.get("content-encoding")}))
    driving.open_page(page, app_url)
    expect(page).to_have_title("Draw - Digit Lab")
    page.get_by_role("link", name="Data").first.click()
    expect(page).to_have_title("Data - Digit Lab")
    largest = [
        encodings[url] for url in encodings if re.search(r"/static/js/(index|react-dom|protobuf)", url)
    ]
    assert len(largest) > 2 and set(largest) == {"gzip"}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A server of the app that nobody has visited yet, its folder of runs; it trains nothing."""
    folder = tmp_path_factory.mktemp("untouched")
    environment = {"DIGITLAB_RUNS": str(folder / "runs"), "DIGITLAB_TRAINERS": "0"}
    with driving.server(environment=environment, log=folder / "log.txt") as server:
        yield server.url, folder / "runs"


def test_a_first_visit_by_deep_link_has_the_navigation_and_its_page(page, untouched):
    url, _ = untouched
    driving.open_page(page, f"{url}/compare")
    expect(heading(page, "Compare")).to_be_visible()
    expect(page).to_have_title("Compare - Digit Lab")
    expect(page.get_by_role("link", name="Draw").first).to_be_visible()
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)


# A click in the moment before the page would tell what the browser keeps.
CLICK = """
  const read = Storage.prototype.getItem
  let clicked = false
  Storage.prototype.getItem = function (name) {
    if (name === "digitlab.visitor" && !clicked) {
      clicked = true
      document.querySelector("a[href$='/lessons']").click()
    }
    return read.call(this, name)
  }
"""


@pytest.mark.parametrize("kept", [None, "0123456789abcdef01234567"], ids=["first visit", "with a key"])
def test_the_first_click_counts_however_soon_it_comes(visitor, app_url, kept):
    page = visitor(viewport={"width": 1280, "height": 900}).new_page()
    if kept:
        page.add_init_script(f"localStorage.setItem('digitlab.visitor', '{kept}')")
    page.add_init_script(CLICK)
    page.goto(app_url)
    expect(heading(page, "Lessons")).to_be_visible()
    page.wait_for_timeout(1500)  # in which the page before might call the visitor back
    driving.settle(page)
    expect(heading(page, "Lessons")).to_be_visible()
    expect(page).to_have_url(f"{app_url}/lessons")


def test_what_a_returning_visitor_starts_at_once_belongs_to_the_key_that_the_browser_keeps(
    page, untouched, monkeypatch
):
    url, runs = untouched
    monkeypatch.setenv("DIGITLAB_RUNS", str(runs))
    key = run_store.new_key()
    page.add_init_script(f"localStorage.setItem('digitlab.visitor', '{key}')")
    # Of itself the browser says it only when the page has been at rest, which here is too late.
    page.add_init_script(
        "const every = setInterval;"
        "window.setInterval = (act, wait) => every(act, wait === 50 ? 60_000 : wait)"
    )
    page.goto(f"{url}/train")
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_enabled()
    driving.settle(page)
    start.click()
    expect(page.get_by_text("1st in the queue").first).to_be_visible()
    assert len(run_store.list_runs(key)) == 1
    assert [owner.name for owner in run_store.owners()] == [run_store.owner_folder(key).name]
    expect(page).to_have_url(f"{url}/train")


def test_a_drawing_survives_a_visit_to_another_page(page, app_url):
    driving.open_page(page, app_url)
    driving.draw(page, 2)
    driving.told(page, "2")
    page.get_by_role("link", name="Lessons").first.click()
    expect(heading(page, "Lessons")).to_be_visible()
    page.get_by_role("link", name="Draw").first.click()
    expect(heading(page, "2")).to_be_visible()


@pytest.fixture
def phone(visitor):
    return visitor(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, device_scale_factor=2
    ).new_page()


def test_a_finger_draws_on_a_phone_and_the_page_stays_where_it_is(phone, app_url):
    driving.open_page(phone, app_url)
    paper = phone.locator("canvas.upper-canvas")
    paper.wait_for()
    box = paper.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    finger = phone.context.new_cdp_session(phone)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop + window.scrollY"
    before = phone.evaluate(scrolled)
    x, y = box["x"], box["y"]
    touch = [{"x": x + 140, "y": y + 40}]
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touch})
    for step in range(1, 21):
        touch = [{"x": x + 140, "y": y + 40 + 10 * step}]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": touch})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(heading(phone, "1")).to_be_visible()
    assert phone.evaluate(scrolled) == before
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360, "nothing sticks out sideways"


def test_the_pages_stand_in_a_bar_on_a_phone_and_the_open_one_is_in_view(phone, app_url):
    driving.open_page(phone, app_url)
    bar = phone.get_by_role("navigation", name="Pages", exact=True)
    for name in ("Draw", "How well does it read?"):
        link = bar.get_by_role("link", name=name)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        expect(bar.locator("[aria-current=page]")).to_have_count(1)
        expect(link).to_be_in_viewport(ratio=1)
    boxes = [link.bounding_box() for link in bar.get_by_role("link").all()]
    assert len(boxes) == len(list((paths.REPOSITORY / "pages").glob("*.py")))
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    assert max(box["y"] + box["height"] for box in boxes) < heading_top(phone)
    expect(phone.get_by_test_id("stExpandSidebarButton")).to_be_hidden()
    phone.set_viewport_size({"width": 1280, "height": 800})
    expect(bar).to_be_hidden()
    expect(phone.get_by_role("navigation", name="App pages")).to_be_visible()


def heading_top(page):
    return page.get_by_role("heading", level=1).first.bounding_box()["y"]


def draw_number(page, digits, size=0.36, top=90, step=85):
    """Digits of driving.STROKES side by side, small enough for the square paper."""
    for place, digit in enumerate(digits):
        for stroke in driving.STROKES[digit]:
            driving.draw_stroke(page, [(step * place + size * x, top + size * y) for x, y in stroke])


def test_a_number_is_read_and_a_step_is_switched_off_by_keyboard_and_put_back(page, app_url):
    driving.open_page(page, app_url)
    draw_number(page, (1, 7, 4))
    expect(heading(page, "174")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^7 · ")).click()
    expect(page.get_by_text(re.compile("It reads 7"))).to_be_visible()
    driving.settle(page)  # the switches are new ones, and stand below what was waited for
    switch = page.get_by_role("switch", name=re.compile("Ink"))
    switch.focus()
    switch.press("Space")
    expect(page.get_by_text(re.compile("“Ink” switched off. It now reads"))).to_be_visible()
    page.get_by_role("button", name="All on").click()
    expect(page.get_by_text(re.compile("Every step is on. It reads 7"))).to_be_visible()
    expect(heading(page, "174")).to_be_visible()


def test_the_figures_are_one_click_from_the_drawing_which_stays(phone, app_url):
    driving.open_page(phone, app_url)
    driving.draw(phone, 1)
    driving.told(phone, "1")  # by the server, which keeps it
    phone.get_by_test_id("stMain").get_by_role("link", name="How well").last.click()
    expect(heading(phone, "How well does it read?")).to_be_visible()
    expect(phone.get_by_text("MNIST").first).to_be_visible()
    driving.settle(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360, "nothing sticks out sideways"
    phone.go_back()
    expect(heading(phone, "1")).to_be_visible()


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def validation_digits(n):
    """(name, PNG) of the first n validation digits, twice their size, dark on light."""
    images, labels = datasets.load("mnist", "validation")
    big = 255 - np.kron(images[:n], np.ones((1, 2, 2), np.uint8))
    return [(f"{label}-{i}.png", png(big[i])) for i, label in enumerate(labels[:n])]


def test_good_and_bad_files_and_a_zip_make_one_table_and_nothing_is_lost(page, app_url):
    digits = validation_digits(8)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, data in digits[4:]:
            file.writestr(name, data)
        file.writestr("notes.txt", "no picture")
    files = [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in digits[:4]]
    files.append({"name": "broken.png", "mimeType": "image/png", "buffer": b"not a picture"})
    files.append({"name": "more.zip", "mimeType": "application/zip", "buffer": archive.getvalue()})
    driving.open_page(page, app_url, "Upload")
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text(re.compile(r"^8 read, 2 not read"))).to_be_visible(timeout=LONG)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + 10
    for name, _ in digits:
        line = next(line for line in lines if name in line)
        assert name.split("-")[0] in line.split(",")[1:], line


@pytest.mark.long
def test_a_running_run_is_found_again_seen_by_nobody_else_and_once_stopped_it_reads(
    page, app_url, app_runs, visitor
):
    page.goto(f"{app_url}/train?architecture=mlp-128-128&epochs=60")
    expect(page.get_by_role("slider", name="Epochs")).to_have_value("60")
    driving.settle(page)
    page.get_by_role("button", name="Start training").click()
    # Until then the page still shows a recorded run, which has a result of its own.
    stop = page.get_by_role("button", name=re.compile("^Stop"))  # "and keep the best" after an epoch
    expect(stop).to_be_visible(timeout=LONG)
    page.goto("about:blank")
    # It learns for one epoch and waits, so that nothing here races against it.
    run = Run(max(app_runs.rglob(paths.SETTINGS), key=lambda path: path.stat().st_mtime).parent)
    for control in (paths.STEP, paths.PAUSE):
        run.file(control).touch()
    while run.last_state() != "paused":
        assert run_state.of(run).active, run.log_tail()
        time.sleep(0.2)
    page.goto(f"{app_url}/train")
    expect(stop).to_be_visible(timeout=LONG)
    expect(page).not_to_have_url(re.compile("key="))  # the browser keeps it
    other = visitor().new_page()
    other.goto(f"{app_url}/train")
    expect(other.get_by_role("button", name="Start training")).to_be_visible(timeout=LONG)
    driving.settle(other)
    assert other.get_by_role("button", name="Stop").count() == 0
    other.close()
    stop.click()
    expect(page.get_by_role("button", name="Stopping…")).to_be_visible(timeout=LONG)
    page.goto("about:blank")
    while run_state.of(run).active:
        time.sleep(0.2)
    assert run.file(paths.CARD).exists(), run.log_tail()
    page.goto(f"{app_url}/train")
    expect(page.get_by_text("Misses of 10,000", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"Stopped; its best epoch, epoch 1, was kept")).first).to_be_visible()
    page.get_by_role("button", name="Read with this network").click()
    page.get_by_role("link", name="Draw").first.click()
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("your run"))
    driving.draw(page, 1)
    expect(heading(page, "1")).to_be_visible()
