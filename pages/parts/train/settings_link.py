"""An address that carries the form's settings: read when the page is opened with it, and made for sharing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from digitcore.networks import settings_query
from digitcore.networks.settings import Settings
from pages.shared import membership, networks, visitor
from pages.shared.language import _, told

FIRST = "simple-cnn"
"""The network that the form first shows."""

# Parameters that an address has for other reasons, Streamlit's own included.
OTHERS = {
    visitor.PARAMETER,
    membership.PARAMETER,
    membership.TEACHER_PARAMETER,
    networks.PARAMETER,
    "embed",
    "embed_options",
}
_SEEN, _VALUES, _PROBLEMS, _TURN = "train_link", "train_link_values", "train_link_problems", "train_link_turn"


def take() -> None:
    """Fill the form in from the address, once for each address."""
    given = {name: value for name, value in st.query_params.items() if name not in OTHERS}
    if not given or given == st.session_state.get(_SEEN):
        return
    st.session_state[_SEEN] = given
    values, problems = settings_query.taken(given, FIRST)
    st.session_state[_PROBLEMS] = problems
    if values:
        st.session_state[_VALUES] = {"architecture": FIRST} | values
        # New keys, because existing widgets would keep what a person chose.
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def problems() -> str:
    """One sentence about settings that could not be used, or ""."""
    found = st.session_state.get(_PROBLEMS)
    if not found:
        return ""
    said = "; ".join(told(problem) for problem in found)
    wrong = _("Some of this link's settings cannot be used: {problems}.", problems=said)
    if st.session_state.get(_VALUES):
        return f"{wrong} {_('The rest of its settings are filled in.')}"
    return wrong


def is_fresh() -> bool:
    """Whether the form was filled in from a link."""
    return _VALUES in st.session_state


def values(network: str | None = None) -> dict[str, Any]:
    """What the link says; if it names a network, only for that network."""
    found = st.session_state.get(_VALUES, {})
    return found if network in (None, found.get("architecture")) else {}


def key(name: str) -> str:
    """The key of a widget in the form, new after each link."""
    turn = st.session_state.get(_TURN, 0)
    return f"{name}_by_link_{turn}" if turn else name


def offer(settings: Settings) -> None:
    """The link to these settings, behind a button."""
    with st.popover(_("Copy link to these settings"), icon=":material/link:", width="stretch"):
        st.write(
            _("Anyone who opens it finds the form filled in like this. It does not give access to your runs.")
        )
        st.code(f"{st.context.url or ''}?{settings_query.query(settings)}", language=None, wrap_lines=True)
