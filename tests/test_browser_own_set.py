"""A data set of one's own in a real Chromium: uploaded, learnt, and what is drawn is read by its names."""

import re
import time

import pytest
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore import paths
from tests.datasets.collecting import signs

LONG = 120_000  # milliseconds: a busy test machine loads TensorFlow in these
EQUALS = [[(60, 110), (220, 110)], [(60, 170), (220, 170)]]
CROSS = [[(60, 60), (220, 220)], [(220, 60), (60, 220)]]


def draw(page, strokes):
    for stroke in strokes:
        driving.draw_stroke(page, stroke)


@pytest.mark.long
def test_signs_are_uploaded_learnt_and_read_by_their_names(page, app_url, app_runs):
    archive = signs.zipped(signs.files("=x", each=40))
    driving.open_page(page, app_url, "Data")
    page.get_by_text("A data set of your own").click()
    page.locator("input[type=file]").set_input_files(
        [{"name": "My signs.zip", "mimeType": "application/zip", "buffer": archive}]
    )
    page.get_by_role("button", name="Make the data set").click()
    expect(page.get_by_text("Split with seed 0.")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Train", exact=True).first.click()
    page.get_by_role("radio", name="My signs").click()
    expect(page.get_by_text("Your own drawing")).to_be_visible()
    driving.settle(page)
    page.get_by_role("combobox", name="Network").first.click()
    page.get_by_role("option", name="mlp-128", exact=True).click()
    driving.settle(page)
    page.get_by_role("button", name="Start training").click()
    # Until then the page still shows a recorded run, which has a result of its own.
    expect(page.get_by_role("button", name=re.compile("^Stop"))).to_be_visible(timeout=LONG)
    page.goto("about:blank")  # a page that shows each batch would keep a third of a core from the trainer
    while not (cards := list(app_runs.rglob(paths.CARD))):
        time.sleep(0.2)
    assert len(cards) == 1
    page.goto(f"{app_url}/train")
    # A tenth of 80 pictures is for the test.
    expect(page.get_by_text("Misses of 8", exact=True)).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Read with this network").click()
    page.get_by_role("link", name="Draw", exact=True).first.click()
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("your run"))
    expect(page.get_by_role("heading", name="Draw a picture")).to_be_visible()
    expect(page.get_by_text("Wide paper, for a number")).to_have_count(0)
    for name, strokes in (("=", EQUALS), ("x", CROSS)):
        draw(page, strokes)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_role("heading", name="Nothing drawn yet")).to_be_visible()
