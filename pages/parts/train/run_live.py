"""A run that is queued or learning, all on one screen: its place, progress, control buttons, curves, first
layer, and answers to the visitor's digits."""

import time
from dataclasses import replace

import streamlit as st

from digitcore import datasets
from digitcore.runs import recording
from digitcore.runs import state as run_state
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run
from digitcore.runs.state import State
from pages.parts.train import controls, epoch_table, epoch_view, meanwhile, run_card, run_curves
from pages.parts.train.replay import frames_of, inside, sentence
from pages.shared import run_list, spoken
from pages.shared.language import _, number, told

# At each tick the browser draws what is there anew: bar and buttons often, curves and the rest less so.
TICK_SECONDS, NEWS_SECONDS = 0.5, 1.0
WATCHED = "train_watched"
# Height of the curves while it learns: controls, own digit and first layer still fit on the screen.
LOW = 200
# On a phone, two small charts side by side show more than one at a time.
COMPACT = """<style>
@media (max-width: 640px) {
  .st-key-train_live .st-key-train_live_curves [data-testid=stHorizontalBlock] {
    flex-wrap: nowrap; gap: 0.25rem
  }
  .st-key-train_live .st-key-train_live_curves [data-testid=stColumn] { min-width: 0; flex: 1 1 0 }
  .st-key-train_live [data-testid=stMetric] { font-size: 0.8rem }
}
.st-key-train_live [data-testid=stMetricValue] { font-size: 1.25rem }
</style>"""


def watch(run: Run) -> None:
    """Show an active run and keep it up to date until it ends; then the whole page runs again."""
    st.html(COMPACT)
    st.session_state[WATCHED] = run.id
    with st.container(key="train_live", gap="small"):
        st.fragment(_standing, run_every=TICK_SECONDS)(run)
        st.fragment(_news, run_every=NEWS_SECONDS)(run)


def say_the_end(run: Run, sentence: str) -> None:
    """Tell whoever has watched a run, and may not see the page, that it has ended and how."""
    if st.session_state.get(WATCHED) == run.id:
        spoken.say(sentence, "train_end")


def _standing(run: Run) -> None:
    """Where it stands, and what can be done about it."""
    state = run_state.of(run)
    if not state.active:
        st.rerun()
    history = run_curves.history_of(run)
    spoken.say(run_list.place(run) if state.name == "queued" else told(state.text), "train_live")
    _progress(run, state, history)
    controls.of_active(run, state, history)


def _news(run: Run) -> None:
    """What it has learnt so far."""
    history = run_curves.history_of(run)
    for message in history.messages:
        st.text(told(message))  # verbatim, because it may quote an error
    if not history.points:
        meanwhile.show(run)
        return
    above = st.container(key="train_live_curves")
    _now(run, history)
    run_curves.show(run, f"live_{run.id}", moving=True, height=LOW, above=above)
    epoch_table.show(history)
    for name, label, icon, show in (
        ("Inside the network", _("Inside the network"), ":material/neurology:", lambda: _inside(run)),
        ("Run card", _("Run card"), ":material/receipt_long:", lambda: run_card.show(run, None, history)),
    ):
        box = st.expander(label, icon=icon, key=f"{name}_{run.id}", on_change="rerun")
        if box.open:
            with box:
                show()


def _progress(run: Run, state: State, history: History) -> None:
    if state.name == "queued":
        st.info(run_list.waiting(run))
        return
    paused = told(state.text) if state.released else _paused(run, history)
    text = {"running": told(history.progress_text()), "paused": paused}.get(state.name, told(state.text))
    if state.name == "starting" and history.since is not None:
        text = _("{text} {n:.0f} s so far.", text=text, n=max(0, time.time() - history.since))
    learning = state.name in ("running", "paused")
    st.progress(history.share if learning else float(state.name == "finishing"), text)


def _paused(run: Run, history: History) -> str:
    where = told(history.progress_text().split(", about")[0])
    return f"{_('Paused.')} {where}" if run.paused() else f"{_('Going on.')} {where}"


def _now(run: Run, history: History) -> None:
    """The present state: the visitor's digits, the first layer, and the figures."""
    frames = frames_of(run)
    drawn = recording.own_digits(run)
    left, right = st.columns([3, 2], gap="small")
    with left:
        if len(drawn):
            _own_digits(run, drawn, frames)
        else:
            _figures(history)
    with right:
        if frames and frames[-1].weights.size:
            epoch_view.weights(frames[-1], epoch_view.weights_scale(frames), most=16)
            st.caption(_("First layer: ink on blue counts for it, ink on orange against it."))
    if len(drawn):
        _figures(history)


def _figures(history: History) -> None:
    """The present state in numbers."""
    if history.learning_rate is None:
        return
    with st.container(horizontal=True, gap="small"):
        st.metric(_("Learning rate"), number(history.learning_rate, ".3g"), width="content")
        if history.epochs:
            last = history.epochs[-1]
            best = max(history.epochs, key=lambda epoch: (epoch["val_accuracy"], -epoch["val_loss"]))
            st.metric(_("Validation"), number(last["val_accuracy"], ".2%"), width="content")
            st.metric(
                _("Best epoch"), f"{best['epoch']}: {number(best['val_accuracy'], '.2%')}", width="content"
            )


def _inside(run: Run) -> None:
    frames = frames_of(run)
    if not frames:
        st.caption(_("There is something to see as soon as it begins to learn."))
        return
    st.markdown(sentence(run, frames[-1]))
    inside(run, frames[-1], frames)


def _own_digits(run: Run, drawn, frames) -> None:
    glance = recording.glance(run)  # since the last epoch's end
    if glance is not None and frames and glance.epoch > frames[-1].epoch:
        rounded = (round(glance.epoch, decimals) for decimals in (1, 2, 3))
        # Never "epoch 2.0" for what comes after epoch 2.
        learnt = next((epoch for epoch in rounded if epoch > frames[-1].epoch), glance.epoch)
        frames = [*frames, replace(glance, epoch=learnt)]
    if frames and len(frames[-1].own):
        epoch_view.own_digits(frames, datasets.describe(run.settings.dataset).class_names)
    if not frames or not (frames[-1].own.shape == drawn.shape and (frames[-1].own == drawn).all()):
        st.caption(_("The network reads your digit in a moment."))
