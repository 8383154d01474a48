"""Inside: your drawing inside any network, layer by layer, live, and computed on your own device."""

import streamlit as st

from digitcore.errors import ImageError
from pages.parts.inside import view
from pages.shared import canvas, networks
from pages.shared.language import _, told

SHEET, PEN = "draw", 18  # the same sheet as on Draw, so that a drawing made there appears here
BESIDE = "inside_second"
NONE = "none"
# On a wide screen the paper stays where it is while one scrolls through what becomes of the drawing, and the
# rest has the room that other pages leave free (style.css), so that the first maps are seen at once.
LAYOUT = """<style>
@media (max-width: 640px) { .st-key-inside_paper [data-testid=stHorizontalBlock] { gap: 0.5rem } }
@media (min-width: 641px) {
  [data-testid=stColumn]:has(.st-key-inside_paper) { position: sticky; top: 4.5rem; align-self: flex-start }
  .st-key-inside_choice [data-testid=stColumn] { flex: 1 1 14rem; min-width: 14rem }
}
@media (min-width: 1024px) {
  [data-testid=stColumn]:has(.st-key-inside_paper) { flex: 0 0 280px; min-width: 280px }
}
</style>"""


@st.fragment
def paper() -> None:
    """The sheet; a stroke reruns only this fragment. The look inside takes the stroke from the canvas
    itself, so all that the server does for it is to keep it for the other pages."""
    with st.container(key="inside_paper", gap="xsmall"):
        try:
            canvas.draw(SHEET, PEN)
        except ImageError as error:
            st.warning(told(error))
        with st.container(horizontal=True, gap="xsmall"):
            st.button(_("Undo"), on_click=canvas.undo, args=(SHEET,))
            st.button(_("Clear"), on_click=canvas.clear, args=(SHEET,))


def second_picker(choice: str) -> str | None:
    """What stands beside the chosen network: another, or the run as it was after an epoch; None: nothing."""
    titles = networks.epochs_of(choice) | networks.choices()
    others = [NONE, *(other for other in titles if other != choice)]
    if st.session_state.get(BESIDE) not in others:
        st.session_state[BESIDE] = NONE
    second = st.selectbox(
        _("Compare with another network"),
        others,
        format_func=lambda other: titles.get(other, _("None")),
        key=BESIDE,
    )
    return None if second == NONE else second


def say_unknown(titles: list[str]) -> None:
    """Which networks are not shown."""
    for title in titles:
        st.info(
            _(
                "{title} has a layer that your browser cannot compute; it still works on the other pages.",
                title=title,
            )
        )


st.html(LAYOUT)
with st.container(key="inside_page"):
    st.title(_("Inside"), anchor=False)
    st.markdown(
        _(
            "What the network does with *your* drawing, while you draw. **Try this:** draw a 7, point at the "
            "maps, or choose the network that you trained a minute ago."
        )
    )
    left, right = st.columns([3, 4], gap="medium")
    with left:
        paper()
    with right:
        with st.container(key="inside_choice"):
            first, beside = st.columns(2)
        with first:
            network = networks.model_picker("inside")
        with beside:
            second = second_picker(networks.chosen())
        say_unknown(view.show(networks.chosen(), second, network, SHEET))
