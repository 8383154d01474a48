"""How AppTest runs a page in every test here: through app.py, and never past a crash; conftest.py calls
`as_on_a_server` once.

A new AppTest looks for Streamlit components in the metadata of every package that is installed, which takes
longer than most pages; what it finds stays the same.

AppTest makes Streamlit forget before each run that app.py has called st.navigation, and Streamlit then
takes the folder pages/ for its older kind of multipage app: from the second run on it would run the page
alone. On a server app.py sees to that.

And AppTest shows an exception of a page as an element among others, so that a test which looks at something
else would pass although the page has crashed.
"""

from functools import cache, wraps

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.util import patch_config_options


class PageCrashed(AssertionError):
    """A run of a page ended in an exception."""


def as_on_a_server() -> None:
    """From now on every run of an AppTest goes through the router and raises PageCrashed where it crashed."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    PagesManager.__init__ = _remembering(PagesManager.__init__)
    AppTest._run = _checked(AppTest._run)


def _remembering(init):
    @wraps(init)
    def remembering(self, *arguments, **options):
        init(self, *arguments, **options)
        PagesManager.uses_pages_directory = False

    return remembering


def _checked(run):
    """AppTest.run, and a click's, a value's and a change of pages' run, all come through AppTest._run."""

    @wraps(run)
    def checked(self, *arguments, **options):
        with patch_config_options({"client.showErrorDetails": "full"}):
            page = run(self, *arguments, **options)
        if page.exception:
            shown = page.exception[0]
            raise PageCrashed("\n".join([shown.value, *shown.stack_trace]))
        return page

    return checked
