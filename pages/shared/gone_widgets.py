"""Widgets that are no longer on the page are forgotten, as Streamlit 1.67 does only when the session ends.

Of every widget that a session has ever shown it keeps the choices, the id under its key, and the callback
with all that this holds: some kilobytes. Each visit of Draw has a new paper and each upload a new card, so
that with thirty students the server grew by megabytes a minute (python -m benchmarks.classroom).
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_GONE = "widgets_gone"


def forget() -> None:
    """Done before each run of the whole page: forgets what had already gone before the last one.

    Not at once, because a press may still be on its way from the browser when its widget goes.
    """
    context = get_script_run_ctx()
    state = context.session_state._state
    widgets, keys = state._new_widget_state, state._key_id_mapper
    gone = widgets.widget_metadata.keys() - widgets.states.keys() - state._old_state.keys()
    for widget in gone & st.session_state.get(_GONE, set()):
        del widgets.widget_metadata[widget]
        key = keys.id_key_mapping.get(widget)
        if key is not None and keys.get_id_from_key(key) == widget:
            keys.delete(key)
        elif key is not None:  # another widget has this key by now
            del keys.id_key_mapping[widget]
    st.session_state[_GONE] = gone & widgets.widget_metadata.keys()
