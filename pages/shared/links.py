"""Links between pages that keep the visitor's session (an address in a text would begin a new one)."""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError


def how_well() -> None:
    """The way to the figures."""
    _link("pages/how_well.py", "How well does it read?", ":material/monitoring:")


def inside() -> None:
    """The way to what the network does with the drawing."""
    _link("pages/inside.py", "Look inside the network", ":material/neurology:")


def _link(page: str, label: str, icon: str) -> None:
    # A page that stands alone, without app.py's navigation, has no other page to go to.
    with contextlib.suppress(StreamlitPageNotFoundError):
        st.page_link(page, label=label, icon=icon)
