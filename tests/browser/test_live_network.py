"""A page of the real server has a network on the visitor's device, fetched once."""

import pytest
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore.browser import scripts
from pages.shared import live_network

PAGE = "tests/browser/live_page.py"


@pytest.fixture(scope="module")
def live_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    with driving.server(PAGE, {"DIGITLAB_RUNS": str(folder)}, log=folder / "log.txt") as server:
        yield server.url


def transferred(page):
    """Bytes that came over the network for each time that the page asked for weights."""
    for part in (0, 1):
        expect(page.get_by_text("digitnet reads 7").nth(part)).to_be_visible()
    return page.evaluate(
        """performance.getEntriesByType("resource")
          .filter(({ name }) => new URL(name).pathname.startsWith("/media/"))
          .map(({ transferSize }) => transferSize)"""
    )


def test_two_components_read_a_drawing_and_fetch_the_weights_once(page, live_url):
    page.goto(live_url)
    (size,) = transferred(page)
    assert size > 1_000_000


def test_a_reload_takes_the_weights_from_the_browsers_own_store(page, live_url):
    page.goto(live_url)
    transferred(page)
    page.reload()
    assert transferred(page) == [0]


def test_a_network_that_is_not_there_leaves_the_page_as_it_is(page, live_url):
    page.goto(f"{live_url}/?model=../models/digitnet")
    expect(page.get_by_text("no network").first).to_be_visible()


def test_without_a_running_server_there_is_no_address():
    assert live_network.address("digitnet") is None


def test_what_a_page_writes_itself_is_not_in_the_way_of_the_modules(page):
    own = "const size = 1, even = 2, MAGIC = 3, Layer = 4"
    page.set_content(f"<script type=module>{live_network.script(own)}\nwindow.ran = size + even</script>")
    page.wait_for_function("window.ran === 3")


def test_a_module_that_is_not_there_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match=r"expected some of network, .*picture"):
        scripts.script("netwrok")
