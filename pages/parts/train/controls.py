"""What a visitor may do to a run while it learns, and after: each button leaves a request in the run's
folder."""

from collections.abc import Callable

import streamlit as st

from digitcore import paths
from digitcore.errors import DigitcoreError
from digitcore.networks.ranges import RANGES
from digitcore.runs import requests
from digitcore.runs.history import History
from digitcore.runs.run_folder import Run
from digitcore.runs.state import State
from pages.shared import server
from pages.shared.language import _, told

DEFAULT_MORE = 3
_SAID = "controls_said"  # why a request was refused, until it is shown


def of_active(run: Run, state: State, history: History) -> None:
    """The buttons of a run that waits or learns; none once it is being finished."""
    _say()
    if run.recorded or state.name == "finishing":
        return
    stopping = run.stop_requested()
    with st.container(horizontal=True, gap="xsmall"):
        if state.name == "running" and not stopping:
            _while_running(run)
        elif state.name == "paused" and not stopping:
            _while_paused(run)
        if state.name in ("running", "paused") and not stopping:
            _learning_rate(run, history)
        label = _("Leave the queue") if state.name == "queued" else _("Stop and keep the best")
        _button(
            run,
            "stop",
            _("Stopping…") if stopping else label if history.epochs or state.name == "queued" else _("Stop"),
            ":material/stop:",
            lambda: server.queue().stop(run),
            disabled=stopping,
        )


def _while_running(run: Run) -> None:
    stepping = run.file(paths.STEP).exists()
    asked = run.paused()
    label = _("Pausing…") if asked else _("Pause now") if stepping else _("Pause")
    _button(run, "pause", label, ":material/pause:", lambda: requests.pause(run), disabled=asked)
    if not asked and not stepping:
        _button(run, "step", _("Pause after this epoch"), ":material/skip_next:", lambda: requests.step(run))


def _while_paused(run: Run) -> None:
    asked = not run.paused()
    _button(
        run,
        "resume",
        _("Going on…") if asked else _("Resume"),
        ":material/play_arrow:",
        lambda: requests.resume(run),
        disabled=asked,
        type="primary",
    )
    if not asked:
        _button(run, "step", _("One epoch"), ":material/skip_next:", lambda: requests.step(run))


def _learning_rate(run: Run, history: History) -> None:
    """A field for a new learning rate, from which the schedule continues, scaled."""
    allowed = RANGES["learning_rate"]
    with st.popover(_("Learning rate"), icon=":material/speed:"):
        st.number_input(
            _("Learning rate from the next batch on"),
            allowed.low,
            allowed.high,
            # The rate at the time it was opened: a schedule would change the field while the visitor types.
            value=st.session_state.setdefault(
                f"rate_first_{run.id}", history.learning_rate or run.settings.learning_rate
            ),
            format="%.5f",
            step=allowed.step,
            key=f"rate_{run.id}",
        )
        if run.settings.schedule != "constant":
            st.caption(
                _("The {schedule} schedule continues from there, scaled.", schedule=run.settings.schedule)
            )
        _button(
            run,
            "use_rate",
            _("Use it"),
            ":material/check:",
            # Read at the press: when the button was drawn, the value may not have been typed yet.
            lambda: requests.learning_rate(run, st.session_state[f"rate_{run.id}"]),
            type="primary",
        )
        # Not a toast, which the next refresh, half a second later, would remove.
        asked = run.requested_learning_rate()
        if asked and asked["asked"] not in {change.get("asked") for change in history.interventions}:
            # This may last: a run that has given up its place obeys only once it is resumed.
            st.caption(_("It will be {rate:.3g} from the next batch on.", rate=asked["value"]))
        elif history.learning_rate is not None:
            st.caption(_("It is {rate:.3g} now.", rate=history.learning_rate))


def go_on(run: Run) -> None:
    """For a run that has ended and can train further: for how long, and the button."""
    _say()
    if run.recorded or not run.file(paths.CHECKPOINT).exists():
        return
    allowed = RANGES["epochs"]
    with st.popover(_("Go on learning"), icon=":material/fast_forward:"):
        st.number_input(
            _("Further epochs"), allowed.low, allowed.high, DEFAULT_MORE, allowed.step, key=f"more_{run.id}"
        )
        st.caption(
            _(
                "It continues from its last epoch. Its present network can be used until the new one has "
                "been "
                "measured."
            )
        )
        _button(
            run,
            "go_on",
            _("Go on"),
            ":material/play_arrow:",
            lambda: requests.more_epochs(run, int(st.session_state[f"more_{run.id}"])),
            type="primary",
        )


def _button(
    run: Run, what: str, label: str, icon: str, ask: Callable[[], None], disabled: bool = False, **look
) -> None:
    """Make the request when pressed; a refusal is shown as a sentence.

    As a callback: on a busy machine Streamlit may report one press to several reruns of the page, but it
    makes the callback once.
    """
    st.button(
        label,
        icon=icon,
        disabled=disabled,
        key=f"{what}_{run.id}",
        on_click=_ask,
        args=(ask,),
        **look,
    )


def _ask(ask: Callable[[], None]) -> None:
    try:
        ask()
    except DigitcoreError as error:  # for example, it has ended in the meantime
        st.session_state[_SAID] = told(error)


def _say() -> None:
    if _SAID in st.session_state:
        st.toast(st.session_state.pop(_SAID), icon=":material/error:")
