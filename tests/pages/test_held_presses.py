"""A press at once after the last stroke is for the whole drawing, though the canvas has not sent it yet."""

import io
import json
import re
import sqlite3

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore.classroom.classes import FILE
from tests.pages.test_draw_live import INK_AT
from tests.test_browser_class import PHONE, asked, here, join, make_class

# A server so busy that what it is told within a second and a half reaches it at once.
BUSY_SERVER = """
  const send = WebSocket.prototype.send
  const waiting = []
  WebSocket.prototype.send = function (data) { waiting.push(() => send.call(this, data)) }
  setInterval(() => waiting.splice(0).forEach((one) => one()), 1500)
"""
# A canvas that sends its drawing a second and a half later than it does.
LATE_CANVAS = """
  const wait = window.setTimeout
  window.setTimeout = (what, time, ...more) => wait(what, time === 200 ? 1700 : time, ...more)
"""

FIRST, SECOND = driving.STROKES[4]
# (row, column) on the paper: a point of the first stroke, and one of the second.
ON_FIRST, ON_SECOND = (100, 82), (210, 171)


def draw(page, stroke):
    """Draw a stroke of the paper's 280 pixels, which a phone shows larger."""
    paper = page.get_by_role("application")  # the canvas, once paper.js has given it its name and width
    scale = driving.box_of(paper)["width"] / 280
    driving.draw_stroke(page, [(x * scale, y * scale) for x, y in stroke])


def middle_of(page, button):
    """Where to press a button, once everything is in its place."""
    page.get_by_role("application").wait_for()
    driving.settle(page)
    driving.stand_still(page)
    button.scroll_into_view_if_needed()
    box = driving.box_of(button)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press_at_once(page, button, stroke, times=1):
    """Draw a stroke and press in the moment in which the pen is lifted."""
    place = middle_of(page, button)
    draw(page, stroke)
    for _ in range(times):
        page.mouse.click(*place)


def until_inked(page, *where):
    """Wait until the strokes that the paper shows are these; ON_FIRST and so on, or not."""
    for (y, x), inked in zip((ON_FIRST, ON_SECOND), where, strict=True):
        page.wait_for_function(f"(place) => ({INK_AT})(place) === {json.dumps(inked)}", arg=[x, y])


def inked(png):
    """Which of the two strokes a picture of the paper holds."""
    paper = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return [bool(paper[point] < 128) for point in (ON_FIRST, ON_SECOND)]


def drawings(runs):
    with sqlite3.connect(runs / FILE) as database:
        return [png for (png,) in database.execute("SELECT original FROM drawings ORDER BY id")]


@pytest.fixture
def student(visitor, app_url):
    """The phone of a student of a class that has just been made."""
    address = make_class(visitor().new_page(), app_url).partition("&")[0]
    phone = visitor(**PHONE).new_page()
    join(phone, here(address), "Anna")
    return phone


@pytest.fixture
def draw_page(page, app_url):
    driving.open_page(page, app_url, "Draw")
    return page


def test_send_sends_the_stroke_that_was_drawn_a_moment_ago(student, app_runs):
    before, task = len(drawings(app_runs)), asked(student).inner_text()
    send = student.get_by_role("button", name="Send")
    draw(student, FIRST)
    expect(send).to_be_enabled()
    driving.settle(student)
    press_at_once(student, send, SECOND)
    expect(asked(student)).not_to_have_text(task)
    (sent,) = drawings(app_runs)[before:]
    assert inked(sent) == [True, True]
    # The next paper is empty, and presses are not held any longer.
    driving.settle(student)
    draw(student, SECOND)
    expect(send).to_be_enabled()
    student.get_by_role("button", name="Clear").click()
    expect(send).to_be_disabled()


def test_a_press_on_a_button_that_waits_for_the_first_stroke_counts(student, app_runs):
    before, task = len(drawings(app_runs)), asked(student).inner_text()
    send = student.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    press_at_once(student, send, SECOND)
    expect(asked(student)).not_to_have_text(task)
    assert [inked(sent) for sent in drawings(app_runs)[before:]] == [[False, True]]


def test_a_stroke_that_the_canvas_has_lost_is_drawn_again_before_what_was_pressed_for_it(student, app_runs):
    """As on a busy device, where it loads the next paper while a stroke is being drawn on it."""
    before, task = len(drawings(app_runs)), asked(student).inner_text()
    student.evaluate(
        "document.addEventListener('mouseup', (event) => { if (event.isTrusted && !window.lost && "
        "event.composedPath()[0].matches('canvas')) { window.lost = true; event.stopImmediatePropagation() } "
        "}, true)"
    )
    press_at_once(student, student.get_by_role("button", name="Send"), SECOND)
    expect(asked(student)).not_to_have_text(task)
    assert student.evaluate("window.lost")
    assert [inked(sent) for sent in drawings(app_runs)[before:]] == [[False, True]]


def test_undo_takes_back_the_stroke_that_was_drawn_a_moment_ago(draw_page):
    draw(draw_page, FIRST)
    driving.settle(draw_page)
    expect(draw_page.get_by_role("button", name="Save")).to_be_enabled()
    undo = draw_page.get_by_role("button", name="Undo")
    press_at_once(draw_page, undo, SECOND)
    until_inked(draw_page, True, False)
    # Two quick presses take back two strokes.
    press_at_once(draw_page, undo, SECOND, times=2)
    until_inked(draw_page, False, False)
    expect(draw_page.get_by_role("button", name="Save")).to_be_disabled()
    # Also where nothing was drawn a moment ago.
    for stroke in (FIRST, SECOND):
        draw(draw_page, stroke)
    driving.told(draw_page, "4")
    driving.settle(draw_page)
    undo.dblclick()
    until_inked(draw_page, False, False)


def test_each_of_two_quick_presses_counts_however_late_the_server_hears_of_them(page, app_url):
    page.add_init_script(BUSY_SERVER)
    driving.open_page(page, app_url, "Draw")
    for stroke in (FIRST, SECOND):
        draw(page, stroke)
    driving.told(page, "4")
    driving.settle(page)
    page.get_by_role("button", name="Undo").dblclick()
    draw(page, SECOND)
    until_inked(page, False, True)


def test_a_press_waits_for_a_canvas_that_sends_its_stroke_late(page, app_url):
    page.add_init_script(LATE_CANVAS)
    driving.open_page(page, app_url, "Train")
    page.get_by_text("Your own digit", exact=True).click()
    press_at_once(page, page.get_by_role("button", name="Keep this digit"), SECOND)
    expect(page.get_by_text("1 of")).to_be_visible()


def test_a_button_that_becomes_enabled_while_one_presses_it_is_pressed_once(page, app_url):
    driving.open_page(page, app_url, "Train")
    page.get_by_text("Your own digit", exact=True).click()
    keep = page.get_by_role("button", name="Keep this digit")
    expect(keep).to_be_disabled()
    place = middle_of(page, keep)
    draw(page, SECOND)
    page.mouse.move(*place)
    page.mouse.down()
    expect(keep).to_be_enabled()
    page.mouse.up()
    expect(page.get_by_text("1 of")).to_be_visible()
    expect(keep).to_be_disabled()
    expect(page.locator("[class*=st-key-own_digit_away]")).to_have_count(1)


def test_a_stroke_begun_while_presses_wait_is_seen_at_once_and_drawn_after_them(draw_page):
    for stroke in (FIRST, SECOND):
        draw(draw_page, stroke)
    driving.told(draw_page, "4")
    driving.settle(draw_page)
    undo = draw_page.get_by_role("button", name="Undo")
    place = middle_of(draw_page, undo)
    for _ in range(2):
        draw_page.mouse.click(*place)
    draw(draw_page, SECOND)
    until_inked(draw_page, False, True)
    driving.settle(draw_page)
    save = draw_page.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    with draw_page.expect_download() as download:
        save.click()
    assert inked(download.value.path().read_bytes()) == [False, True]
    assert draw_page.locator("canvas.held").count() == 0


def test_a_stroke_that_the_canvas_loses_by_what_it_loads_is_drawn_again(draw_page):
    draw(draw_page, FIRST)
    expect(draw_page.get_by_role("button", name="Save")).to_be_enabled()
    driving.settle(draw_page)
    # A press of which the page is not told, as from a program: nothing waits for it.
    draw_page.get_by_role("button", name="Clear").dispatch_event("click")
    draw(draw_page, SECOND)
    until_inked(draw_page, False, True)


def test_what_is_drawn_in_the_moment_after_send_is_the_next_drawing(student, app_runs):
    before, task = len(drawings(app_runs)), asked(student).inner_text()
    send = student.get_by_role("button", name="Send")
    for stroke in (FIRST, SECOND, driving.STROKES[1][0]):
        press_at_once(student, send, stroke)
    expect(student.get_by_text("3 drawings sent")).to_be_visible()
    expect(asked(student)).not_to_have_text(task)
    sent = [inked(each) for each in drawings(app_runs)[before:]]
    assert sent == [[True, False], [False, True], [False, False]]


def test_a_sample_tapped_at_once_takes_the_place_of_the_drawing_with_its_last_stroke(draw_page):
    draw(draw_page, FIRST)
    driving.settle(draw_page)
    one = draw_page.get_by_role("radio", name="1", exact=True)
    press_at_once(draw_page, one, SECOND)
    driving.told(draw_page, "1")
    until_inked(draw_page, False, False)


def test_a_drawing_is_added_to_the_class_set_with_its_last_stroke(visitor, app_url, app_runs):
    address = make_class(visitor().new_page(), app_url).partition("&")[0]
    student = visitor(viewport={"width": 1280, "height": 1200}).new_page()
    join(student, here(address), "Anna")
    before = len(drawings(app_runs))
    driving.go_to(student, "Draw")
    four = student.locator(".st-key-class_drawing").get_by_role("radio", name="4", exact=True)
    draw(student, FIRST)
    expect(four).to_be_visible()
    driving.settle(student)
    press_at_once(student, four, SECOND)
    expect(student.get_by_text("It is in the class set as 4")).to_be_visible()
    assert [inked(added) for added in drawings(app_runs)[before:]] == [[True, True]]


def test_save_saves_the_stroke_that_was_drawn_a_moment_ago(draw_page):
    save = draw_page.get_by_role("button", name="Save")
    draw(draw_page, FIRST)
    expect(save).to_be_enabled()
    driving.settle(draw_page)
    with draw_page.expect_download() as download:
        press_at_once(draw_page, save, SECOND)
    assert inked(download.value.path().read_bytes()) == [True, True]


def test_a_stroke_drawn_before_one_goes_to_another_page_goes_along(draw_page):
    draw(draw_page, FIRST)
    link = draw_page.get_by_role("link", name=re.compile("Inside")).first
    press_at_once(draw_page, link, SECOND)
    expect(draw_page.get_by_role("heading", name="Inside")).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).first.click()
    save = draw_page.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    driving.settle(draw_page)
    with draw_page.expect_download() as download:
        save.click()
    assert inked(download.value.path().read_bytes()) == [True, True]


def test_train_keeps_the_digit_with_its_last_stroke(page, app_url):
    driving.open_page(page, app_url, "Train")
    page.get_by_text("Your own digit", exact=True).click()
    keep = page.get_by_role("button", name="Keep this digit")
    expect(keep).to_be_visible()
    press_at_once(page, keep, SECOND)
    expect(page.get_by_text("1 of")).to_be_visible()
