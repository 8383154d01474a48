"""Links between pages that keep the visitor's session (an address in a text would begin a new one)."""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError


def how_well() -> None:
    """The way to the figures."""
    # A page that stands alone, without app.py's navigation, has no other page to go to.
    with contextlib.suppress(StreamlitPageNotFoundError):
        st.page_link("pages/how_well.py", label="How well does it read?", icon=":material/monitoring:")
