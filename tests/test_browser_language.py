"""In a real browser the app speaks the browser's language, and the one chosen in its menu from then on."""

import re

import pytest

from benchmarks.support import driving

pytestmark = pytest.mark.browser


@pytest.fixture
def german(visitor):
    """A page of a visitor whose browser is German."""
    return visitor(viewport={"width": 1280, "height": 900}, locale="de-AT").new_page()


def test_the_browsers_language_is_spoken_and_the_chosen_one_survives_other_pages_and_a_reload(
    german, app_url
):
    from playwright.sync_api import expect

    driving.open_page(german, app_url)
    heading = german.get_by_role("heading", level=1)
    expect(heading.first).to_have_text("Zeichne eine Ziffer")
    expect(german.locator("html")).to_have_attribute("lang", "de")
    assert german.title() == "Zeichnen - Digit Lab"
    # What a script says: the component over the bars, and the canvas's own name.
    driving.draw(german, 7)
    expect(german.locator(".draw-answer .live-answer")).to_contain_text(re.compile(r"\d,\d\s% sicher"))
    expect(german.locator("canvas.upper-canvas")).to_have_attribute("aria-label", re.compile("^Papier:"))

    driving.told(german, "7")
    driving.settle(german)
    german.get_by_role("radio", name="Español").click()
    expect(heading.first).to_have_text("Dibuja una cifra")
    expect(german).to_have_url(re.compile(r"[?&]lang=es"))
    german.get_by_role("link", name="Lecciones").first.click()
    expect(heading.first).to_have_text("Lecciones")
    german.reload()
    expect(heading.first).to_have_text("Lecciones")
    expect(german.locator("html")).to_have_attribute("lang", "es")
