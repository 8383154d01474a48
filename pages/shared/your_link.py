"""A visitor's link: to be saved, made anew, or forgotten by this browser."""

import streamlit as st

from digitcore.classroom.renewal import renew_visitor
from digitcore.errors import DigitcoreError
from pages.shared import browser_keys, membership, visitor
from pages.shared.language import _, told

_PROBLEM = "your_link_problem"


def show(key: str, parameters: str = "") -> None:
    """The link with what may be done about it; for visitors who have one. parameters: more of the address."""
    if visitor.is_kept():
        st.write(
            _(
                "This browser keeps your key until you close this tab. From another one, this link finds "
                "your runs again:"
            )
            if browser_keys.shared_device()
            else _(
                "This browser keeps your key for the next time. From another one, this link finds your runs "
                "again:"
            )
        )
    else:
        st.write(_("Your runs are found again by this link."))
    st.code(f"{visitor.link()}{parameters}", language=None, wrap_lines=True)
    st.caption(_("Whoever has it can see and control your runs, and is you in your class."))
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem)
    with st.container(horizontal=True):
        st.button(
            _("Make a new link, end this one"),
            icon=":material/autorenew:",
            key=f"{key}_renew",
            on_click=_renew,
        )
        if browser_keys.keeps_anything() and not visitor.is_kept():
            st.button(_("Keep it in this browser"), key=f"{key}_keep", on_click=visitor.keep_this_one)
        st.button(
            _("Forget me here"),
            icon=":material/person_off:",
            key=f"{key}_forget",
            on_click=_forget,
            help=_("This browser then knows neither your runs nor your class; save the link first."),
        )


def _renew() -> None:
    try:
        visitor.renew(renew_visitor(membership.rooms(), visitor.key(create=True)))
    except DigitcoreError as error:
        st.session_state[_PROBLEM] = told(error)


def _forget() -> None:
    membership.close()
    visitor.forget()
