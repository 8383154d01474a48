"""A run's curves on the page, optionally with other runs' curves and on a logarithmic scale."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digitcore.errors import DigitcoreError
from digitcore.runs import state as run_state
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run
from pages.parts.train import curves
from pages.shared import run_list
from pages.shared.language import _, told

_HISTORIES = "train_histories"
# Histories that a session keeps, so that only new points are read; one of 10,000 points takes 2 MB.
KEPT = 8
MOST_OTHERS = 4


def history_of(run: Run) -> History:
    """What a run has reported so far; only what is new to this session is read."""
    kept = st.session_state.setdefault(_HISTORIES, {})
    history = kept.pop(run.id, None) or History(run.settings.epochs)
    kept[run.id] = history  # the newest last
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    return history.read(run)


def show(
    run: Run,
    key: str,
    moving: bool,
    height: int = curves.HEIGHT,
    above: DeltaGenerator | None = None,
) -> None:
    """The controls for a run's charts, and the charts, below them or in the place `above`. moving: whether
    they will soon be redrawn.
    """
    others, log = _choose(run, key)
    histories = {run_list.name(run): history_of(run)}
    for other in others:
        try:
            histories[run_list.name(other)] = history_of(other)
        except DigitcoreError as error:  # damaged, or of another version
            st.warning(told(error))
    with above or st.container():
        draw(histories, key, log, moving, height)


def draw(
    histories: dict[str, History],
    key: str,
    log: bool = False,
    moving: bool = True,
    height: int = curves.HEIGHT,
) -> None:
    """Loss and accuracy beside each other, and the learning rate where it changes."""
    if len(histories) > 1 or height < curves.HEIGHT:
        st.caption(_("By epoch. Diamonds: validation. Squares, dashed: training. Thin: batches."))
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            curves.draw(histories, measure, f"{key}_{measure}", log, moving, height=height)
    if curves.rate_changes(histories):
        curves.draw(histories, "learning rate", f"{key}_rate", log, moving)


def _choose(run: Run, key: str) -> tuple[list[Run], bool]:
    # A run that was stopped before it learnt anything has no curves.
    others = {
        other.id: other
        for other in run_list.known()
        if other.id != run.id and (lambda state: state.has_model or state.active)(run_state.of(other))
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            _("Compare with other runs"),
            list(others),
            format_func=lambda run_id: run_list.name(others[run_id]),
            max_selections=MOST_OTHERS,
            placeholder=_("None"),
            key=f"{key}_others",
            width=320,
        )
        log = st.toggle(_("Log scale"), key=f"{key}_log")
    return [others[run_id] for run_id in chosen if run_id in others], log
