"""A page of Chromium that knows the browser modules; one for all tests of this folder."""

import pytest

from benchmarks.support import in_browser


@pytest.fixture(scope="module")
def modules(chromium):
    context = chromium.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield in_browser.prepare(page)
    context.close()
    assert not errors, "\n".join(errors)
