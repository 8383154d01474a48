"""Train: choose a network and data, start, watch it learn, and see what came of it."""

import streamlit as st

from digitcore.errors import DigitcoreError, RunError
from digitcore.run_folder import Run
from digitcore.settings import Settings
from pages.shared import new_run, resources, run_list, run_live, run_result, visitor

# Streamlit fades what a slow run has not drawn again yet: on a machine that is busy training, the curves
# would pulse twice a second.
STEADY = """<style>
.st-key-train_live [data-stale='true'], .st-key-train_list [data-stale='true'] {
  opacity: 1 !important; transition: none
}
</style>"""


def start(settings: Settings, name: str) -> None:
    try:
        run_list.show(resources.queue().submit(settings, visitor.key(create=True), name))
    except RunError as error:
        st.error(str(error))


def show(run: Run) -> None:
    st.subheader(run.name, anchor=False)
    state = run.state()
    if state.active:
        run_live.watch(run)
    elif state.has_model:
        run_result.show(run, state)
    else:
        failed = state.name == "failed"
        (st.error if failed else st.info)(state.text)
        if failed and run.log_tail():
            st.code(run.log_tail(), language=None, wrap_lines=True)
        run_result.curves(run)


st.html(STEADY)
st.title("Train", anchor=False)
st.markdown("**Try this:** train mlp-128 on 1,000 pictures, then on 55,000, and compare the misses.")
resources.queue()  # runs that waited when the app was restarted go on from here
wanted = new_run.ask()
if wanted:
    start(*wanted)
st.divider()
chosen = run_list.choose()
if visitor.link():
    with st.popover("Your link", icon=":material/link:"):
        st.write("Your runs are found again by this link. Whoever has it can see and stop them.")
        st.code(visitor.link(), language=None, wrap_lines=True)
if chosen is None:
    st.info("No run yet: press Start training.")
else:
    try:
        show(chosen)
    except DigitcoreError as error:  # damaged, or of another version
        st.error(str(error))
