"""A visitor's own data set is asked for, on Data or on Class; Data shows it as soon as it is ready."""

from collections.abc import Sequence

import streamlit as st

from digitcore.runs import own_data
from pages.shared import visitor

_MADE = "own_set_made"


def make(
    brought: Sequence[tuple[str, bytes]],
    title: str,
    seed: int = 0,
    names: Sequence[str] = (),
    drawn_by: int | None = None,
) -> None:
    """Have a data set made for the visitor; arguments and errors as for `own_data.ask`."""
    st.session_state[_MADE] = own_data.ask(visitor.key(create=True), brought, title, seed, names, drawn_by)


def chosen_last() -> str | None:
    """The data set that this session has had made, once it is ready; once."""
    name = st.session_state.get(_MADE)
    if name is None or name not in own_data.names(visitor.key()):
        return None
    del st.session_state[_MADE]
    return name
