"""What a teacher can do: invite, set limits, reveal the test, export, remove."""

from collections.abc import Callable

import streamlit as st

from digitcore import limits
from digitcore.classroom import export
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.students import Students
from digitcore.errors import ClassError
from pages.parts.classroom import door, gallery, networks, projection
from pages.shared import figures, membership
from pages.shared.language import N_, _, told
from pages.shared.run_list import as_typed

PROBLEM = "class_teacher_problem"
EVERYBODY, ANY = N_("Everybody"), "any"
REFRESH_SECONDS = 5.0  # students keep joining while the code is shown


def invite(room: Room) -> None:
    """The code, large enough to be read from the back row, and the link that contains it."""
    st.fragment(_code_and_students, run_every=REFRESH_SECONDS)(room)
    st.link_button(
        _("Project the class"),
        projection.address(room),
        type="primary",
        icon=":material/cast:",
        width="content",
    )
    st.caption(
        _(
            "Opens a window for the projector with the code, a QR code, who has joined, and the wall. "
            "Your key is not on it, and it is not in its address. Or send your students this address:"
        )
    )
    st.code(projection.join_address(room), language=None, wrap_lines=True)


def _code_and_students(room: Room) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric(_("Code for your students"), room.code, width="content")
        students = len(Students(membership.rooms()).of(room))
        st.metric(_("Students"), students, width="content")
    if not students:
        st.caption(_("A class that nobody joins is deleted after a day."))


def show(room: Room, key: str) -> None:
    """Limits, students, drawings, export, and deleting the class."""
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(problem)
    _limits(room, key)
    st.subheader(_("Take the class set home"), anchor=False)
    _export(room)
    st.subheader(_("Students"), anchor=False)
    _students(room, key)
    st.subheader(_("Drawings"), anchor=False)
    _drawings(room, key)
    st.divider()
    with st.container(horizontal=True):
        st.button(
            _("Put the key away"),
            icon=":material/key_off:",
            on_click=membership.forget_teacher,
            help=_("This browser forgets that you are the teacher; your link opens the class again."),
        )
        st.button(
            _("Make a new key, end this one"),
            icon=":material/autorenew:",
            on_click=_attempt,
            args=(_renew, key),
            help=_("For when somebody may have seen it. It also makes a new QR code and address to join by."),
        )
        with st.popover(_("Delete the class"), icon=":material/delete_forever:"):
            st.write(
                _("All students, their drawings and the board are deleted at once. This cannot be undone.")
            )
            st.button(
                _("Delete everything now"),
                type="primary",
                on_click=_attempt,
                args=(_delete, key),
            )


def _limits(room: Room, key: str) -> None:
    rooms = membership.rooms()

    def changed(limit: str) -> None:
        _attempt(lambda: rooms.set_limits(key, **{limit: st.session_state[f"class_{limit}"]}))

    values = {
        "revealed": room.revealed,
        "runs_open": room.runs_until is None,
        "drawings_open": room.drawings_open,
        "most_drawings": room.most_drawings,
    }
    for (
        limit,
        value,
    ) in values.items():  # the current values, even if another window of the teacher's has set them
        st.session_state[f"class_{limit}"] = value
    labels = {
        "revealed": _("Reveal the test: the board shows test accuracies and ranks by them"),
        "runs_open": _("The board takes new runs"),
        "drawings_open": _("The class set takes new drawings"),
    }
    if not room.draws_digits:  # a class without a board
        labels["revealed"] = _("Reveal the test: students see the test accuracies of their runs")
        del labels["runs_open"]
    for limit, label in labels.items():
        st.toggle(label, key=f"class_{limit}", on_change=changed, args=(limit,))
    _network(room, key)
    most = limits.current().class_drawings_per_student
    if most:  # a server may be configured to take no drawings at all
        st.number_input(
            _("Drawings per student"),
            1,
            most,
            key="class_most_drawings",
            on_change=changed,
            args=("most_drawings",),
            width=240,
            help=_(
                "The class set holds at most {class_drawings:,}.",
                class_drawings=limits.current().class_drawings,
            ),
        )


def _network(room: Room, key: str) -> None:
    rooms = membership.rooms()
    titles = {network.name: network.title for network in networks.for_wall(room)}
    chosen = networks.of_wall(room)
    if chosen is None:
        return  # the wall says how there may be one
    st.session_state["class_network_of_wall"] = chosen.name
    st.selectbox(
        _("Network that reads the wall"),
        list(titles),
        format_func=titles.__getitem__,
        key="class_network_of_wall",
        on_change=lambda: _attempt(
            lambda: rooms.set_limits(key, network=st.session_state["class_network_of_wall"])
        ),
        width=320,
    )


def _export(room: Room) -> None:
    class_set = ClassSet(membership.rooms())
    count = class_set.count(room)
    with st.container(horizontal=True):
        st.download_button(
            _("As pictures (.zip)"),
            lambda: export.zipped(class_set, room),  # made when it is clicked
            "our-class.zip",
            "application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            disabled=not count,
        )
        st.download_button(
            _("As arrays (.npz)"),
            lambda: export.npz(class_set.all(room), room.class_names),
            "our-class.npz",
            "application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            disabled=not count,
        )
    st.caption(
        _("{drawings}, with the nicknames of those who drew them.", drawings=figures.drawings(count))
        + f" {door.kept()}"
    )


def _students(room: Room, key: str) -> None:
    rooms = membership.rooms()
    students = {student.number: student for student in Students(rooms).of(room)}
    if not students:
        st.caption(_("Nobody has joined yet."))
        return

    def named(number: int) -> str:
        student = students[number]
        runs = _("runs shown") if student.shows_runs else _("runs not shown")
        return f"{student.nickname} · {figures.drawings(student.drawings)}, {runs}"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(_("Student"), list(students), format_func=named, key="class_student", width=320)
        # A key for each student: otherwise it would stay open, and a second click would remove the next one.
        with st.popover(_("Remove"), icon=":material/person_remove:", key=f"class_remove_{number}"):
            st.markdown(
                _(
                    "**{nickname}** will be removed, with all their drawings.",
                    nickname=as_typed(students[number].nickname),
                )
            )
            st.button(
                _("Remove the student"),
                type="primary",
                on_click=_attempt,
                args=(Students(rooms).remove, key, number),
            )


def _drawings(room: Room, key: str) -> None:
    rooms = membership.rooms()
    drawings = ClassSet(rooms).all(room)
    if not drawings:
        st.caption(_("None yet."))
        return
    with st.container(horizontal=True):
        names = [_(EVERYBODY), *sorted({drawing.nickname for drawing in drawings})]
        who = st.selectbox(_("Drawn by"), range(len(names)), format_func=names.__getitem__, width=220)
        what = st.selectbox(
            _("Labelled"),
            [ANY, *range(len(room.class_names))],
            format_func=lambda label: _("any") if label == ANY else room.class_names[label],
            width=140,
        )
    wanted = [
        drawing
        for drawing in drawings
        if (who == 0 or drawing.nickname == names[who]) and what in (ANY, drawing.label)
    ]

    def remove(drawing: int) -> None:
        _attempt(lambda: ClassSet(rooms).remove(rooms.of_teacher(key), drawing))

    gallery.show(wanted, room.class_names, remove, "class_drawing")


def _renew(key: str) -> None:
    new = membership.rooms().renew_teacher(key)
    membership.remember_teacher(new)
    st.session_state[door.MADE] = new


def _delete(key: str) -> None:
    membership.rooms().delete(key)
    membership.forget_teacher()
    st.session_state[door.DELETED] = True


def _attempt(act: Callable[..., object], *arguments: object) -> None:
    """Do what a button asks for; if that fails, the reason is shown when the page is drawn."""
    try:
        act(*arguments)
    except ClassError as error:
        st.session_state[PROBLEM] = told(error)
