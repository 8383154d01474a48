"""A student's task on a phone: draw the digit or symbol asked for, send it, and get the next one."""

import numpy as np
import streamlit as st

from digitcore.classroom import asking
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Student, Students
from digitcore.errors import BlankError, ClassError, ImageError
from digitcore.networks import model_store
from digitcore.preprocessing import images, normalisation
from digitcore.reading import reader
from pages.shared import canvas, membership, visitor
from pages.shared import networks as shared_networks
from pages.shared.figures import drawings as drawings_text
from pages.shared.language import N_, _, told
from pages.shared.run_list import as_typed

SHEET = "class_task"
PEN = 18
_PROBLEM, _ASKED = "class_task_problem", "class_task_asked"
# A finger needs 44 pixels (WCAG 2.5.5), and all controls must fit on a phone's first screen.
STYLE = """<style>
.st-key-class_task button {min-height:44px}
.st-key-class_task h2 {padding:0; font-size:1.75rem}
.st-key-class_task .stButton button[kind=primary] {min-width:112px}
</style>"""


@st.fragment
def show(room: Room, me: Student) -> None:
    """What is asked for, the paper, and Send; a stroke or a press reruns only this fragment."""
    st.html(STYLE)
    with st.container(key="class_task", gap="xsmall"):
        try:
            room = membership.rooms().find(room.code)
            _task(room, me)
        except ClassError as error:
            st.warning(told(error))


def _task(room: Room, me: Student) -> None:
    drawings = ClassSet(membership.rooms())
    ours, mine = drawings.by_label(me)
    left = room.most_drawings - sum(mine)
    if not room.drawings_open or left <= 0:
        closed = (
            _("Your teacher has closed the class set.")
            if left > 0
            else _("You have sent as many as one student may add.")
        )
        st.subheader(_("Thank you"), anchor=False)
        st.write(f"{closed} {_('Look at the wall below.')}")
        _undo(room, me, drawings)
        return
    label = _asked(room, me, ours, mine)
    name = as_typed(room.class_names[label])
    asked = _("Draw a {digit}", digit=name) if room.draws_digits else _("Draw: {symbol}", symbol=name)
    st.subheader(asked, anchor=False)
    problem = st.session_state.pop(_PROBLEM, "")
    try:
        png = canvas.draw(SHEET, PEN)
    except ImageError as error:
        png, problem = None, told(error)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _("Send"),
            type="primary",
            icon=":material/send:",
            on_click=_send,
            args=(room, me, label),
            disabled=not png,
        )
        st.button(_("Undo"), on_click=canvas.undo, args=(SHEET,), help=_("Take the last stroke back"))
        st.button(_("Clear"), on_click=canvas.clear, args=(SHEET,))
    if problem:
        st.error(problem)
    _undo(room, me, drawings)
    sent = _("{drawings} sent, {left} left to send.", drawings=drawings_text(sum(mine)), left=left)
    st.caption(f"{sent} {_(CONSENT)}")


CONSENT = N_(
    "Your class sees them with your nickname; networks are tested on them and may learn from them, and your "
    "teacher may take them home."
)


def _asked(room: Room, me: Student, ours: list[int], mine: list[int]) -> int:
    """The label that the student is asked to draw: the same until it has been sent. What the class lacks
    changes with each drawing that others send, also while this one is under the pen."""
    whose, label = st.session_state.get(_ASKED, (None, 0))
    if whose != (room.id, me.number):
        label = asking.next_label(ours, mine, me.number, len(Students(membership.rooms()).of(room)))
        st.session_state[_ASKED] = (room.id, me.number), label
    return label


def _take_back(me: Student, number: int) -> None:
    """Remove the drawing sent last, and ask for it again unless another one has been begun."""
    try:
        ClassSet(membership.rooms()).remove(me, number)
    except ClassError as error:
        st.session_state[_PROBLEM] = told(error)
    if not canvas.sheet(SHEET).png:
        st.session_state.pop(_ASKED, None)


def _undo(room: Room, me: Student, drawings: ClassSet) -> None:
    """A button that takes back the last drawing sent."""
    newest = drawings.newest(me)
    if newest is not None:
        number, label = newest
        st.button(
            _("Take back the {label} that I sent last", label=as_typed(room.class_names[label])),
            icon=":material/undo:",
            key=f"class_task_back_{number}",
            on_click=_take_back,
            args=(me, number),
        )


def _send(room: Room, me: Student, label: int) -> None:
    """Put the drawing into the class set as what was asked for, and begin a new sheet."""
    try:
        grey = images.decode(canvas.sheet(SHEET).png or b"", _("The drawing"))
        picture = _digit(grey, label) if room.draws_digits else normalisation.read(grey, symbol=True).picture
        ClassSet(membership.rooms()).add(me, label, picture, grey, sender=visitor.network())
    except (ClassError, ImageError, BlankError) as error:
        st.session_state[_PROBLEM] = told(error)
        return
    st.session_state.pop(_ASKED, None)
    canvas.clear(SHEET)


def _digit(grey: np.ndarray, digit: int) -> np.ndarray:
    """The picture of the only digit on the paper; ClassError if there are several."""
    found = reader.read(grey, shared_networks.classifier(model_store.shipped()[0]))
    if len(found) != 1:
        raise ClassError(
            _("Draw a single {digit}; there are {n} digits on the paper.", digit=digit, n=len(found))
        )
    return found[0].picture
