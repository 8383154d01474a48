"""Addresses that carry something, in a real Chromium: settings of a training, and a drawing."""

import re

from playwright.sync_api import expect

from benchmarks.support import driving


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
