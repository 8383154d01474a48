"""The visitor's own digits: drawn here, and shown to the learning network after each epoch.

The drawings belong to the session; the run that is learning, and every run started later, gets them.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from digitcore import datasets, paths
from digitcore.errors import BlankError, DigitcoreError, ImageError
from digitcore.preprocessing import images, normalisation
from digitcore.runs import recording
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run
from pages.parts.train import settings_link
from pages.shared import canvas
from pages.shared.language import _, told
from pages.shared.run_list import as_typed
from pages.shared.tiles import tiles

SHEET, PEN = "own_digit", 18
_DRAWN, _PROBLEM = "own_digits", "own_digit_problem"


def section(run: Run | None) -> None:
    """The paper, folded away until it is wanted. run: the one shown, which gets the drawings if it can."""
    takes = run if run and _takes_drawings(run) else None
    names = _class_names(takes)
    label = _("Your own digit") if datasets.are_digits(names) else _("Your own drawing")
    box = st.expander(label, icon=":material/draw:", key="own_digit_box", on_change="rerun", expanded=False)
    if box.open:
        with box:
            _desk(takes, names)


@st.fragment
def _desk(run: Run | None, names: Sequence[str]) -> None:
    """Canvas and drawings; a stroke reruns only this fragment."""
    drawn = _drawings(run)
    digits = datasets.are_digits(names)
    st.markdown(
        (
            _("Draw a digit: after each epoch the network says which digit it sees.")
            if digits
            else _(
                "Draw one of {class_names}: after each epoch the network says which it sees.",
                class_names=as_typed(", ".join(told(name) for name in names)),
            )
        )
        + ("" if run else " " + _("The next run that you start will see it."))
    )
    left, right = st.columns(2, gap="medium")  # inside the box, 280 pixels of paper need half of it
    with left:
        try:
            png = canvas.draw(SHEET, PEN)
        except ImageError as error:
            png = None
            st.warning(told(error))
        full = len(drawn) >= recording.MOST_OWN
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                _("Keep this digit") if digits else _("Keep this drawing"),
                type="primary",
                icon=":material/check:",
                disabled=not png or full,
                on_click=_keep,
                args=(run, png),
                key="own_digit_keep",
            )
            st.button(_("Undo"), on_click=canvas.undo, args=(SHEET,), key="own_digit_undo")
            st.button(_("Clear"), on_click=canvas.clear, args=(SHEET,), key="own_digit_clear")
    with right:
        problem = st.session_state.pop(_PROBLEM, "")
        if problem:
            st.warning(problem)
        if not len(drawn):
            st.caption(_("None kept yet; you can keep up to {most}.", most=recording.MOST_OWN))
            return
        st.caption(
            _(
                "Kept, as the network sees them ({n} of {most}):",
                n=len(drawn),
                most=recording.MOST_OWN,
            )
        )
        with st.container(horizontal=True, gap="small"):
            for number, picture in enumerate(drawn):
                with st.container(width=64, gap="xsmall"):
                    which = number + 1
                    tiles(
                        [picture],
                        _("Your digit {number}", number=which)
                        if digits
                        else _("Your drawing {number}", number=which),
                    )
                    st.button(
                        "",
                        icon=":material/delete:",
                        help=_("Remove it"),
                        on_click=_set,
                        args=(run, np.delete(drawn, number, axis=0)),
                        key=f"own_digit_away_{number}",
                    )


def give(run: Run) -> None:
    """Show a run the session's drawings."""
    drawn = _drawings(None)
    if len(drawn):
        recording.write_own_digits(run, drawn)


def take() -> None:
    """Also keep what is on the paper, because a run is being started."""
    png = canvas.sheet(SHEET).png
    if png and len(_drawings(None)) < recording.MOST_OWN:
        _keep(None, png)


def _class_names(run: Run | None) -> Sequence[str]:
    """What the network that gets the drawings, or the next one, is to tell apart."""
    chosen = st.session_state.get(settings_link.key("train_dataset"), "mnist")
    name = run.settings.dataset if run else chosen
    return datasets.describe(name).class_names if datasets.is_known(name) else datasets.DIGITS


def _takes_drawings(run: Run) -> bool:
    return not run.recorded and run_state.of(run).active


def _drawings(run: Run | None) -> np.ndarray:
    """(n, 28, 28) uint8: those of a learning run, which a reload finds again; else the session's."""
    if run is not None:
        if not run.file(paths.OWN_DIGIT).exists():
            give(run)  # drawn while another run was shown, or before this one was found again
        st.session_state[_DRAWN] = recording.own_digits(run)
    return st.session_state.get(_DRAWN, np.zeros((0, 28, 28), np.uint8))


def _keep(run: Run | None, png: bytes) -> None:
    try:
        grey = images.decode(png, _("The drawing"))
        picture = normalisation.read(grey, symbol=not datasets.are_digits(_class_names(run))).picture
    except (ImageError, BlankError) as error:
        st.session_state[_PROBLEM] = told(error)
        return
    _set(run, np.concatenate([_drawings(run), [np.uint8(np.rint(picture * 255))]]))
    canvas.clear(SHEET)


def _set(run: Run | None, drawn: np.ndarray) -> None:
    st.session_state[_DRAWN] = drawn
    if run is not None:
        try:
            recording.write_own_digits(run, drawn)
        except DigitcoreError as error:
            st.session_state[_PROBLEM] = told(error)
