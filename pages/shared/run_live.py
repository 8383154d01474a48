"""A run that is queued or learning: its place, its progress, its curves, and the button that stops it."""

import streamlit as st

from digitcore.run_folder import Run
from pages.shared import charts, resources, run_list
from pages.shared.history import History

TICK_SECONDS = 0.5
_WATCHED = "train_history"


def watch(run: Run) -> None:
    """Show an active run and keep it up to date until it ends; then the whole page runs again."""
    st.fragment(_live, run_every=TICK_SECONDS)(run)


def _live(run: Run) -> None:
    state = run.state()
    if not state.active:
        st.rerun()
    with st.container(key="train_live"):
        _progress(run, state.name, state.text)


def _progress(run: Run, state: str, text: str) -> None:
    history = _history(run)
    if state == "queued":
        st.info(run_list.waiting(run))
    else:
        st.progress(
            history.share if state == "running" else float(state == "finishing"),
            history.progress_text() if state == "running" else text,
        )
    if state != "finishing":
        asked = run.stop_requested()
        label = "Stopping…" if asked else "Leave the queue" if state == "queued" else "Stop"
        if st.button(label, icon=":material/stop:", disabled=asked, key=f"stop_{run.id}"):
            resources.queue().stop(run)
            st.rerun()
    for message in history.messages:
        st.text(message)  # as it is: it may quote an error
    if state != "queued":
        for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
            with column:
                charts.live(history, measure, key=f"live_{measure}_{run.id}")
        charts.epochs(history)


def _history(run: Run) -> History:
    """The history of the run that this session watches, read on from where it was left."""
    watched = st.session_state.get(_WATCHED)
    if watched is None or watched[0] != run.id:
        watched = st.session_state[_WATCHED] = (run.id, History(run.settings.epochs))
    return watched[1].read(run)
