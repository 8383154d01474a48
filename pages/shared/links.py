"""Links between pages that keep the visitor's session (a plain link would begin a new one)."""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.shared.language import _


def how_well() -> None:
    """The link to the measured figures."""
    _link("pages/how_well.py", _("How well does it read?"), ":material/monitoring:")


def inside(emphasised: bool) -> None:
    """The button to what the network does with the drawing; in the primary colour once something is drawn."""
    kind = "primary" if emphasised else "secondary"
    if st.button(_("Look inside the network"), type=kind, icon=":material/neurology:", key="look_inside"):
        with contextlib.suppress(StreamlitPageNotFoundError):
            st.switch_page("pages/inside.py")


def to_inside() -> None:
    """The same as a plain link."""
    _link("pages/inside.py", _("Look inside the network"), ":material/neurology:")


def _link(page: str, label: str, icon: str) -> None:
    # Without app.py's navigation, as in a test, a page has no other page to link to.
    with contextlib.suppress(StreamlitPageNotFoundError):
        st.page_link(page, label=label, icon=icon)
