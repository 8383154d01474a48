"""A sweep on Train: a grid over one or two settings, all of its runs in one table and one chart."""

import math
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.errors import DigitcoreError
from digitcore.networks.settings import ARCHITECTURES, Settings
from digitcore.runs import sweep
from digitcore.runs.run_folder import Run
from pages.parts.train.new_run import LABELS
from pages.shared import networks, visitor

TICK_SECONDS = 1.5
# What a lesson tries, in the order in which it helps; the command line takes any setting and value.
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
    """The whole section. show(run): have the page show a run."""
    key = visitor.key()
    sweeps = sweep.found(key) if key else {}
    with st.expander("Try several settings at once (a sweep)", icon=":material/grid_on:", key="train_sweep"):
        planned = _ask()
        if planned and _start(planned):
            st.rerun()
        if sweeps:
            st.divider()
            _results(sweeps, show)


def _ask() -> list[Settings] | None:
    """The settings of all runs once Start is pressed, else None."""
    st.caption("Each combination of the values becomes a run of its own, in the same queue as every other.")
    names = st.multiselect(
        "Settings to vary",
        list(VALUES),
        default=["learning_rate"],
        max_selections=MOST_VARIED,
        format_func=label,
        key="train_sweep_names",
        persist_state="session",
    )
    varied = {}
    for name in names:
        varied[name] = st.pills(
            f"{label(name)}: values",
            VALUES[name],
            selection_mode="multi",
            default=FIRST.get(name, VALUES[name][:2]),
            format_func=number,
            key=f"train_sweep_{name}",
            persist_state="session",
        )
    fixed = _fixed(names)
    try:
        planned = sweep.plan(**fixed, varied=varied)
    except DigitcoreError as error:
        st.warning(str(error))
        planned = []
    counts = " × ".join(str(len(values)) for values in varied.values())
    runs = f"{len(planned)} runs" if len(planned) != 1 else "1 run"
    text = f"Start {runs}" + (f" ({counts})" if len(varied) > 1 else "") if planned else "Start"
    pressed = st.button(text, type="primary", disabled=not planned, key="train_sweep_start")
    return planned if pressed else None


def _fixed(varied: Sequence[str]) -> dict[str, Any]:
    """What all runs have in common: network, pictures and epochs, unless these are varied."""
    fixed: dict[str, Any] = {"architecture": ARCHITECTURES[0]}
    names = [name for name in COMMON if name not in varied]
    for column, name in zip(st.columns(max(1, len(names))), names, strict=False):
        fixed[name] = column.selectbox(
            label(name),
            VALUES[name],
            index=VALUES[name].index(COMMON[name]),
            format_func=number,
            key=f"train_sweep_all_{name}",
            persist_state="session",
        )
    return fixed


def _start(planned: Sequence[Settings]) -> bool:
    name = secrets.token_hex(6)
    try:
        sweep.submit(networks.queue(), planned, visitor.key(create=True), name)
    except DigitcoreError as error:
        st.error(str(error))
        return False
    st.session_state[SHOWN] = name
    st.toast(f"In line: {len(planned)} runs", icon=":material/play_arrow:")
    return True


def _results(sweeps: dict[str, list[Run]], show: Callable[[Run], None]) -> None:
    names = list(sweeps)
    chosen = st.session_state.get(SHOWN)
    chosen = chosen if chosen in sweeps else names[0]
    if len(names) > 1:
        chosen = st.selectbox(
            "Sweep",
            names,
            index=names.index(chosen),
            format_func=lambda name: title(sweeps[name]),
            key=f"train_sweep_list_{len(names)}",
        )
        st.session_state[SHOWN] = chosen
    else:
        st.markdown(f"**{title(sweeps[chosen])}**")
    rows = sweep.table(sweeps[chosen])
    active = any(row.state.active for row in rows)
    if active and st.button("Cancel what is left", icon=":material/stop:", key="train_sweep_cancel"):
        for row in rows:
            if row.state.active:
                networks.queue().stop(row.run)
        st.rerun()
    st.fragment(_live, run_every=TICK_SECONDS if active else None)(sweeps[chosen], active)
    best = sweep.best(rows)
    if best and not active and st.button("Show the best run", key="train_sweep_best"):
        show(best.run)
        st.rerun()


def _live(runs: Sequence[Run], active: bool) -> None:
    """Table and chart as they are now; the whole page runs again when the last run has ended."""
    rows = sweep.table(runs)
    if active and not any(row.state.active for row in rows):
        st.rerun()
    best = sweep.best(rows)
    done = sum(not row.state.active for row in rows)
    found = f"; best so far {_percent(best.accuracy)} with {point(best)}" if best and best.values else ""
    st.caption(f"{done} of {len(rows)} runs have ended{found}.")
    chart(rows)
    table(rows, best)


def title(runs: Sequence[Run]) -> str:
    """What a sweep varies, and on what: "learning rate × epochs, mlp-128, 2,000 MNIST pictures"."""
    rows = sweep.table(runs)
    if not rows:
        return "Of another version of Digit Lab"
    first = rows[0]
    settings = first.run.settings
    varied = " × ".join(label(name).lower() for name in first.values) or "one run"
    data = datasets.describe(settings.dataset).title
    network = "" if "architecture" in first.values else f", {settings.architecture}"
    pictures = "" if "n_train" in first.values else f", {settings.n_train:,} {data} pictures"
    return f"{varied[0].upper()}{varied[1:]}{network}{pictures}, {len(rows)} runs"


def label(name: str) -> str:
    """A setting as people call it."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def number(value: Any) -> str:
    """A value on a button or in a table: "2,000", "0.003"."""
    return f"{value:,}" if isinstance(value, int) else sweep.shown(value)


def point(row: sweep.Row) -> str:
    """A row's place in the grid: "learning rate 0.003, epochs 2"."""
    return ", ".join(f"{label(name).lower()} {number(value)}" for name, value in row.values.items())


def _percent(share: float) -> str:
    return f"{share:.2%}"


def chart(rows: Sequence[sweep.Row]) -> None:
    """Validation accuracy by the first varied setting, a colour for each value of the others."""
    measured = [row for row in rows if row.accuracy is not None]
    if not measured or not measured[0].values:
        return
    # Along the axis the one with the most values.
    counts = {name: len({row.values[name] for row in rows}) for name in measured[0].values}
    axis = max(counts, key=counts.get)
    others = [name for name in counts if name != axis]
    points = [
        {
            "x": number(row.values[axis]),
            "accuracy": row.accuracy,
            "others": ", ".join(f"{label(name).lower()} {number(row.values[name])}" for name in others),
        }
        for row in measured
    ]
    order = [number(value) for value in sorted({row.values[axis] for row in rows}, key=_sortable)]
    spec = {
        "height": 260,
        "data": {"name": "points"},
        "datasets": {"points": points},
        "mark": {"type": "line", "point": {"size": 70, "filled": True}},
        "encoding": {
            "x": {
                "field": "x",
                "type": "ordinal",
                "sort": order,
                "scale": {"domain": order},
                "axis": {"title": label(axis).lower(), "labelAngle": 0},
            },
            "y": {
                "field": "accuracy",
                "type": "quantitative",
                "scale": {"zero": False},
                "axis": {"title": "validation accuracy", "format": ".1%"},
            },
            "tooltip": [
                {"field": "x", "title": label(axis).lower()},
                {"field": "accuracy", "title": "validation accuracy", "format": ".2%"},
            ],
        },
    }
    if others:
        legend = {"orient": "top", "title": None}
        colours = {"field": "others", "type": "nominal", "legend": legend}
        spec["encoding"] |= {"color": colours, "shape": colours}
    st.vega_lite_chart(
        spec=spec, key="train_sweep_chart", alt=f"Validation accuracy by {label(axis).lower()}"
    )


def _sortable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def table(rows: Sequence[sweep.Row], best: sweep.Row | None) -> None:
    """A line a run, in the order of the grid."""
    shown = pd.DataFrame(
        [
            {
                **{label(name): number(value) for name, value in row.values.items()},
                "Validation": math.nan if row.accuracy is None else row.accuracy,
                "Test": math.nan if row.test is None else row.test,
                "Epochs learnt": row.epochs,
                "Seconds": row.seconds,
                "State": "best" if row is best else row.state.name,
            }
            for row in rows
        ]
    )
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        shown,
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        column_config={
            "Validation": share,
            "Test": share,
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
        placeholder="",  # of a run that has not ended
        alt="Each run's settings, accuracy, epochs, seconds and state",
    )
