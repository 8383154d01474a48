"""Addresses that carry something, in a real Chromium: settings of a training, and a drawing."""

import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore.preprocessing import drawing, drawing_link


def heading(page, text):
    return page.get_by_role("heading", name=text, exact=True)


def test_a_link_to_settings_fills_the_form_of_whoever_opens_it(page, app_url):
    page.goto(f"{app_url}/train?architecture=mlp-128&epochs=3&n_train=1000&optimizer=sgd&colour=blue")
    expect(page.get_by_role("combobox", name="Network").first).to_have_value("mlp-128")
    expect(page.get_by_role("slider", name="Epochs")).to_have_value("3")
    expect(page.get_by_text("there is no setting colour")).to_be_visible()
    driving.settle(page)
    page.get_by_role("button", name="Copy link to these settings").click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").locator("code")
    expect(link).to_have_text(
        f"{app_url}/train?architecture=mlp-128&epochs=3&n_train=1000&optimizer=sgd", use_inner_text=True
    )
    page.goto(link.inner_text())
    expect(page.get_by_role("slider", name="Epochs")).to_have_value("3")
    expect(page.get_by_text(re.compile("there is no setting"))).to_have_count(0)


def saved(page):
    """The drawing, (280, 280) grey levels, as it is taken home."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    return np.asarray(Image.open(download.value.path()).convert("L"), float)


def shared_link(page):
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").locator("code").inner_text()
    page.keyboard.press("Escape")
    return link


def test_a_drawing_goes_by_a_link_to_somebody_else_and_is_read_there(page, app_url, visitor):
    driving.open_page(page, app_url)
    driving.draw(page, 4)
    driving.told(page, "4")
    drawn, link = saved(page), shared_link(page)
    assert link.startswith(f"{app_url}#drawing=18.280.280_") and link.endswith("&answer=4")

    other = visitor(viewport={"width": 390, "height": 844}).new_page()
    asked_for = []
    other.on("request", lambda request: asked_for.append(request.url))
    other.goto(link)
    expect(heading(other, "4")).to_be_visible()
    expect(other.get_by_text("The sender's network read 4.")).to_be_visible()
    driving.told(other, "4")
    assert np.abs(saved(other) - drawn).mean() < 2, "the same ink, within what rounding takes"
    strokes = drawing_link.read(link.partition("#drawing=")[2].partition("&")[0])
    assert np.abs(drawing.rendered(strokes.strokes, strokes.pen) - drawn).mean() < 2, "ours is the same too"
    assert not [url for url in asked_for if "drawing=" in url], "no address that is asked for has the strokes"
    assert other.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out sideways"
    # It is a drawing like any other: it can be drawn on, taken back and cleared.
    driving.draw_stroke(other, [(20, 20), (40, 20)])
    expect(other.get_by_text("The sender's network read 4.")).to_have_count(0)
    other.get_by_role("button", name="Undo").click()
    expect(other.get_by_text("The sender's network read 4.")).to_be_visible()
    driving.told(other, "4")
    other.get_by_role("button", name="Clear").click()
    expect(heading(other, "Nothing drawn yet")).to_be_visible()
    # Another link in the same tab changes only what stands after "#".
    other.evaluate("location.hash = 'drawing=18.280.280_140.40.140.240&answer=1'")
    expect(heading(other, "1")).to_be_visible()
    other.evaluate("location.hash = 'drawing=18.280.280_cut'")
    expect(other.get_by_text("The drawing in this link cannot be read").first).to_be_visible()


def test_a_drawing_is_taken_home_as_a_picture_with_its_answer(page, app_url):
    driving.open_page(page, app_url)
    driving.draw(page, 7)
    expect(heading(page, "7")).to_be_visible()
    page.get_by_role("button", name="Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture with the answer").click()
    picture = Image.open(download.value.path())
    assert picture.format == "PNG" and min(picture.size) > 200
    colours = {colour for _, colour in picture.convert("RGB").getcolors(2**16)}
    assert (0, 114, 178) in colours, "the bar of a sure answer"
