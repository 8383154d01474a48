"""Makes AppTest run app.py on every run, as a server does; conftest.py calls it once.

AppTest makes Streamlit forget before each run that app.py has called st.navigation, and Streamlit then
takes the folder pages/ for its older kind of multipage app: from the second run on it would run the page
alone. On a server only the very first visit can meet that (see pages/shared/__init__.py).
"""

from functools import wraps

from streamlit.runtime.pages_manager import PagesManager


def always_through_the_router():
    init = PagesManager.__init__

    @wraps(init)
    def remembering(self, *arguments, **options):
        init(self, *arguments, **options)
        PagesManager.uses_pages_directory = False

    PagesManager.__init__ = remembering
