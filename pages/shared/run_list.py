"""The visitor's runs and the recorded ones, each with its state as it is now; one is chosen to be shown."""

import streamlit as st

from digitcore import datasets, runs
from digitcore.errors import SettingsError
from digitcore.run_folder import Run, State
from pages.shared import resources, visitor

TICK_SECONDS = 1.0
# A widget's own state ends with its page, so the choice is kept under a name of its own as well.
SHOWN, RADIO = "train_shown", "train_runs"


def choose() -> Run | None:
    """Let the visitor choose a run; the newest one at first. None where there is none at all."""
    listed = _listed()
    if not listed:
        return None
    ids = [run.id for run in listed]
    wishes = (st.session_state.get(RADIO), st.session_state.get(SHOWN), ids[0])
    shown = next(wish for wish in wishes if wish in ids)
    st.session_state[SHOWN] = st.session_state[RADIO] = shown
    active = _active({run.id: run.state() for run in listed})
    st.fragment(_list, run_every=TICK_SECONDS if active else None)(active, shown)
    return listed[ids.index(shown)]


def show(run: Run) -> None:
    """Show this run; to be called before `choose`."""
    st.session_state[SHOWN] = st.session_state[RADIO] = run.id


def _listed() -> list[Run]:
    key = visitor.key()
    return (runs.list_runs(key) if key else []) + runs.recorded()


def _list(active: list[str], shown: str) -> None:
    """The list itself; the whole page runs again when another run is chosen, or one has started or ended."""
    listed = _listed()
    states = {run.id: run.state() for run in listed}
    if shown not in states or active != _active(states):
        st.rerun()
    names = {run.id: f"{run.name} (recorded)" if run.recorded else run.name for run in listed}
    # A long list scrolls in its own box, so that the chosen run stays near.
    long = len(listed) > 5
    with st.container(height=330 if long else "content", border=long, key="train_list"):
        chosen = st.radio(
            "Runs",
            list(names),
            format_func=names.get,
            captions=[caption(run, states[run.id]) for run in listed],
            key=RADIO,
        )
    if chosen != shown:
        st.session_state[SHOWN] = chosen
        st.rerun()


def _active(states: dict[str, State]) -> list[str]:
    return [run_id for run_id, state in states.items() if state.active]


def caption(run: Run, state: State) -> str:
    """One line: where the run stands, or how well it reads."""
    try:
        settings = run.settings
    except SettingsError:
        return "Of another version of Digit Lab, with settings that are unknown here."
    data = datasets.describe(settings.dataset).title
    what = f"{settings.architecture}, {settings.n_train:,} {data} pictures"
    card = run.card() if state.has_model else None
    if card:
        test = card["test"]
        ended = "stopped, " if state.name == "stopped" else ""
        return f"{what}: {ended}{test['accuracy']:.2%}, {test['misses']:,} misses of {test['n']:,}"
    return f"{what}: {waiting(run) if state.name == 'queued' else state.text}"


def waiting(run: Run) -> str:
    """The place of a queued run: "2nd in the queue"."""
    place = resources.queue().place(run)
    return "Waiting for its turn." if place is None else f"{ordinal(place)} in the queue."


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
