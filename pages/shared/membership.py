"""Which class a visitor is in: its code in the session and in the address, `?class=LAMO-TIRE-BAFO`.

The code opens the class; who the visitor is in it says their own key, as with runs (visitor.py). So a link
with both finds the student again, and one with the code alone is an invitation. A teacher's key is taken
from the address as well (`?teacher=…`), but only the Class page keeps it there: other pages are projected.
"""

import streamlit as st

from digitcore.classroom import codes
from digitcore.classroom.classes import Classroom, Room, Student
from digitcore.classroom.codes import Attempts
from digitcore.errors import ClassError, NoClass
from pages.shared import visitor

PARAMETER, TEACHER_PARAMETER = "class", "teacher"
_CODE, _TEACHER = "class_code", "class_teacher"
# Wrong codes. A class mistypes; thirty classes do not mistype twice a second.
WRONG_A_SESSION, SESSION_SECONDS = 8, 300.0
WRONG_A_SERVER, SERVER_SECONDS = 60, 60.0


def rooms() -> Classroom:
    """All classes of this server."""
    return Classroom()


def keep() -> None:
    """Carry the class over a change of pages; says so in one sentence if the address's code opens none."""
    try:
        _purge()
        _adopt()
    except ClassError as error:
        st.warning(str(error))


def room() -> Room | None:
    """The class that the visitor has opened, as it is now; None while there is none, or where it is gone."""
    keep()
    code = st.session_state.get(_CODE)
    if code is None:
        return None
    try:
        return rooms().find(code)
    except NoClass:
        close()
        st.warning("Your class is not here any more: its teacher has deleted it, or its time is over.")
        return None


def student(of: Room | None) -> Student | None:
    """Who the visitor is in a class."""
    key = visitor.key()
    return rooms().member(of, key) if of and key else None


def enter(code: str) -> Room:
    """Open a class by its code. ClassError for a wrong one, and after too many wrong ones for any."""
    code = codes.check_code(code)
    try:
        found = rooms().find(code)
    except NoClass:
        _check_attempts()
        for attempts in _attempts():
            attempts.count()
        raise
    if student(found) is None:  # a guesser who has used the tries up learns nothing by a right code either
        _check_attempts()
    st.session_state[_CODE] = found.code
    visitor.carry(PARAMETER, in_address(found))
    return found


def close() -> None:
    """Be in no class any more; what is kept of a student stays."""
    st.session_state.pop(_CODE, None)
    visitor.carry(PARAMETER, None)


def teacher() -> tuple[Room, str] | None:
    """The class whose teacher's key this session has, and the key; for the Class page alone."""
    given = st.query_params.get(TEACHER_PARAMETER)
    key = given or st.session_state.get(_TEACHER)
    if key is None:
        return None
    try:
        found = rooms().of_teacher(key)
    except NoClass as error:
        forget_teacher()
        st.warning(str(error))
        return None
    remember_teacher(key)
    return found, key


def remember_teacher(key: str) -> None:
    """This session is the teacher's; a reload of the Class page keeps that."""
    st.session_state[_TEACHER] = key
    if st.query_params.get(TEACHER_PARAMETER) != key:
        st.query_params[TEACHER_PARAMETER] = key


def forget_teacher() -> None:
    """This session is nobody's; the key opens the class again another time."""
    st.session_state.pop(_TEACHER, None)
    st.query_params.pop(TEACHER_PARAMETER, None)


def in_address(of: Room) -> str:
    """A class's code as it stands in an address."""
    return of.code.replace(" ", "-")


@st.cache_resource(ttl=3600, show_spinner=False)
def _purge() -> None:
    """Once an hour, whichever page is looked at: a class goes in time, even if nobody opens it."""
    rooms().store.purge()


def _adopt() -> None:
    """Take the address's code into the session; a wrong one is removed, and ClassError says what is wrong."""
    given = st.query_params.get(PARAMETER)
    if given is None or st.session_state.get(_CODE, "").replace(" ", "-") == given:
        return
    try:
        enter(given)
    except ClassError:
        del st.query_params[PARAMETER]
        raise


def _attempts() -> tuple[Attempts, Attempts]:
    mine = st.session_state.setdefault("class_attempts", Attempts(WRONG_A_SESSION, SESSION_SECONDS))
    return mine, _everybodys()


@st.cache_resource
def _everybodys() -> Attempts:
    return Attempts(WRONG_A_SERVER, SERVER_SECONDS)


def _check_attempts() -> None:
    mine, everybodys = _attempts()
    mine.check("These were many wrong codes; the next may be tried in {wait} seconds.")
    everybodys.check("This server gets many wrong codes just now; try again in {wait} seconds.")
