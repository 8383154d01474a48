"""Keys that this browser keeps: the visitor's, the teacher's and the class's invitation, in its local
storage.

A key in the address stands in the history, on a projector and in whatever link is copied. So the browser is
asked to keep it, and once it says that it does, visitor.py and membership.py take it out of the address; a
bare address in the same browser finds one's runs and one's class again. Where a browser keeps nothing (a
private window, or one that forbids it), keys stay in the address as before.

On a device that others use too, the browser keeps them only until the tab is closed (`shared_device`).

What the browser says makes the page run again, as the page that it then is: said just after a click on
another page, it would call the visitor back. So a browser that has nothing to say says nothing, as on a first
visit, and any other waits until the page has been at rest for a moment.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

VISITOR, TEACHER, CLASS = "visitor", "teacher", "class"
NAMES = (VISITOR, TEACHER, CLASS)
_COMPONENT, _KEPT, _WANTED, _FORGET = (
    "browser_keys",
    "browser_keys_kept",
    "browser_keys_wanted",
    "browser_forget",
)
_SHARED = "browser_shared_device"
LONGEST = 200
"""Letters of what a browser may say that it keeps."""

# Names of one's own in the storage of the whole site. A tab's own storage, where there is something in it,
# comes first: it is a device that others use too.
_SCRIPT = """
const REST = 500 // milliseconds without a run of the page, and without a press
const PRESSES = ["pointerdown", "click", "keydown"]
const PATIENCE = 5000 // a page that runs again and again, as while a training is watched, is told in between
const BUTTON = "[data-testid=stButton] button, [data-testid=stFormSubmitButton] button"
let stop = () => {} // ends what the page's last run has begun
let held = null // the button that was pressed before the server knew whose page it is

export default function ({ data, setStateValue }) {
  stop()
  const named = (name) => `digitlab.${name}`
  const found = {}
  try {
    for (const name of data.names) {
      if (data.forget.includes(name)) {
        sessionStorage.removeItem(named(name))
        localStorage.removeItem(named(name))
      }
      const wanted = data.wanted[name]
      const kept = sessionStorage.getItem(named(name)) ?? localStorage.getItem(named(name))
      if (wanted && (!kept || data.replace.includes(name) || (kept === wanted && data.shared))) {
        ;(data.shared ? localStorage : sessionStorage).removeItem(named(name))
        ;(data.shared ? sessionStorage : localStorage).setItem(named(name), wanted)
      }
      found[name] = sessionStorage.getItem(named(name)) ?? localStorage.getItem(named(name))
    }
  } catch {
    return // nothing is kept, and nothing is said to be
  }
  const app = document.querySelector("[data-testid=stApp]")
  const isRunning = () => app.dataset.testScriptState !== "notRunning"
  const asked = data.names.some(
    (name) => found[name] !== null || data.wanted[name] || data.forget.includes(name),
  )
  const press = () => {
    const pressed = held
    held = null
    if (pressed) standing(pressed)?.click()
  }
  if (data.known ? JSON.stringify(found) === JSON.stringify(data.known) : !asked) {
    const look = () => (isRunning() ? setTimeout(look, 50) : press())
    if (held) look()
    return
  }

  const { visitor } = found
  const isUnknown = visitor !== null && visitor !== data.wanted.visitor && visitor !== data.known?.visitor
  const begun = performance.now()
  let [ran, touched] = [begun, begun]
  const timer = setInterval(() => {
    const now = performance.now()
    if (isRunning()) ran = now
    if (now === ran || now - touched < REST || (now - ran < REST && now - begun < PATIENCE)) return
    say()
  }, 50)
  const say = () => {
    stop()
    setStateValue("kept", found)
  }
  const heard = (event) => {
    touched = performance.now()
    const button = event.type === "click" && event.isTrusted && event.composedPath()[0].closest?.(BUTTON)
    if (!button || !isUnknown) return
    // What it begins would be another visitor's.
    event.preventDefault()
    event.stopImmediatePropagation()
    held = button
    say()
    setTimeout(press, PATIENCE) // where the server makes nothing of what it is told
  }
  stop = () => {
    clearInterval(timer)
    for (const press of PRESSES) window.removeEventListener(press, heard, true)
  }
  for (const press of PRESSES) window.addEventListener(press, heard, true)
  return () => stop()
}

// What stands now where a button was that a run of the page may have replaced.
const standing = (gone) =>
  gone.isConnected
    ? gone
    : [...document.querySelectorAll(BUTTON)].find((one) => one.textContent === gone.textContent)
"""
_component = st.components.v2.component("digitlab_browser_keys", js=_SCRIPT)
# The whole place of the component, and the gap to what follows, are taken out of the page.
STYLE = f"""<style>[data-testid=stLayoutWrapper]:has(> .st-key-{_COMPONENT}_place) {{
  position:absolute; width:1px; height:1px; overflow:hidden
}}</style>"""


def hear() -> None:
    """Take note of what the browser says that it keeps. Once a run, before anything asks for a key."""
    said = st.session_state.get(_COMPONENT)
    heard = _clean(said.get("kept")) if isinstance(said, Mapping) else None
    if heard is not None:
        st.session_state[_KEPT] = heard
        still = {name for name in st.session_state.get(_FORGET, ()) if heard[name] is not None}
        st.session_state[_FORGET] = still


def tell() -> None:
    """Ask the browser to keep and forget what this session wants. Once a run, before the page, which may
    stop."""
    st.html(STYLE)
    wanted = st.session_state.get(_WANTED, {})
    with st.container(key=f"{_COMPONENT}_place"):
        _component(
            key=_COMPONENT,
            height=1,
            data={
                "names": NAMES,
                "wanted": {name: value for name, (value, _) in wanted.items()},
                "replace": [name for name, (_, replace) in wanted.items() if replace],
                "forget": sorted(st.session_state.get(_FORGET, ())),
                "shared": shared_device(),
                "known": st.session_state.get(_KEPT),
            },
            on_kept_change=lambda: None,
        )


def kept(name: str) -> str | None:
    """What the browser says that it keeps under a name; None where nothing, or where it is to forget it."""
    if name in st.session_state.get(_FORGET, ()):
        return None
    return (st.session_state.get(_KEPT) or {}).get(name)


def keep(name: str, value: str, replace: bool = False) -> bool:
    """Ask the browser to keep a value, in place of another one only with `replace`. Returns whether it says
    that it keeps this one: only then may it leave the address."""
    st.session_state.setdefault(_WANTED, {})[name] = (value, replace)
    if name in st.session_state.get(_FORGET, ()):
        st.session_state[_FORGET] = st.session_state[_FORGET] - {name}
    return kept(name) == value


def forget(*names: str) -> None:
    """Ask the browser to forget values."""
    for name in names:
        st.session_state.get(_WANTED, {}).pop(name, None)
    st.session_state[_FORGET] = {*st.session_state.get(_FORGET, ()), *names}


def keeps_anything() -> bool:
    """Whether this browser keeps things at all; False until it has been asked to and has said so."""
    return st.session_state.get(_KEPT) is not None


def shared_device() -> bool:
    """Whether others use this device too."""
    return bool(st.session_state.get(_SHARED))


def share_device(shared: bool) -> None:
    """Let keys end with the tab from now on, or stay."""
    st.session_state[_SHARED] = shared


def _clean(said: Any) -> dict[str, str | None] | None:
    """What a browser said, or None where it is nothing that ours says."""
    if not isinstance(said, dict):
        return None
    values = {name: said.get(name) for name in NAMES}
    usable = (
        value is None or (isinstance(value, str) and len(value) <= LONGEST) for value in values.values()
    )
    return values if all(usable) else None
