"""axe-core finds nothing serious on any page, light and dark, on a computer and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore import paths

PAGES = sorted(path.stem for path in (paths.REPOSITORY / "pages").glob("*.py"))
SCREENS = {"light": (1280, 900), "dark": (390, 844)}
# No colour is on its way to another. What turns until something has come is at rest in its way.
AT_REST = """() => document.getAnimations().every(
  (one) => !(one instanceof CSSTransition) || one.playState !== "running"
)"""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_keeps_anybody_out_of_a_page(visitor, app_url, name):
    page = visitor(color_scheme="light").new_page()
    driving.open_page(page, f"{app_url}/{name if name != 'draw' else ''}")
    grounds = set()
    for light, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=light)
        app = page.get_by_test_id("stApp")
        if grounds:
            expect(app).not_to_have_css("background-color", *grounds)
        driving.settle(page)
        page.wait_for_function(AT_REST)
        grounds.add(app.evaluate("app => getComputedStyle(app).backgroundColor"))
        violations = Axe().run(page).response["violations"]
        serious = [found for found in violations if found["impact"] in ("serious", "critical")]
        nodes = [(found["id"], node) for found in serious for node in found["nodes"]]
        assert not [(light, rule, node["html"][:200], node["failureSummary"]) for rule, node in nodes]
    assert len(grounds) == len(SCREENS), "light and dark are two"
