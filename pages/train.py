"""Train: choose a network and data, start, watch it learn, and see what came of it."""

import streamlit as st

from digitcore.errors import ClassError, DigitcoreError, RunError
from digitcore.networks.settings import Settings
from digitcore.runs import requests
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run
from pages.parts.train import class_set, new_run, own_digit, run_live, run_result, settings_link, sweep
from pages.shared import run_list, scroll, server, visitor, your_link
from pages.shared.language import _, told

# Streamlit fades what a slow run has not drawn again yet: on a machine that is busy training, the curves
# would pulse twice a second.
STEADY = """<style>
.st-key-train_live [data-stale='true'], .st-key-train_list [data-stale='true'] {
  opacity: 1 !important; transition: none
}
</style>"""


# Once this session has had a run of its own at work, runs stay above the form: the page does not turn round
# under a person who reads the result.
RUNS_FIRST, STARTED = "train_runs_first", "train_started"


def start(settings: Settings, name: str) -> None:
    try:
        extra = class_set.snapshot(settings.dataset)
        run = server.queue().submit(
            settings, visitor.key(create=True), name, extra=extra, address=visitor.network()
        )
        own_digit.take()
        own_digit.give(run)
        if st.session_state.get(new_run.ONNX_TOO):
            requests.onnx_too(run)
    except (ClassError, RunError) as error:
        st.error(told(error))
        return
    run_list.show(run)
    st.session_state[STARTED] = True
    st.session_state[RUNS_FIRST] = st.session_state.get(RUNS_FIRST, 0) + 1
    st.rerun()


def show(run: Run) -> None:
    st.subheader(run_list.title(run), anchor=False)
    state = run_state.of(run)
    if state.active:
        run_live.watch(run)
    elif state.has_model:
        run_result.show(run, state)
    else:
        failed = state.name == "failed"
        run_live.say_the_end(run, told(state.text))
        (st.error if failed else st.info)(told(state.text))
        if failed and run.log_tail():
            st.code(run.log_tail(), language=None, wrap_lines=True)
        run_result.curves(run)


def show_safely(run: Run) -> None:
    try:
        show(run)
    except DigitcoreError as error:  # damaged, or of another version
        st.error(told(error))


def choose_another(shown: Run) -> None:
    run_list.draw(shown)
    if visitor.link() and not (visitor.is_newly_made() and all(run.recorded for run in run_list.known())):
        with st.popover(_("Your link"), icon=":material/link:"):
            your_link.show("train_link")


st.html(STEADY)
if not st.session_state.get(RUNS_FIRST) and not run_list.any_active():
    st.title(_("Train"), anchor=False)
    st.markdown(_("**Try this:** train mlp-128 on 1,000 pictures, then on 55,000, and compare the misses."))
server.queue()  # what waits under this link or another goes on while this page is open
if run_list.any_active():
    st.session_state.setdefault(RUNS_FIRST, 1)
runs_first = st.session_state.get(RUNS_FIRST, 0)
settings_link.take()
if not runs_first:
    wanted = new_run.ask()
    if wanted:
        start(*wanted)
    sweep.section(run_list.show)
if st.session_state.pop(STARTED, False):
    with st.container(key="train_top"):
        scroll.to_the_top(key=f"train_top_{runs_first}")
chosen = run_list.choose()
if chosen is None:
    own_digit.section(chosen)
    st.divider()
    st.info(_("No run yet: press Start training."))
elif runs_first:
    show_safely(chosen)
    own_digit.section(chosen)
    # Of another key after each start: the expander is closed again.
    opened = runs_first == 1 and settings_link.is_fresh()
    with st.expander(
        _("Train another network"), opened, icon=":material/add:", key=f"train_another_{runs_first}"
    ):
        wanted = new_run.ask()
    if wanted:
        start(*wanted)
    sweep.section(run_list.show)
    st.divider()
    choose_another(chosen)
else:
    own_digit.section(chosen)
    st.divider()
    choose_another(chosen)
    show_safely(chosen)
