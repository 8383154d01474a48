"""Inside: your drawing inside any network, layer by layer, live, and computed on your own device."""

import streamlit as st

from digitcore.errors import ImageError
from pages.parts.inside import view
from pages.shared import canvas, networks

SHEET, PEN = "draw", 18  # the same sheet as on Draw, so that a drawing made there appears here
BESIDE = "inside_second"
NONE = "none"
PHONE = """<style>
@media (max-width: 640px) { .st-key-inside_paper [data-testid=stHorizontalBlock] { gap: 0.5rem } }
</style>"""


@st.fragment
def desk() -> None:
    """Paper, networks and the look inside; a stroke reruns only this fragment."""
    left, right = st.columns([3, 4], gap="medium")
    with left, st.container(key="inside_paper", gap="xsmall"):
        try:
            canvas.draw(SHEET, PEN)
        except ImageError as error:
            st.warning(str(error))
        with st.container(horizontal=True, gap="xsmall"):
            st.button("Undo", on_click=canvas.undo, args=(SHEET,))
            st.button("Clear", on_click=canvas.clear, args=(SHEET,))
    with right:
        network = networks.model_picker("inside")
        choice = networks.chosen()
        titles = networks.epochs_of(choice) | networks.choices()
        others = [NONE, *(other for other in titles if other != choice)]
        if st.session_state.get(BESIDE) not in others:
            st.session_state[BESIDE] = NONE
        second = st.selectbox(
            "Compare with another network",
            others,
            format_func=lambda other: titles.get(other, "None"),
            key=BESIDE,
        )
    dataset = network.card["dataset"]["name"]
    if not view.show(choice, None if second == NONE else second, dataset):
        st.info(
            f"{network.title} has a layer that your browser cannot compute; it still works on the other "
            "pages."
        )


st.html(PHONE)
st.title("Inside", anchor=False)
st.markdown(
    "What the network does with *your* drawing, while you draw. **Try this:** draw a 7, point at the maps, "
    "or choose the network that you trained a minute ago."
)
desk()
