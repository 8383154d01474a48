"""Whose run it is: a random key that the browser keeps (browser_keys.py), or the address (`?key=…`), and
nothing else.

There are no accounts. Whoever has the link has the runs under it: a saved link finds them again from any
browser, a bare address from the one that keeps the key. A key is made when Train is opened, and kept by the
browser before anything is started, or when it is first needed; people who only draw have none.

Until the browser keeps it, it stands in the address. Streamlit drops the query when a visitor changes pages,
so the session remembers the key and `keep`, which app.py calls on every run, writes it back. An address with
another valid key wins for its tab: somebody opened it; the browser goes on keeping its own.
"""

import contextlib
import ipaddress
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from digitcore.errors import RunError
from digitcore.runs import store as run_store
from pages.shared import browser_keys
from pages.shared.language import _, told

PARAMETER = "key"
_SESSION = "visitor_key"
_REPLACED = "visitor_key_replaces"
_OFFERED = "visitor_key_offered"
_CARRIED = "carried_parameters"
# Anyone who is given an IPv6 network has at least 2^64 addresses in it (RFC 6177).
IPV6_PREFIX = 64


def key(create: bool = False) -> str | None:
    """This visitor's key, or None if there is none yet; with `create` one is made and put in the address."""
    _adopt()
    if create and _SESSION not in st.session_state:
        st.session_state[_SESSION] = st.session_state.get(_OFFERED) or run_store.new_key()
    _write_back()
    return st.session_state.get(_SESSION)


def offer(page: str) -> None:
    """On Train, have the browser of a visitor who has no key yet keep one, unless it keeps an older one,
    which is then theirs. Before `browser_keys.tell`."""
    if page != "train" or _SESSION in st.session_state or st.session_state.get(_OFFERED) == "":
        return
    browser_keys.keep(browser_keys.VISITOR, st.session_state.setdefault(_OFFERED, run_store.new_key()))


def identity() -> str | None:
    """What tells this visitor from another one who uses this tab: their key, or the one they will have."""
    return key() or st.session_state.get(_OFFERED)


def is_newly_made() -> bool:
    """Whether the key has been made by this tab, so that nobody can know anything of it yet."""
    return key() is not None and key() == st.session_state.get(_OFFERED)


def keep() -> None:
    """Carry the key over a change of pages; says so in one sentence if the address holds a malformed one."""
    browser_keys.hear()
    problem = _adopt()
    if problem:
        known = _SESSION in st.session_state
        rest = _("Your own runs are still here.") if known else _("You start as a new visitor.")
        st.warning(f"{told(problem)} {rest}")
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
    return network_of(st.context.ip_address)


def network_of(address: str | None) -> str:
    """The client that an address belongs to: an IPv4 address itself, the /64 network of an IPv6 address. ""
    for None and for anything that is no address: all of those share one budget.

    Budgets go by it because, unlike a session or a key, another address costs something.
    """
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


def session() -> str:
    """What tells this session from all others; clearing its state does not change it."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def renew(new: str) -> None:
    """This visitor has a new key, which the browser keeps in place of the one before."""
    st.session_state[_SESSION] = st.session_state[_REPLACED] = new
    st.query_params.pop(PARAMETER, None)


def keep_this_one() -> None:
    """Let the browser keep this tab's key in place of its own."""
    st.session_state[_REPLACED] = key()


def forget() -> None:
    """This tab and this browser know nothing of the visitor any more; the link still does."""
    browser_keys.forget(browser_keys.VISITOR)
    st.session_state[_OFFERED] = ""  # no other one is made before it is needed
    st.session_state.pop(_SESSION, None)
    st.query_params.pop(PARAMETER, None)


def is_kept() -> bool:
    """Whether the browser says that it keeps this visitor's key."""
    own = key()
    return own is not None and browser_keys.kept(browser_keys.VISITOR) == own


def has_gone() -> Callable[[], bool]:
    """What says, while something takes its time, whether this visitor has closed the page."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: False
    server, own = runtime.get_instance(), context.session_id
    return lambda: not server.is_active_session(own)


def link() -> str:
    """The address that finds this visitor's runs again from any browser; "" while there is no key."""
    own = key()
    return f"{st.context.url or ''}?{PARAMETER}={own}" if own else ""


def _adopt() -> str:
    """Take the address's key into the session; a malformed one is removed and what is wrong returned."""
    given = st.query_params.get(PARAMETER)
    if given is None:
        kept = browser_keys.kept(browser_keys.VISITOR)
        if kept and _SESSION not in st.session_state:
            with contextlib.suppress(RunError):  # somebody has written something else there
                st.session_state[_SESSION] = run_store.check_key(kept)
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
    if own and browser_keys.keep(browser_keys.VISITOR, own, st.session_state.get(_REPLACED) == own):
        if PARAMETER in st.query_params:
            del st.query_params[PARAMETER]
    elif own and st.query_params.get(PARAMETER) != own:
        missing[PARAMETER] = own
    if missing:
        st.query_params.update(missing)
