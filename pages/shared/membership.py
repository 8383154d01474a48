"""Which class a visitor is in: its invitation in the session and in the address,
`?class=LAMO-TIRE-BAFO-3f9a0c21d4`.

The code opens the class; the visitor's own key says who they are in it, as with runs (visitor.py). So a link
with both finds the student again, and one with only the code is an invitation. A teacher's key is also taken
from the address (`?teacher=…`), where it stays, on the Class page alone, until the browser keeps it
(browser_keys.py).
"""

import contextlib
import threading
import time

import streamlit as st

from digitcore.classroom import attempts, codes
from digitcore.classroom.classes import Classroom, Room
from digitcore.classroom.students import Student, Students
from digitcore.errors import ClassError, NoClass
from pages.shared import browser_keys, visitor
from pages.shared.language import _, told

PARAMETER, TEACHER_PARAMETER = "class", "teacher"
_CODE, _TEACHER, _ADOPTED = "class_code", "class_teacher", "class_adopted"
PURGE_SECONDS = 3_600.0


def rooms() -> Classroom:
    """All classes of this server."""
    return Classroom()


def keep() -> None:
    """Keep the class over a change of pages; says in one sentence if the address's code opens none."""
    try:
        _purge()
        _adopt()
    except ClassError as error:
        st.warning(told(error))


def room() -> Room | None:
    """The class that the visitor has opened, as it is now; None if there is none or it is gone."""
    keep()
    code = st.session_state.get(_CODE)
    if code is None:
        return None
    try:
        return rooms().find(code)
    except NoClass:
        close()
        st.warning(_("Your class is no longer here: its teacher has deleted it, or its time is over."))
        return None


def student(of: Room | None) -> Student | None:
    """Who the visitor is in a class."""
    key = visitor.key()
    return Students(rooms()).find(of, key) if of and key else None


def enter(typed: str) -> Room:
    """Open a class by its code or its invitation. ClassError for a wrong one and, after too many wrong ones,
    for every code that is not an invitation."""
    found = rooms().invited(typed) or _guess(typed)
    st.session_state[_CODE] = found.code
    browser_keys.keep(browser_keys.CLASS, found.invitation, replace=True)
    visitor.carry(PARAMETER, found.invitation)
    return found


def _guess(typed: str) -> Room:
    code = codes.check_code(typed)
    guesser = (visitor.session(), visitor.network())
    try:
        attempts.GUESSES.take(*guesser)
    except ClassError:
        # Someone guessing learns nothing, even from the right code; members of the class are not guessing.
        with contextlib.suppress(NoClass):
            if student(found := rooms().find(code)) is not None:
                return found
        raise
    found = rooms().find(code)
    attempts.GUESSES.give_back(*guesser)
    return found


def close() -> None:
    """Leave the class in this session; what the class keeps about the student stays."""
    browser_keys.forget(browser_keys.CLASS)
    st.session_state.pop(_CODE, None)
    st.session_state.pop(_ADOPTED, None)
    visitor.carry(PARAMETER, None)


def teacher() -> tuple[Room, str] | None:
    """The class whose teacher's key this session has, and the key; for the Class page only."""
    given = st.query_params.get(TEACHER_PARAMETER)
    key = given or st.session_state.get(_TEACHER) or browser_keys.kept(browser_keys.TEACHER)
    if key is None:
        return None
    try:
        found = rooms().of_teacher(key)
    except NoClass as error:
        forget_teacher()
        st.warning(told(error))
        return None
    remember_teacher(key)
    return found, key


def remember_teacher(key: str) -> None:
    """Make this session the teacher's; reloading the Class page keeps that."""
    st.session_state[_TEACHER] = key
    if browser_keys.keep(browser_keys.TEACHER, key, replace=True):
        st.query_params.pop(TEACHER_PARAMETER, None)
    elif st.query_params.get(TEACHER_PARAMETER) != key:
        st.query_params[TEACHER_PARAMETER] = key


def forget_teacher() -> None:
    """Make this session no teacher's; the key opens the class again later."""
    browser_keys.forget(browser_keys.TEACHER)
    st.session_state.pop(_TEACHER, None)
    st.query_params.pop(TEACHER_PARAMETER, None)


_purging, _purged = threading.Lock(), [0.0]


def _purge() -> None:
    """Once an hour, whichever page is visited, delete expired classes, so that one goes in time even if
    nobody opens it."""
    with _purging:
        now = time.monotonic()
        if _purged[0] and now - _purged[0] < PURGE_SECONDS:
            return
        _purged[0] = now
    rooms().store.purge()


def _adopt() -> None:
    """Take the address's code into the session; a wrong one is removed, and ClassError says why."""
    given = st.query_params.get(PARAMETER)
    kept = browser_keys.kept(browser_keys.CLASS)
    if given is None and kept and _CODE not in st.session_state:
        if rooms().invited(kept) is None:  # the class has gone since: no reason to say so on every page
            browser_keys.forget(browser_keys.CLASS)
            return
        given = kept
    if given is None or st.session_state.get(_ADOPTED) == given:
        return
    try:
        st.session_state[_ADOPTED] = enter(given).invitation
    except ClassError:
        st.query_params.pop(PARAMETER, None)
        raise
