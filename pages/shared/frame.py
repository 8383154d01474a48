"""What stands around every page: styles that Streamlit's theme has no setting for, and a phone's bar of
pages."""

import json
from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.shared.language import _

STYLE = """<style>
/* Where nothing hovers, a table's tools are always there, above it: they would cover what stands there. */
@media (hover: none) {
  [data-testid=stElementContainer]:has(> [data-testid=stFullScreenFrame] > [data-testid=stDataFrame]) {
    margin-top: 2rem
  }
}
</style>"""
BAR = "pages_bar"
# The bar says what it is and where one is, also once Streamlit has drawn its links anew. It scrolls sideways:
# a page is opened with its own link in view.
_HERE = """<script>
{
  const bar = document.querySelector(".st-key-%s")
  bar.role = "navigation"
  bar.ariaLabel = %s
  bar.here = %d
  bar.mark = () => {
    const links = [...bar.querySelectorAll("a")]
    links.forEach((link, place) => { link.ariaCurrent = place === bar.here ? "page" : null })
    const here = links[bar.here]
    if (!here) return
    const [outer, inner] = [bar, here].map((one) => one.getBoundingClientRect())
    bar.scrollLeft += inner.x - outer.x - (outer.width - inner.width) / 2
  }
  bar.watch ??= new MutationObserver(() => bar.mark())
  bar.watch.observe(bar, { childList: true, subtree: true })
  bar.mark()
}
</script>"""


def show(pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    """The styles, and the pages side by side, which style.css shows on a phone alone: there Streamlit would
    put them behind a button."""
    st.html(STYLE)
    with st.container(key=BAR, horizontal=True, gap=None):
        for page in pages:
            st.page_link(page, label=page.title, icon=page.icon)
        place = [page.url_path for page in pages].index(current.url_path)
        st.html(_HERE % (BAR, json.dumps(_("Pages")), place), unsafe_allow_javascript=True)
