"""axe-core finds nothing serious on any page, light and dark, on a computer and on a phone."""

import re
import tomllib

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore import paths

# The pages and what the navigation calls them.
PAGES = dict(re.findall(r'"pages/(\w+)\.py", title=_\("(.+?)"\)', (paths.REPOSITORY / "app.py").read_text()))
THEME = tomllib.loads((paths.REPOSITORY / ".streamlit" / "config.toml").read_text())["theme"]
GROUND = {
    light: "rgb({}, {}, {})".format(*bytes.fromhex(THEME[light]["backgroundColor"][1:]))
    for light in ("light", "dark")
}
SCREENS = {"light": (1280, 900), "dark": (390, 844)}
# The control that has the keyboard: where it is, and the contrast of the ring around it (WCAG 2.2, 1.4.11) to
# what is behind: the page, or where the ring lies within the control, that. None on the page itself.
STOP = """() => {
  let stop = document.activeElement
  while (stop.shadowRoot?.activeElement) stop = stop.shadowRoot.activeElement
  if (stop === document.body) return null
  const up = (node) => node.parentElement ?? node.getRootNode().host
  const colour = (words) => {
    const [r, g, b, a = 1] = words.match(/[\\d.]+/g).map(Number)
    return [r, g, b, a]
  }
  const light = (rgb) => rgb.map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (node) => {
    for (; node; node = up(node)) {
      const [r, g, b, a] = colour(getComputedStyle(node).backgroundColor)
      if (a > 0.99) return [r, g, b]
    }
  }
  let ring = 0
  for (let node = stop, i = 0; node && i < 5; node = up(node), i++) {
    const { outlineStyle, outlineWidth, outlineColor, outlineOffset } = getComputedStyle(node)
    const { width, height } = node.getBoundingClientRect()
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2 || Math.min(width, height) < 8) continue
    if (node === stop && stop.type === "range") continue // Streamlit clips it to one pixel
    const ground = behind(parseFloat(outlineOffset) < 0 ? node : up(node) ?? node)
    const [r, g, b, a] = colour(outlineColor)
    const [one, other] = [light([r, g, b].map((v, k) => v * a + ground[k] * (1 - a))), light(ground)]
    ring = Math.max(ring, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05))
  }
  return { what: stop.outerHTML.slice(0, 120), right: stop.getBoundingClientRect().right, ring }
}"""


# The Tab key goes on from where the keyboard was, even if that is gone: from here, to the first control.
TO_THE_TOP = """() => {
  const first = document.createElement("a")
  first.tabIndex = -1
  document.body.prepend(first)
  first.focus()
  first.remove()
}"""


def stops(page, most):
    """What the Tab key comes to, from the page's beginning; after its end it comes to the beginning again."""
    page.evaluate(TO_THE_TOP)
    for _ in range(most):
        page.keyboard.press("Tab")
        if stop := page.evaluate(STOP):
            yield stop


@pytest.fixture(scope="module")
def walker(visitors, app_url):
    """Goes from page to page, as the navigation does: the front end is loaded once."""
    context = visitors.comes(color_scheme="light")
    page = context.new_page()
    driving.open_page(page, app_url)
    yield page
    visitors.leaves(context)


def lit(walker, light, width, height):
    """Have the page in this light, on a screen of that size."""
    walker.set_viewport_size({"width": width, "height": height})
    walker.emulate_media(color_scheme=light)
    expect(walker.get_by_test_id("stApp")).to_have_css("background-color", GROUND[light])


@pytest.mark.parametrize("name", ["Train", "Class"])
def test_where_the_keyboard_is_shows_at_each_stop(walker, name):
    for light in ("light", "dark"):
        lit(walker, light, 1280, 900)
        driving.go_to(walker, name)
        found = list(stops(walker, 30))
        assert len(found) > 12
        assert [stop for stop in found if stop["ring"] < 3] == []


def test_on_a_phone_no_stop_of_the_keyboard_is_beside_the_screen(visitor, app_url):
    page = visitor(viewport={"width": 390, "height": 844}).new_page()
    driving.open_page(page, f"{app_url}/lessons")
    page.locator(".st-key-pages_bar").wait_for()
    found = list(stops(page, 20))
    assert len(found) > 12
    assert [stop for stop in found if stop["right"] <= 0] == []


def test_every_page_is_walked_to():
    assert PAGES.keys() == {path.stem for path in (paths.REPOSITORY / "pages").glob("*.py")}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_keeps_anybody_out_of_a_page(walker, name):
    for light, (width, height) in SCREENS.items():
        lit(walker, light, width, height)
        if light == "light":
            driving.go_to(walker, PAGES[name])
        driving.settle(walker)
        driving.stand_still(walker)  # no colour is on its way to another
        violations = Axe().run(walker).response["violations"]
        serious = [found for found in violations if found["impact"] in ("serious", "critical")]
        nodes = [(found["id"], node) for found in serious for node in found["nodes"]]
        assert not [(light, rule, node["html"][:200], node["failureSummary"]) for rule, node in nodes]
