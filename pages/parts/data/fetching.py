"""Fetching a data set from a page: a button, the progress, what went wrong."""

import streamlit as st

from digitcore import datasets
from pages.shared import server
from pages.shared.language import _, told


def offer(info: datasets.DatasetInfo) -> None:
    """A button that fetches a data set, and how the fetch is getting on."""
    fetch = server.fetcher(info.name)
    if fetch.error:
        st.error(told(fetch.error))
    st.button(
        _("Fetch {title}", title=info.title),
        type="primary",
        on_click=fetch.start,
        disabled=fetch.running,
        key="fetch",
    )
    if fetch.running:
        watch(info.name)


@st.fragment(run_every=0.5)
def watch(name: str) -> None:
    """Show how far the fetch is; redraw the page when it has ended."""
    fetch = server.fetcher(name)
    if not fetch.running:
        st.rerun()
    st.progress(fetch.progress, text=_("Fetching and checking: {progress:.0%}", progress=fetch.progress))
