"""Class: a code, a board of the class's runs, and the digits that the class has drawn."""

import streamlit as st

from digitcore.classroom.classes import Room, Student
from digitcore.classroom.drawings import ClassSet
from digitcore.errors import ClassError
from pages.shared import (
    class_board_table,
    class_digits,
    class_door,
    class_gallery,
    class_membership,
    class_teacher,
    visitor,
)
from pages.shared.run_list import as_typed


def show() -> None:
    teacher = class_membership.teacher()
    room = teacher[0] if teacher else class_membership.room()
    if room is None:
        class_door.show()
        return
    me = class_membership.student(room)
    if teacher:
        if st.session_state.get(class_door.MADE) == teacher[1]:
            class_door.made(room, f"{st.context.url or ''}?{class_membership.TEACHER_PARAMETER}={teacher[1]}")
        class_teacher.invite(room)
    elif me:
        st.markdown(f"You are **{as_typed(me.nickname)}** in class **{room.code}**.")
    else:
        st.markdown(f"Class **{room.code}**.")
        class_door.join(room)
    contents = {
        "Board": lambda: class_board_table.show(room, me),
        "Our digits": lambda: class_digits.show(room),
    }
    if teacher:
        contents["Teacher"] = lambda: class_teacher.show(*teacher)
    elif me:
        contents["Yours"] = lambda: yours(room, me)
    tabs = st.tabs(list(contents), key="class_tabs", on_change="rerun")
    for tab, fill in zip(tabs, contents.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def yours(room: Room, me: Student) -> None:
    """A student's own: whether runs are shown, drawings, the way back and the way out."""
    rooms = class_membership.rooms()
    mine = ClassSet(rooms)
    st.session_state["class_shows_runs"] = me.shows_runs
    st.toggle(
        "Show my runs on the class board",
        key="class_shows_runs",
        on_change=lambda: rooms.show_runs(me, st.session_state["class_shows_runs"]),
    )
    drawings = [drawing for drawing in mine.all(room) if drawing.student == me.id]
    st.markdown(f"**{len(drawings)} of {room.most_drawings}** drawings that you may add on the Draw page.")
    class_gallery.show(drawings, lambda drawing: mine.remove(me, drawing), "own_drawing")
    st.caption("With this link you are the same student in any browser. Whoever has it is you: keep it.")
    link = f"{visitor.link()}&{class_membership.PARAMETER}={class_membership.in_address(room)}"
    st.code(link, language=None, wrap_lines=True)
    with st.popover("Leave the class", icon=":material/logout:"):
        st.write("Your nickname and your drawings go at once, and your runs leave the board.")
        if st.button("Leave now", type="primary"):
            rooms.leave(me)
            class_membership.close()
            st.rerun()


st.title("Class", anchor=False)
st.markdown("**Try this:** let everybody draw ten digits, then see whose the network fails on.")
try:
    show()
except ClassError as error:
    st.error(str(error))
