"""The visitor's runs and the recorded ones, each with its state as it is now; one is chosen to be shown."""

import itertools
import re

import streamlit as st

from digitcore import datasets
from digitcore.errors import RunError, SettingsError
from digitcore.runs import state as run_state
from digitcore.runs import store as run_store
from digitcore.runs.run_folder import Run
from digitcore.runs.state import State
from digitcore.runs.turns import in_words
from pages.shared import reveal, server, visitor
from pages.shared.language import SOURCE, _, current, told

TICK_SECONDS = 1.0
# A widget's own state ends with its page, so the choice is kept under a name of its own as well.
SHOWN = "train_shown"
# How often the page, not the visitor, has chosen: each time the list is a new widget, that begins there.
CHOSEN = "train_runs_chosen"
CHOSEN_FOR = "train_runs_chosen_for"
# Punctuation that can mean something in Markdown, and where Streamlit makes emoji, links and arrows of text
# even though it is escaped: an invisible word joiner keeps those apart.
MARKDOWN = re.compile(r"[!-+./:-@[-`{-~]|^-")
JOINED = re.compile(r"(?<=[:@])|(?<=www)|(?<=[-<=])(?=[-<>=])", re.IGNORECASE)


def as_typed(text: str) -> str:
    """Markdown that shows a visitor's text as it is: "5_000 *x*", "$x^2$", ":smile:"."""
    return MARKDOWN.sub(r"\\\g<0>", JOINED.sub("\u2060", text))


def choose() -> Run | None:
    """The run to be shown: the one chosen last, else the one that runs or is next, else the newest."""
    listed = known()
    if not listed:
        return None
    ids = [run.id for run in listed]
    wishes = (st.session_state.get(_radio()), st.session_state.get(SHOWN))
    if st.session_state.setdefault(CHOSEN_FOR, visitor.identity()) != visitor.identity():
        # The browser has said whose page this is since it was first drawn, or another link was opened.
        wishes = ()
        st.session_state[CHOSEN_FOR] = visitor.identity()
    shown = next((wish for wish in wishes if wish in ids), None)
    if shown is None:
        shown = (_active({run.id: run_state.of(run) for run in listed}) or ids[:1])[-1]
        _show(shown)
    st.session_state[SHOWN] = shown
    return listed[ids.index(shown)]


def draw(shown: Run) -> None:
    """The list, in which the visitor chooses another run; `shown` is what `choose` returned."""
    active = _active({run.id: run_state.of(run) for run in known()})
    st.fragment(_list, run_every=TICK_SECONDS if active else None)(active, shown.id)


def show(run: Run) -> None:
    """Show this run; to be called before `choose`."""
    _show(run.id)
    st.session_state[CHOSEN_FOR] = visitor.identity()


def any_active() -> bool:
    """Whether a run of the visitor waits or learns."""
    return any(run_state.of(run).active for run in known())


def title(run: Run) -> str:
    """Markdown of the run's name as the list has it."""
    return as_typed(name(run))


def name(run: Run) -> str:
    """The run's name, told from its namesakes: "mine (2)"."""
    return _names(known()).get(run.id, run.name)


def _names(runs_listed: list[Run]) -> dict[str, str]:
    """Each run's own name: the browser tells a radio's options by their text, and names may be equal."""
    names: dict[str, str] = {}
    for run in reversed(runs_listed):  # the oldest keeps its name, the next is "(2)"
        own = _("{name} (recorded)", name=told(run.name)) if run.recorded else run.name
        forms = itertools.chain([own], (f"{own} ({n})" for n in itertools.count(2)))
        taken = {as_typed(name) for name in names.values()}
        names[run.id] = next(form for form in forms if as_typed(form) not in taken)
    return {run.id: names[run.id] for run in runs_listed}


def _show(run_id: str) -> None:
    st.session_state[SHOWN] = run_id
    st.session_state[CHOSEN] = st.session_state.get(CHOSEN, 0) + 1


def _radio() -> str:
    return f"train_runs_{st.session_state.get(CHOSEN, 0)}"


def known() -> list[Run]:
    """The visitor's runs and the recorded ones, newest first."""
    key = visitor.key()
    return (run_store.list_runs(key) if key else []) + run_store.recorded()


def _list(active: list[str], shown: str) -> None:
    """The list itself; the whole page runs again when another run is chosen, or one has started or ended."""
    listed = known()
    states = {run.id: run_state.of(run) for run in listed}
    if shown not in states or active != _active(states):
        st.rerun()
    titles = {run_id: as_typed(name) for run_id, name in _names(listed).items()}
    # A long list scrolls in its own box, so that what is below stays near.
    long = len(listed) > 5
    with st.container(height=330 if long else "content", border=long, key="train_list"):
        chosen = st.radio(
            _("Runs"),
            list(titles),
            index=list(titles).index(shown),
            format_func=titles.get,
            captions=[caption(run, states[run.id]) for run in listed],
            key=_radio(),
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
    except RunError as error:
        return told(error)
    except SettingsError:
        return _("Of another version of Digit Lab, with settings that are unknown here.")
    data = datasets.describe(settings.dataset).title
    what = _(
        "{network}, {n:,} {data} pictures",
        network=settings.architecture,
        n=settings.n_train,
        data=data,
    )
    try:
        card = reveal.card(run) if state.has_model and not state.active else None
    except RunError as error:
        return f"{what}: {told(error)}"
    if card and "test" not in card:
        validation = card["validation"]
        return _(
            "{run}: {accuracy:.2%} of validation; your teacher reveals the test",
            run=what,
            accuracy=validation["accuracy"],
        )
    if card:
        test = card["test"]
        found = {"run": what, **{name: test[name] for name in ("accuracy", "misses", "n")}}
        if state.name == "stopped":
            return _("{run}: stopped, {accuracy:.2%}, {misses:,} misses of {n:,}", **found)
        return _("{run}: {accuracy:.2%}, {misses:,} misses of {n:,}", **found)
    return f"{what}: {waiting(run) if state.name == 'queued' else told(state.text)}"


def waiting(run: Run) -> str:
    """What a queued run waits for: "2nd in the queue, starts in about 3 minutes."."""
    if server.queue().short_of_space:
        return _("Waiting for room on the disk: the next run starts as soon as there is some.")
    if server.queue().short_of_memory:
        return _("Waiting for memory: the next run starts as soon as this machine has enough free.")
    wait = server.queue().wait(run)
    if wait is None or wait.seconds is None:
        return place(run)
    return _(
        "{place} in the queue, starts in {time}.", place=_nth(wait.place), time=told(in_words(wait.seconds))
    )


def place(run: Run) -> str:
    """A queued run's place alone, which changes only when another run ends: "2nd in the queue."."""
    wait = server.queue().wait(run)
    return _("Waiting for its turn.") if wait is None else _("{place} in the queue.", place=_nth(wait.place))


def _nth(n: int) -> str:
    return ordinal(n) if current() == SOURCE else f"{n}."


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
