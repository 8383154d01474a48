"""What stands around every page: styles that Streamlit's theme has no setting for."""

from pages.shared.language import _

_STYLE = """<style>
/* On a phone the pages are behind a button, which says so. */
[data-testid=stExpandSidebarButton]::after { content: "%s"; font-size: 1rem; padding: 0 0.25rem }
/* Where nothing hovers, a table's tools are always there, above it: they would cover what stands there. */
@media (hover: none) {
  [data-testid=stElementContainer]:has(> [data-testid=stFullScreenFrame] > [data-testid=stDataFrame]) {
    margin-top: 2rem
  }
}
</style>"""


def style() -> str:
    """The styles, for `st.html`."""
    return _STYLE % _("Menu")
