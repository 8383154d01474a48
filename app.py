"""streamlit run app.py: Digit Lab's router, that is the page's frame and the list of pages, nothing else."""

from pathlib import Path

import streamlit as st

from pages.shared import (
    browser_keys,
    frame,
    gone_widgets,
    language_menu,
    membership,
    middleware,
    server,
    visitor,
)
from pages.shared.language import _

# A file of our own: Streamlit's named icons are fetched from a server of Google's.
ICON = str(Path(__file__).with_name("pages") / "shared" / "icon.png")


def main() -> None:
    """One run for one visitor, as Streamlit starts it."""
    gone_widgets.forget()
    st.set_page_config(page_icon=ICON, layout="centered")  # first: a page's own icon would be fetched
    language_menu.keep()
    pages = [
        st.Page("pages/draw.py", title=_("Draw"), icon=":material/draw:", default=True),
        st.Page("pages/inside.py", title=_("Inside"), icon=":material/neurology:"),
        st.Page("pages/upload.py", title=_("Upload"), icon=":material/upload_file:"),
        st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:"),
        st.Page("pages/compare.py", title=_("Compare"), icon=":material/compare_arrows:"),
        st.Page("pages/classroom.py", title=_("Class"), icon=":material/groups:"),
        st.Page("pages/lessons.py", title=_("Lessons"), icon=":material/school:"),
        st.Page("pages/data.py", title=_("Data"), icon=":material/dataset:"),
        st.Page("pages/how_well.py", title=_("How well does it read?"), icon=":material/monitoring:"),
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} - Digit Lab")
    frame.show(pages, page)
    server.open_server()
    visitor.keep()
    membership.keep()
    visitor.offer(page.url_path)
    browser_keys.tell()
    # The foot stands after the page, and is there before it: a page may end itself.
    body = st.container()
    language_menu.show()
    with body:
        page.run()
    server.keep_modules(page.url_path)


if __name__ == "__main__":
    main()
else:  # the server, which imports this file once
    middleware.mend_streamlit()
    app = st.App(
        __file__,
        lifespan=middleware.opening_a_browser,
        on_script_error=middleware.unreadable_state,
        middleware=middleware.STACK,
    )
