"""A page of Chromium that knows the browser modules, and the networks that Train can make; each once for all
tests of this folder."""

from functools import cache

import pytest

from benchmarks.support import in_browser, random_networks
from tests.conftest import PATIENCE


@pytest.fixture(scope="module")
def modules(chromium):
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield in_browser.prepare(page)
    context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Call it with a name of `random_networks.kinds` for that network, a Keras model, and its file."""
    folder = tmp_path_factory.mktemp("made")

    @cache
    def make(name):
        model = random_networks.built(random_networks.kinds()[name])
        file = folder / f"{name}.keras"
        model.save(file)
        return model, file

    return make
