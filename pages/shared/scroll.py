"""To the top of the page: for whoever pressed a button below what is folded away by it."""

import streamlit as st

_to_the_top = st.components.v2.component(
    "digitlab_to_the_top",
    js="""
export default function () {
  document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0)
}
""",
)


def to_the_top(key: str) -> None:
    """Scroll there once: again only under another key."""
    _to_the_top(key=key, height=1)
