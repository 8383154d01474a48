"""A sweep on Train: a grid over one or two settings, with all of its runs in one table and one chart."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from digitcore.errors import DigitcoreError
from digitcore.networks.ranges import ARCHITECTURES
from digitcore.networks.settings import Settings
from digitcore.runs import sweep
from digitcore.runs.run_folder import Run
from pages.parts.train import sweep_table
from pages.shared import server, visitor
from pages.shared.language import _, ngettext, told

TICK_SECONDS = 1.5
# The settings that lessons vary, the most useful first; the command line takes any setting and value.
VALUES: dict[str, tuple[Any, ...]] = {
    "learning_rate": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03),
    "epochs": (1, 2, 3, 5, 8),
    "n_train": (500, 1_000, 2_000, 5_000, 10_000),
    "batch_size": (16, 32, 64, 128, 256),
    "optimizer": ("adam", "adamw", "sgd", "rmsprop"),
    "dropout": (0.0, 0.2, 0.4, 0.6),
    "shift": (0.0, 1.0, 2.0, 3.0),
    "architecture": ARCHITECTURES[:-1],
    "seed": (0, 1, 2, 3),
}
FIRST = {"learning_rate": (0.0003, 0.003, 0.03), "n_train": (500, 2_000)}
COMMON = {"architecture": ARCHITECTURES[0], "n_train": 2_000, "epochs": 2}
MOST_VARIED = 2  # a chart shows one along its axis and one as colours
SHOWN = "train_sweep_shown"


def section(show: Callable[[Run], None]) -> None:
    """The whole section. show(run) makes the page show a run."""
    key = visitor.key()
    sweeps = sweep.found(key) if key else {}
    with st.expander(
        _("Try several settings at once (a sweep)"), icon=":material/grid_on:", key="train_sweep"
    ):
        planned = _ask()
        if planned and _start(planned):
            st.rerun()
        if sweeps:
            st.divider()
            _results(sweeps, show)


def _ask() -> list[Settings] | None:
    """The settings of all runs once Start is pressed, else None."""
    st.caption(
        _("Each combination of values becomes a run of its own, in the same queue as every other run.")
    )
    names = st.multiselect(
        _("Settings to vary"),
        list(VALUES),
        default=["learning_rate"],
        max_selections=MOST_VARIED,
        format_func=sweep_table.label,
        key="train_sweep_names",
        persist_state="session",
    )
    varied = {}
    for name in names:
        varied[name] = st.pills(
            _("{setting}: values", setting=sweep_table.label(name)),
            VALUES[name],
            selection_mode="multi",
            default=FIRST.get(name, VALUES[name][:2]),
            format_func=sweep_table.number,
            key=f"train_sweep_{name}",
            persist_state="session",
        )
    fixed = _fixed(names)
    try:
        planned = sweep.plan(**fixed, varied=varied)
    except DigitcoreError as error:
        st.warning(told(error))
        planned = []
    counts = " × ".join(str(len(values)) for values in varied.values())
    text = ngettext("Start {n} run", "Start {n} runs", len(planned)) if planned else _("Start")
    text += f" ({counts})" if planned and len(varied) > 1 else ""
    pressed = st.button(text, type="primary", disabled=not planned, key="train_sweep_start")
    return planned if pressed else None


def _fixed(varied: Sequence[str]) -> dict[str, Any]:
    """What all runs share: network, pictures and epochs, unless these are varied."""
    fixed: dict[str, Any] = {"architecture": ARCHITECTURES[0]}
    names = [name for name in COMMON if name not in varied]
    for column, name in zip(st.columns(max(1, len(names))), names, strict=False):
        fixed[name] = column.selectbox(
            sweep_table.label(name),
            VALUES[name],
            index=VALUES[name].index(COMMON[name]),
            format_func=sweep_table.number,
            key=f"train_sweep_all_{name}",
            persist_state="session",
        )
    return fixed


def _start(planned: Sequence[Settings]) -> bool:
    name = secrets.token_hex(6)
    try:
        sweep.submit(server.queue(), planned, visitor.key(create=True), name, visitor.network())
    except DigitcoreError as error:
        st.error(told(error))
        return False
    st.session_state[SHOWN] = name
    st.toast(ngettext("Queued: {n} run", "Queued: {n} runs", len(planned)), icon=":material/play_arrow:")
    return True


def _results(sweeps: dict[str, list[Run]], show: Callable[[Run], None]) -> None:
    names = list(sweeps)
    chosen = st.session_state.get(SHOWN)
    chosen = chosen if chosen in sweeps else names[0]
    if len(names) > 1:
        chosen = st.selectbox(
            _("Sweep"),
            names,
            index=names.index(chosen),
            format_func=lambda name: sweep_table.title(sweeps[name]),
            key=f"train_sweep_list_{len(names)}",
        )
        st.session_state[SHOWN] = chosen
    else:
        st.markdown(f"**{sweep_table.title(sweeps[chosen])}**")
    rows = sweep.table(sweeps[chosen])
    active = any(row.state.active for row in rows)
    if active and st.button(_("Cancel the rest"), icon=":material/stop:", key="train_sweep_cancel"):
        for row in rows:
            if row.state.active:
                server.queue().stop(row.run)
        st.rerun()
    st.fragment(_live, run_every=TICK_SECONDS if active else None)(sweeps[chosen], active)
    best = sweep.best(rows)
    if best and not active and st.button(_("Show the best run"), key="train_sweep_best"):
        show(best.run)
        st.rerun()


def _live(runs: Sequence[Run], active: bool) -> None:
    """Table and chart as they are now; the whole page runs again when the last run has ended."""
    rows = sweep.table(runs)
    if active and not any(row.state.active for row in rows):
        st.rerun()
    best = sweep.best(rows)
    done = sum(not row.state.active for row in rows)
    if best and best.values:
        st.caption(
            _(
                "{done} of {n} runs have ended; best so far {accuracy} with {best}.",
                done=done,
                n=len(rows),
                accuracy=sweep_table.percent(best.accuracy),
                best=sweep_table.point(best),
            )
        )
    else:
        st.caption(_("{done} of {n} runs have ended.", done=done, n=len(rows)))
    sweep_table.chart(rows)
    sweep_table.table(rows, best)
