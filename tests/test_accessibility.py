"""axe-core finds nothing serious on any page, light and dark, on a computer and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from benchmarks.support import driving
from digitcore import paths

PAGES = sorted(path.stem for path in (paths.REPOSITORY / "pages").glob("*.py"))
SCREENS = {"light": (1280, 900), "dark": (390, 844)}


@pytest.mark.parametrize("light", SCREENS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_keeps_anybody_out_of_a_page(chromium, app_url, name, light):
    width, height = SCREENS[light]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=light)
    page = context.new_page()
    driving.open_page(page, f"{app_url}/{name if name != 'draw' else ''}")
    violations = Axe().run(page).response["violations"]
    context.close()
    serious = [found for found in violations if found["impact"] in ("serious", "critical")]
    nodes = [(found["id"], node) for found in serious for node in found["nodes"]]
    assert not [(rule, node["html"][:200], node["failureSummary"]) for rule, node in nodes]
