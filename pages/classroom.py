"""Class: a code to join with, digits to draw, the wall that collects them, and a board of runs."""

import streamlit as st

from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Student, Students
from digitcore.errors import ClassError
from pages.parts.classroom import (
    board,
    challenges,
    door,
    drawing_task,
    gallery,
    our_digits,
    our_symbols,
    projection,
    wall,
)
from pages.parts.classroom import teacher as class_teacher
from pages.shared import membership, your_link
from pages.shared.language import _, told
from pages.shared.run_list import as_typed


def show() -> None:
    if projection.is_wanted():
        st.query_params.pop(membership.TEACHER_PARAMETER, None)
        if (room := membership.room()) is not None:
            projection.show(room)
            return
        st.query_params.pop(projection.PARAMETER, None)
    teacher = membership.teacher()
    room = teacher[0] if teacher else membership.room()
    me = membership.student(room)
    if me is None or teacher:
        title(room)
    if room is None:
        door.show()
        return
    if teacher:
        if st.session_state.get(door.MADE) == teacher[1]:
            door.made(room, teacher[1])
        class_teacher.invite(room)
    elif me:
        drawing_task.show(room, me)
        st.markdown(
            _("You are **{nickname}** in class **{code}**.", nickname=as_typed(me.nickname), code=room.code)
        )
    else:
        st.markdown(_("Class **{code}**.", code=room.code))
        door.join(room)
    contents = {_("Wall"): lambda: wall.show(room)}
    if room.draws_digits:
        contents[_("Board")] = lambda: board.show(room, me)
        contents[_("Challenges")] = lambda: challenges.show(room, me, teacher[1] if teacher else None)
        contents[_("Our digits")] = lambda: our_digits.show(room)
    else:  # the networks that ship, and MNIST, know digits alone
        contents[_("Our symbols")] = lambda: our_symbols.show(room)
    if teacher:
        contents[_("Teacher")] = lambda: class_teacher.show(*teacher)
    elif me:
        contents[_("Yours")] = lambda: yours(room, me)
    tabs = st.tabs(list(contents), key="class_tabs", on_change="rerun")
    for tab, fill in zip(tabs, contents.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def title(room: Room | None) -> None:
    """Shown to everyone but students, who have a digit to draw instead."""
    st.title(_("Class"), anchor=False)
    if room is None or room.draws_digits:
        hint = _("**Try this:** let everybody draw ten digits, then see whose digits the network misreads.")
    else:
        hint = _("**Try this:** let everybody draw each symbol, then teach a network to read them.")
    st.markdown(hint)


def yours(room: Room, me: Student) -> None:
    """What belongs to one student: whether their runs are shown, their drawings, a link to come back by, and
    leaving."""
    rooms = membership.rooms()
    mine = ClassSet(rooms)
    st.session_state["class_shows_runs"] = me.shows_runs
    st.toggle(
        _("Show my runs on the class board"),
        key="class_shows_runs",
        on_change=lambda: Students(rooms).show_runs(me, st.session_state["class_shows_runs"]),
    )
    drawings = [drawing for drawing in mine.all(room) if drawing.student == me.id]
    st.markdown(
        _(
            "**{n} of {most}** drawings that you can add on the Draw page.",
            n=len(drawings),
            most=room.most_drawings,
        )
    )
    gallery.show(drawings, room.class_names, lambda drawing: mine.remove(me, drawing), "own_drawing")
    your_link.show("class_link", f"&{membership.PARAMETER}={room.invitation}")
    with st.popover(_("Leave the class"), icon=":material/logout:"):
        st.write(_("Your nickname and your drawings are deleted at once, and your runs leave the board."))
        if st.button(_("Leave now"), type="primary"):
            Students(rooms).leave(me)
            membership.close()
            st.rerun()


try:
    show()
except ClassError as error:
    st.error(told(error))
