"""The runs of a sweep as they are shown: their names, chart and table."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.runs import sweep
from digitcore.runs.run_folder import Run
from pages.parts.train.new_run import label, within
from pages.shared import reveal, vega
from pages.shared.language import N_, _, current, ngettext, written
from pages.shared.number_columns import form, written_table

STATES = {
    "queued": N_("queued"),
    "starting": N_("starting"),
    "running": N_("running"),
    "paused": N_("paused"),
    "finishing": N_("finishing"),
    "finished": N_("finished"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
}


def title(runs: Sequence[Run]) -> str:
    """What a sweep varies, and its network and data: "learning rate × epochs, mlp-128, 2,000 MNIST
    pictures"."""
    rows = sweep.table(runs)
    if not rows:
        return _("Of another version of Digit Lab")
    first = rows[0]
    settings = first.run.settings
    varied = " × ".join(within(label(name)) for name in first.values) or _("one run")
    data = datasets.describe(settings.dataset).title
    parts = [f"{varied[0].upper()}{varied[1:]}"]
    if "architecture" not in first.values:
        parts.append(settings.architecture)
    if "n_train" not in first.values:
        parts.append(_("{n:,} {data} pictures", n=settings.n_train, data=data))
    return ", ".join([*parts, ngettext("{n} run", "{n} runs", len(rows))])


def number(value: Any) -> str:
    """A value on a button or in a table: "2,000", "0.003"."""
    return written(f"{value:,}" if isinstance(value, int) else sweep.shown(value), current())


def point(row: sweep.Row) -> str:
    """A row's place in the grid: "learning rate 0.003, epochs 2"."""
    return ", ".join(f"{within(label(name))} {number(value)}" for name, value in row.values.items())


def percent(share: float) -> str:
    """Two places: 98.54%."""
    return written(f"{share:.2%}", current())


def chart(rows: Sequence[sweep.Row]) -> None:
    """Validation accuracy by the first varied setting, a colour for each value of the others."""
    measured = [row for row in rows if row.accuracy is not None]
    if not measured or not measured[0].values:
        return
    # The setting with the most values goes along the axis.
    counts = {name: len({row.values[name] for row in rows}) for name in measured[0].values}
    axis = max(counts, key=counts.get)
    others = [name for name in counts if name != axis]
    points = [
        {
            "x": number(row.values[axis]),
            "accuracy": row.accuracy,
            "others": ", ".join(f"{within(label(name))} {number(row.values[name])}" for name in others),
        }
        for row in measured
    ]
    order = tuple(number(value) for value in sorted({row.values[axis] for row in rows}, key=_sortable))
    along = within(label(axis))
    st.vega_lite_chart(
        spec={"data": {"name": "points"}, "datasets": {"points": points}}
        | _chart(along, order, bool(others), current()),
        key="train_sweep_chart",
        alt=_("Validation accuracy by {along}", along=along),
    )


@functools.lru_cache(maxsize=32)
def _chart(along: str, order: tuple[str, ...], others: bool, _language: str) -> dict[str, Any]:
    """The chart without its data, kept because a running sweep redraws it at every refresh."""
    accuracy = _("validation accuracy")
    encoding = {
        "x": alt.X(
            "x:O", sort=order, scale=alt.Scale(domain=order), axis=alt.Axis(title=along, labelAngle=0)
        ),
        "y": alt.Y("accuracy:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=accuracy, format=".1%")),
        "tooltip": [
            alt.Tooltip("x:N", title=along),
            alt.Tooltip("accuracy:Q", title=accuracy, format=".2%"),
        ],
    }
    if others:
        legend = alt.Legend(orient="top", title=None)
        encoding |= {
            "color": alt.Color("others:N", legend=legend),
            "shape": alt.Shape("others:N", legend=legend),
        }
    lines = alt.Chart(alt.NamedData("points")).mark_line(point=alt.OverlayMarkDef(size=70, filled=True))
    return vega.without_data(lines.encode(**encoding).properties(height=260)) | vega.locale_config()


def _sortable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def table(rows: Sequence[sweep.Row], best: sweep.Row | None) -> None:
    """One line per run, in the order of the grid."""
    shown = pd.DataFrame(
        [
            {
                **{label(name): number(value) for name, value in row.values.items()},
                _("Validation"): math.nan if row.accuracy is None else 100 * row.accuracy,
                _("Test"): math.nan if row.test is None or reveal.hides(row.run) else 100 * row.test,
                _("Epochs learnt"): row.epochs,
                _("Seconds"): row.seconds,
                _("State"): _("best") if row is best else _(STATES[row.state.name]),
            }
            for row in rows
        ]
    )
    formats = {_("Validation"): "%.2f%%", _("Test"): "%.2f%%", _("Seconds"): "%.1f"}
    st.dataframe(
        written_table(shown, formats),
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        column_config={
            name: st.column_config.NumberColumn(format=form(printf)) for name, printf in formats.items()
        },
        placeholder="",  # for a run that has not ended
        alt=_("Each run's settings, accuracy, epochs, seconds and state"),
    )
