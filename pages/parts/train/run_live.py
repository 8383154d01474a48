"""A run that is queued or learning: its place, its progress, its curves, what it makes of the visitor's
digits, and the buttons that control it."""

import streamlit as st

from digitcore import datasets
from digitcore.runs import recording
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run, State
from pages.parts.train import controls, epoch_view, run_card, run_curves
from pages.parts.train.replay import frames_of, inside, sentence
from pages.shared import charts, run_list

TICK_SECONDS = 0.5


def watch(run: Run) -> None:
    """Show an active run and keep it up to date until it ends; then the whole page runs again."""
    st.fragment(_live, run_every=TICK_SECONDS)(run)


def _live(run: Run) -> None:
    state = run.state()
    if not state.active:
        st.rerun()
    with st.container(key="train_live"):
        history = run_curves.history_of(run)
        _progress(run, state, history)
        controls.of_active(run, state, history)
        for message in history.messages:
            st.text(message)  # as it is: it may quote an error
        if state.name != "queued" or history.points:
            _figures(history)
            _own_digits(run)
            run_curves.show(run, f"live_{run.id}", moving=True)
            charts.epochs(history)
            for label, icon, show in (
                ("Inside the network", ":material/neurology:", lambda: _inside(run)),
                ("Run card", ":material/receipt_long:", lambda: run_card.show(run, None, history)),
            ):
                box = st.expander(label, icon=icon, key=f"{label}_{run.id}", on_change="rerun")
                if box.open:
                    with box:
                        show()


def _progress(run: Run, state: State, history: History) -> None:
    if state.name == "queued":
        st.info(run_list.waiting(run))
        return
    paused = state.text if state.released else _paused(run, history)
    text = {"running": history.progress_text(), "paused": paused}.get(state.name, state.text)
    learning = state.name in ("running", "paused")
    st.progress(history.share if learning else float(state.name == "finishing"), text)


def _paused(run: Run, history: History) -> str:
    where = history.progress_text().split(", about")[0]
    return f"Paused. {where}" if run.paused() else f"Going on. {where}"


def _figures(history: History) -> None:
    """What stands at the moment, in numbers."""
    if history.learning_rate is None:
        return
    with st.container(horizontal=True):
        st.metric("Learning rate", f"{history.learning_rate:.3g}", width="content")
        if history.epochs:
            last = history.epochs[-1]
            best = max(history.epochs, key=lambda epoch: (epoch["val_accuracy"], -epoch["val_loss"]))
            st.metric("Validation accuracy", f"{last['val_accuracy']:.2%}", width="content")
            st.metric("Best epoch", f"{best['epoch']}: {best['val_accuracy']:.2%}", width="content")


def _inside(run: Run) -> None:
    frames = frames_of(run)
    if not frames:
        st.caption("It is looked into as soon as it begins to learn.")
        return
    st.markdown(sentence(run, frames[-1]))
    inside(run, frames[-1], frames)


def _own_digits(run: Run) -> None:
    drawn = recording.own_digits(run)
    if not len(drawn):
        return
    frames = frames_of(run)
    st.markdown("**Your digit**" if len(drawn) == 1 else "**Your digits**")
    if frames and len(frames[-1].own):
        epoch_view.own_digits(frames, datasets.describe(run.settings.dataset).class_names)
    if not frames or not (frames[-1].own.shape == drawn.shape and (frames[-1].own == drawn).all()):
        st.caption("The network is asked at the end of the epoch.")
