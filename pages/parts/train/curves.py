"""Loss, accuracy and learning rate by epoch, for one run or for several in one chart.

Vega, not Plotly: in Streamlit 1.67 a Plotly chart is built anew with every change of its data (it flickers
and forgets its zoom), and ECharts keeps its canvas but forgets its zoom. A Vega chart keeps both.
"""

import functools
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from digitcore.runs.history import SHOWN_POINTS, History, thin
from pages.shared import vega
from pages.shared.language import N_, SOURCE, _, current, written

BATCHES, TRAINING, VALIDATION = "batches", "training", "validation"
SERIES = [BATCHES, TRAINING, VALIDATION]
NAMES = {
    "batches": N_("batches"),
    "training": N_("training"),
    "validation": N_("validation"),
    "loss": N_("loss"),
    "accuracy": N_("accuracy"),
    "learning rate": N_("learning rate"),
}
"""What a chart calls its series and measures."""
SHAPES = ["circle", "square", "diamond"]
HEIGHT, LOW = 300, 150
LEGEND_ROW = 24  # height of one more run's name: without it, four names would leave no room for curves
MEASURES = ("loss", "accuracy", "learning rate")
# Anything smaller counts as zero: losses are reported to six digits, and one mistake in 55,000 is 0.00002.
LOWEST = {"loss": 1e-6, "accuracy": 1e-5, "learning rate": 1e-9}
Limits = tuple[float, float]
FLOORS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99)


def table(history: History, measure: str, limit: int = SHOWN_POINTS, log: bool = False) -> pd.DataFrame:
    """Points as rows (epoch, value, series), with at most `limit` points for batches, which include the
    lowest and the highest of each stretch. With `log`, accuracy becomes the share wrong, and 0, which has no
    logarithm, becomes half of the smallest value present: one perfect batch must not flatten the rest."""
    points = history.columns()
    x, y = points[:, 0], points[:, 1 + MEASURES.index(measure)]
    kept = thin(x, y, limit)
    parts = [(x[kept], y[kept], BATCHES)]
    if measure != "learning rate":
        of_epochs = [e["epoch"] for e in history.epochs]
        for series, name in ((TRAINING, measure), (VALIDATION, f"val_{measure}")):
            parts.append((of_epochs, [e[name] for e in history.epochs], series))
    frames = [pd.DataFrame({"epoch": x, "value": y, "series": series}) for x, y, series in parts]
    rows = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    if log:
        value = 1 - rows["value"] if measure == "accuracy" else rows["value"]
        there = value >= LOWEST[measure]
        rows["value"] = value.where(there, value[there].min() / 2 if there.any() else LOWEST[measure])
    return rows


def overlaid(histories: dict[str, History], measure: str, log: bool = False) -> pd.DataFrame:
    """`table` of each run, with its title in the column "run"; all runs together get as many points as one
    would."""
    limit = SHOWN_POINTS // len(histories)
    frames = [table(history, measure, limit, log).assign(run=title) for title, history in histories.items()]
    return pd.concat(frames, ignore_index=True)


def draw(
    histories: dict[str, History],
    measure: str,
    key: str,
    log: bool = False,
    moving: bool = True,
    limits: tuple[Limits | None, Limits] | None = None,
    height: int = HEIGHT,
) -> None:
    """One chart of one measure; drawn in place when called again with the same key.

    histories: by the runs' titles. moving: whether it will be redrawn with more data. limits: of both axes,
    if they are not to follow the data. height: of the chart in pixels, without names of runs.
    """
    if limits is None and not any(len(history.points) > 1 for history in histories.values()):
        st.skeleton(height=height)
        return
    rows = overlaid(histories, measure, log)
    if limits is None and measure == "accuracy" and not log:
        limits = zoomed(rows)
    # Each batch as a mark of its own, even one that is not seen, would keep the browser busy while it learns.
    # One stays: Vega warns about a layer that has no rows yet.
    of_batches = rows["series"] == BATCHES
    marks = rows.index[~of_batches].union(rows.index[of_batches][-1:])
    language = current()
    if language != SOURCE:
        rows["series"] = rows["series"].map(lambda series: _(NAMES[series]))
    if measure == "accuracy":
        rows["said"] = rows["value"].map(lambda value: written(f"{value:.2%}", language))
    else:
        rows["said"] = rows["value"].map(lambda value: written(f"{value:.4g}", language))
    # Named data is present when the chart is made; data passed separately arrives after a warning that it is
    # missing.
    points = {"data": {"name": "points"}, "datasets": {"points": rows, "marks": rows.loc[marks]}}
    # Without a listener Streamlit resets the zoom whenever the data change.
    listening = {"on_select": "rerun", "selection_mode": ["zoom"]} if moving else {}
    st.vega_lite_chart(
        spec=points | chart(measure, tuple(histories), log, limits, height, language),
        key=key,
        alt=_("{measure} by epoch", measure=_(NAMES[measure])),
        **listening,
    )


@functools.lru_cache(maxsize=128)
def chart(
    measure: str,
    titles: tuple[str, ...],
    log: bool = False,
    limits: tuple[Limits | None, Limits] | None = None,
    height: int = HEIGHT,
    language: str = SOURCE,
) -> dict[str, Any]:
    """The chart of one measure without its data, as Vega-Lite.

    Made once: Altair takes 130 ms to build and check it, and every viewer's charts ask for it twice a second.
    """
    several = len(titles) > 1
    rate = measure == "learning rate"
    title = _("share wrong") if log and measure == "accuracy" else _(NAMES[measure])
    series_names = [_(NAMES[series]) for series in SERIES]
    compact = height < HEIGHT  # a legend would take half of it: the page's caption explains the marks
    legend = alt.Legend(orient="top", title=None, columns=1 if several else 3, labelLimit=210)
    legend = None if compact and not several else legend
    # Colours distinguish runs, or, for a single run, its three kinds of points.
    colour = alt.Color(
        "run:N" if several else "series:N",
        scale=alt.Scale(domain=list(titles) if several else series_names),
        legend=None if rate else legend,
    )
    x_scale = alt.Scale(domain=list(limits[0]), nice=False) if limits and limits[0] else alt.Scale()
    y_limits = {"domain": list(limits[1]), "nice": False} if limits else {}
    y_scale = alt.Scale(type="log", **y_limits) if log else alt.Scale(zero=False, **y_limits)
    percent = "%" if measure == "accuracy" else "~g"
    base = alt.Chart(alt.NamedData("points")).encode(
        x=alt.X(
            "epoch:Q",
            scale=x_scale,
            axis=alt.Axis(title=None if compact else _("epoch"), tickCount=6, tickMinStep=1),
        ),
        y=alt.Y("value:Q", scale=y_scale, axis=alt.Axis(title=title, format=percent, tickCount=5)),
        color=colour,
    )
    # No filters: Vega warns about every layer that has no rows yet.
    of_batches, of_training = (f"datum.series == '{_(NAMES[series])}'" for series in (BATCHES, TRAINING))
    lines = base.mark_line(clip=True, interpolate="step-after" if rate else "linear").encode(
        strokeWidth=alt.condition(of_batches, alt.value(1), alt.value(2)),
        # By a condition: encoding the field would bring it into the legend and dash the symbols there.
        strokeDash=alt.condition(of_training, alt.value([5, 3]), alt.value([1, 0])),
        detail=alt.Detail("series:N"),
        opacity=alt.condition(of_batches, alt.value(0.45 if several else 1), alt.value(1)),
    )
    lines = lines.add_params(alt.selection_interval(name="zoom", bind="scales"))
    # Shapes as well as colours, for people who cannot tell the colours apart.
    shapes = alt.Shape(
        "series:N",
        scale=alt.Scale(domain=series_names, range=SHAPES),
        legend=None if several or rate else legend,
    )
    tooltip = [
        *([alt.Tooltip("run:N", title=_("run"))] if several else []),
        alt.Tooltip("series:N", title=_("series")),
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".2f"),
        alt.Tooltip("said:N", title=title),
    ]
    points = (
        base.properties(data=alt.NamedData("marks"))
        .mark_point(clip=True, filled=True, opacity=1)
        .encode(
            shape=shapes,
            size=alt.condition(of_batches, alt.value(0), alt.value(20 if several else 50)),
            tooltip=tooltip,
        )
    )
    height = LOW if rate else height + LEGEND_ROW * (len(titles) - 1)
    return vega.without_data((lines + points).properties(height=height)) | vega.locale_config()


def zoomed(rows: pd.DataFrame) -> tuple[None, Limits] | None:
    """Limits of an accuracy axis that shows the end of the runs, where digits differ between 98 and 99.5 %;
    None before the first epoch has ended. rows: from `overlaid`.

    The lower limit is one of FLOORS, below every epoch's values and most of the batches of the second half:
    it changes only a few times in a run, because a chart with a new axis is rebuilt.
    """
    of_epochs = rows.loc[rows["series"] != BATCHES, "value"]
    batches = rows.loc[(rows["series"] == BATCHES) & (rows["epoch"] >= rows["epoch"].max() / 2), "value"]
    if not len(of_epochs):
        return None
    lowest = min(of_epochs.min(), batches.quantile(0.05) if len(batches) else 1.0)
    return None, (max(floor for floor in FLOORS if floor <= lowest), 1.0)


def limits_of(history: History, measure: str) -> tuple[Limits, Limits]:
    """Limits of both axes that fit the run's whole curve, from its first batch to its last."""
    values = table(history, measure)["value"]
    low, high = float(values.min()), float(values.max())
    room = (high - low) * 0.04 or 0.01
    return (0.0, float(max(1, history.points[-1][0]))), (low - room, high + room)


def rate_changes(histories: dict[str, History]) -> bool:
    """Whether the learning rate deserves a chart: it does if it changes in one of the runs."""
    rates = [history.columns()[:, 3] for history in histories.values()]
    return any(len(rate) and rate.min() < rate.max() for rate in rates)
