"""The way into a class: a code and a nickname for students, one button for a teacher."""

import streamlit as st

from digitcore import datasets, limits
from digitcore.classroom import attempts, symbols
from digitcore.classroom.classes import Room
from digitcore.classroom.codes import LONGEST_NICKNAME
from digitcore.classroom.students import Students
from digitcore.errors import ClassError
from pages.shared import browser_keys, membership, visitor
from pages.shared.language import N_, _, told

DIGITS, SYMBOLS = N_("Digits"), N_("Symbols of our own")
DRAWS = "class_draws"
MADE = "class_made"
DELETED = "class_deleted"


def kept() -> str:
    """For how long the class's things are kept."""
    return _(
        "Everything is deleted after {days} days, or when the teacher deletes it. Streamlit Community Cloud "
        "keeps no disk: there it is lost with each restart, so export before the lesson ends.",
        days=limits.current().class_days,
    )


def show() -> None:
    """For visitors who are in no class: open one, or make one."""
    if st.session_state.pop(DELETED, False):
        st.success(_("The class is deleted, with its students, their drawings and its board."))
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.subheader(_("Open your class"), anchor=False)
        with st.form("class_open", border=False):
            code = st.text_input(_("Code of the class"), placeholder="LAMO TIRE BAFO", max_chars=60)
            if st.form_submit_button(_("Open"), type="primary", icon=":material/login:"):
                _open(code)
    with right.container(border=True, height="stretch"):
        st.subheader(_("Make a class"), anchor=False)
        st.markdown(_("For teachers: you get a code for your students, and a key of your own."))
        draws = st.segmented_control(
            _("Your class draws"), [DIGITS, SYMBOLS], default=DIGITS, required=True, format_func=_, key=DRAWS
        )
        typed = ""
        if draws == SYMBOLS:
            typed = st.text_input(
                _("Its symbols"),
                placeholder="A, B, C, +, −, ×, =",
                help=_(
                    "{least} to {most} letters, signs or words, separated by commas.",
                    least=symbols.LEAST,
                    most=symbols.MOST,
                ),
                key="class_symbols",
            )
        if st.button(_("Make a class"), icon=":material/add:"):
            _make(draws == SYMBOLS, typed)
    st.caption(kept())


def join(room: Room) -> None:
    """For visitors who have opened a class but have no nickname in it yet."""
    with st.container(border=True):
        st.subheader(_("Join this class"), anchor=False)
        with st.form("class_join", border=False):
            nickname = st.text_input(
                _("Nickname"),
                max_chars=LONGEST_NICKNAME,
                placeholder=_("Not your name"),
                help=_("Your class will see it."),
            )
            shows = st.toggle(_("Show the runs that I start from now on to my class"), value=True)
            st.caption(
                _(
                    "The board shows a run's name, network and accuracy beside your nickname. Nothing else "
                    "about "
                    "you is kept, and you may leave at any time."
                )
            )
            shared = st.toggle(
                _("Others use this device too"),
                key="class_shared_device",
                help=_("Then it forgets you when this tab is closed. Otherwise it knows you the next time."),
            )
            if st.form_submit_button(_("Join"), type="primary", icon=":material/group_add:"):
                browser_keys.share_device(shared)
                _join(room, nickname, shows)


def made(room: Room, key: str) -> None:
    """Shows the teacher the key, once, as a link and as a file."""
    link = f"{st.context.url or ''}?{membership.TEACHER_PARAMETER}={key}"
    in_browser = browser_keys.kept(browser_keys.TEACHER) == key
    with st.container(border=True):
        st.subheader(_("Save your key now"), anchor=False)
        st.markdown(
            _(
                "This link is for you alone: with it you set limits, export and delete. **It is shown only "
                "once.**"
            )
            + " "
            + (
                _("This browser keeps your key too, so opening this page is enough to come back.")
                if in_browser
                else _("The address of this page also contains your key, so do not project it.")
            )
        )
        st.code(link, language=None, wrap_lines=True)
        st.download_button(
            _("As a file"),
            _("Digit Lab, class {code}. This link is the teacher's alone:", code=room.code) + f"\n{link}\n",
            "my-class.txt",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(kept())
        st.button(_("I have saved it"), type="primary", on_click=lambda: st.session_state.pop(MADE, None))


def _open(code: str) -> None:
    try:
        membership.enter(code)
    except ClassError as error:
        st.error(told(error))
    else:
        st.rerun()


def _join(room: Room, nickname: str, shows: bool) -> None:
    try:
        Students(membership.rooms()).join(room.code, nickname, visitor.key(create=True), shows)
    except ClassError as error:
        st.error(told(error))
    else:
        st.rerun()


def _make(own_symbols: bool, typed: str) -> None:
    try:
        class_names = symbols.named(typed) if own_symbols else datasets.DIGITS
        attempts.MAKERS.take(visitor.network())
        _room, key = membership.rooms().make(class_names)
    except ClassError as error:
        st.error(told(error))
        return
    membership.remember_teacher(key)
    st.session_state[MADE] = key
    st.rerun()
