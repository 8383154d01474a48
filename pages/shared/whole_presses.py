"""What a press sets off is done, and done whole, whatever else the browser sends meanwhile.

Streamlit 1.67 lets the next run of the page break into a button's callback, wherever that touches the
session's state or shows something: half of it would be done, and the press not be repeated. With its fast
reruns it also forgets a press that waits behind a run, when one of the whole page is asked for. A drawing was
not kept; one was sent to the class, and asked for again. Here the next run waits until the callbacks have
ended, and what is pressed for is asked for along with it.
"""

import threading
from typing import Any

from streamlit import config
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.safe_session_state import SafeSessionState

_here = threading.local()  # whether this thread is in callbacks


def keep() -> None:
    """Done once per server, before its first visitor."""
    # Here, not in config.toml, because Community Cloud overrules that. A stroke is no slower by it: it is a
    # fragment's run, which never ends another one.
    config.set_option("runner.fastReruns", False)
    interrupt = ScriptRunner._maybe_handle_execution_control_request
    prepare = SafeSessionState.on_script_will_rerun

    def unless_in_callbacks(runner: ScriptRunner) -> None:
        if not getattr(_here, "busy", False):
            interrupt(runner)

    def whole(state: SafeSessionState, *states: Any, **further: Any) -> None:
        _here.busy = True
        try:
            prepare(state, *states, **further)
        finally:
            _here.busy = False

    ScriptRunner._maybe_handle_execution_control_request = unless_in_callbacks
    SafeSessionState.on_script_will_rerun = whole
