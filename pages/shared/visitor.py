"""Whose run it is: a random key in the page's address, `?key=…`, and nothing else.

There are no accounts. Whoever has the link has the runs under it: a reload or a saved link finds them
again, a bare address in a new tab is a new visitor. A key is made when it is first needed (a training
starts), so people who only draw keep a bare address.

Streamlit drops the query when a visitor changes pages, so the session remembers the key and `keep`,
which app.py calls on every run, writes it back. An address with another valid key wins: somebody opened it.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from digitcore import budgets
from digitcore.errors import RunError
from digitcore.runs import store as run_store

PARAMETER = "key"
_SESSION = "visitor_key"
_CARRIED = "carried_parameters"


def key(create: bool = False) -> str | None:
    """This visitor's key, or None if there is none yet; with `create` one is made and put in the address."""
    _adopt()
    if create and _SESSION not in st.session_state:
        st.session_state[_SESSION] = run_store.new_key()
    _write_back()
    return st.session_state.get(_SESSION)


def keep() -> None:
    """Carry the key over a change of pages; says so in one sentence if the address holds a malformed one."""
    problem = _adopt()
    if problem:
        known = _SESSION in st.session_state
        st.warning(f"{problem} {'Your own runs are still here.' if known else 'You start as a new visitor.'}")
    _write_back()


def carry(name: str, value: str | None) -> None:
    """Keep another parameter in the address over changes of pages too; None takes it out."""
    carried = st.session_state.setdefault(_CARRIED, {})
    if value is None:
        carried.pop(name, None)
        st.query_params.pop(name, None)
    else:
        carried[name] = value
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def network() -> str:
    """Whose budgets this visitor uses: their client address or IPv6 network; "" on this very machine.

    A proxy's X-Forwarded-For counts only if uvicorn has been told to trust that proxy (FORWARDED_ALLOW_IPS;
    by default one on this machine), which then gives the address of the client in place of the proxy's.
    """
    return budgets.network(st.context.ip_address)


def session() -> str:
    """What tells this session from all others; clearing its state does not change it."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def link() -> str:
    """The address that finds this visitor's runs again from any browser; "" while there is no key."""
    own = key()
    return f"{st.context.url or ''}?{PARAMETER}={own}" if own else ""


def _adopt() -> str:
    """Take the address's key into the session; a malformed one is removed and what is wrong returned."""
    given = st.query_params.get(PARAMETER)
    if given is None:
        return ""
    try:
        st.session_state[_SESSION] = run_store.check_key(given)
    except RunError as error:
        del st.query_params[PARAMETER]
        return str(error)
    return ""


def _write_back() -> None:
    """At once, because each write is a step for the browser's Back button."""
    carried = st.session_state.get(_CARRIED, {})
    missing = {name: value for name, value in carried.items() if name not in st.query_params}
    own = st.session_state.get(_SESSION)
    if own and st.query_params.get(PARAMETER) != own:
        missing[PARAMETER] = own
    if missing:
        st.query_params.update(missing)
