"""Which language a visitor reads: the one chosen here, else the browser's, else English.

The choice stands in the address (`?lang=de`), so it survives a change of pages and a reload, and a link to
the app can say in which language it opens.
"""

import streamlit as st

from pages.shared import language, visitor
from pages.shared.language import _

PARAMETER = "lang"
_MENU, _CHOSEN = "language_menu", "language_chosen"
STYLE = """<style>
/* Not seen before the page above it, which would push it down. */
.st-key-language_menu_place {
  margin-top: 2rem; align-items: flex-end; animation: arrive 1.5s step-end backwards
}
@keyframes arrive { from { visibility: hidden } }
</style>"""


def keep() -> None:
    """Settle this session's language. Once a run, before anything is said."""
    given = st.query_params.get(PARAMETER)
    if given in language.LANGUAGES:
        st.session_state[_CHOSEN] = given
        visitor.carry(PARAMETER, given)
    elif given is not None:
        visitor.carry(PARAMETER, None)
    chosen = st.session_state.get(_CHOSEN) or language.of_locale(st.context.locale)
    st.session_state[language.SESSION] = chosen


def show() -> None:
    """The languages, at the foot of the page."""
    st.html(STYLE)
    st.session_state[_MENU] = language.current()
    with st.container(key="language_menu_place"):
        # What reads a page aloud goes by the document's language.
        st.html(
            f"<script>document.documentElement.lang = '{language.current()}'</script>",
            unsafe_allow_javascript=True,
        )
        # All in sight: a box that opens closes again when the page scrolls, which it does at its foot.
        st.segmented_control(
            _("Language"),
            list(language.LANGUAGES),
            format_func=language.LANGUAGES.get,
            required=True,
            key=_MENU,
            on_change=_choose,
            label_visibility="collapsed",
        )


def _choose() -> None:
    chosen = st.session_state[_MENU]
    st.session_state[_CHOSEN] = chosen
    visitor.carry(PARAMETER, chosen)
