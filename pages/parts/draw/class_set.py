"""On Draw, for students of a class: the drawing goes into the class set once they say which digit it is."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Student
from digitcore.errors import ClassError
from digitcore.preprocessing import normalisation
from pages.shared import membership, visitor
from pages.shared.language import N_, _, told
from pages.shared.one_picture import Look
from pages.shared.run_list import as_typed

PROBLEM = "class_drawing_problem"
CONSENT = N_(
    "Your class and teacher see it with your nickname, networks are tested on it and may learn from it, "
    "and the teacher may take it home."
)


def offer(grey: np.ndarray, look: Look) -> None:
    """Shown to students only. grey: (h, w) uint8, the canvas; look: what is on it. Only a single digit can be
    added, as the pipeline makes it with every step on."""
    try:
        room = membership.room()
        me = membership.student(room)
        if room is None or me is None or not room.drawings_open:
            return
        with st.container(border=True, gap="xsmall", key="class_drawing"):
            if room.draws_digits and len(look.digits) != 1:
                st.caption(_("For your class set, draw one digit at a time."))
                return
            if problem := st.session_state.pop(PROBLEM, ""):
                st.error(problem)
            # Of a symbol the whole paper counts: = and i have two parts.
            picture = (
                look.before.picture if room.draws_digits else normalisation.read(grey, symbol=True).picture
            )
            _choice(room, me, picture, grey)
    except ClassError as error:
        st.caption(told(error))


def _choice(room: Room, me: Student, picture: np.ndarray, grey: np.ndarray) -> None:
    drawings = ClassSet(membership.rooms())
    added = drawings.label_of(me, grey)
    st.session_state["class_label"] = added

    def choose() -> None:
        label = st.session_state["class_label"]
        if label is None:
            _attempt(lambda: drawings.take_out(me, grey))
        else:
            _attempt(lambda: drawings.add(me, label, picture, grey, sender=visitor.network()))

    st.pills(
        _("Add this drawing to our class set as:"),
        range(len(room.class_names)),
        format_func=lambda label: as_typed(room.class_names[label]),
        key="class_label",
        on_change=choose,
        wrap=True,
    )
    if added is None:
        st.caption(_(CONSENT))
    else:
        name = as_typed(room.class_names[added])
        st.caption(_("It is in the class set as {added}; press {added} again to take it out.", added=name))


def _attempt(act: Callable[[], None]) -> None:
    try:
        act()
    except ClassError as error:
        st.session_state[PROBLEM] = told(error)
