"""The curves of runs: loss, accuracy and learning rate by epoch, of one run or of several in one chart.

Vega, not Plotly: in Streamlit 1.67 a Plotly chart is built anew with every change of its data (it flickers
and forgets its zoom), and ECharts keeps its canvas but forgets its zoom. A Vega chart keeps both.
"""

from typing import Any

import pandas as pd
import streamlit as st

from digitcore.runs.history import SHOWN_POINTS, History, thin

BATCHES, TRAINING, VALIDATION = "batches", "training", "validation"
SERIES = [BATCHES, TRAINING, VALIDATION]
SHAPES = ["circle", "square", "diamond"]
HEIGHT, LOW = 300, 150
LEGEND_ROW = 24  # of an overlaid run's name: the chart grows by it, or four of them would leave no curves
MEASURES = ("loss", "accuracy", "learning rate")
# What is less counts as zero: losses are reported to six digits, and one mistake of 55,000 is 0.00002.
LOWEST = {"loss": 1e-6, "accuracy": 1e-5, "learning rate": 1e-9}
Limits = tuple[float, float]


def table(history: History, measure: str, limit: int = SHOWN_POINTS, log: bool = False) -> pd.DataFrame:
    """Points as rows (epoch, value, series); at most `limit` of them of batches, the lowest and the highest
    of each stretch among them. With `log`, accuracy is told as the share that is wrong, and 0, of which there
    is no logarithm, as half of the least that is there: one perfect batch must not flatten the rest."""
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
    """`table` of each run, with its title in the column "run"; all together as many points as of one."""
    limit = SHOWN_POINTS // len(histories)
    frames = [table(history, measure, limit, log).assign(run=title) for title, history in histories.items()]
    return pd.concat(frames, ignore_index=True)


def draw(
    histories: dict[str, History],
    measure: str,
    key: str,
    log: bool = False,
    moving: bool = True,
    limits: tuple[Limits, Limits] | None = None,
) -> None:
    """One chart of one measure; drawn in place when called again with the same key.

    histories: by the runs' titles. moving: whether it will be drawn again with more data. limits: of both
    axes, where they are not to follow the data.
    """
    if limits is None and not any(len(history.points) > 1 for history in histories.values()):
        st.skeleton(height=HEIGHT)
        return
    rows = overlaid(histories, measure, log)
    if measure == "accuracy":
        rows["said"] = rows["value"].map("{:.2%}".format)
    else:
        rows["said"] = rows["value"].map("{:.4g}".format)
    # Named data is there when the chart is made; data of its own argument comes after a warning of its lack.
    points = {"data": {"name": "points"}, "datasets": {"points": rows}}
    # Without a listener Streamlit resets the zoom with every change of the data.
    listening = {"on_select": "rerun", "selection_mode": ["zoom"]} if moving else {}
    st.vega_lite_chart(
        spec=points | spec(measure, list(histories), log, limits),
        key=key,
        alt=f"{measure} by epoch",
        **listening,
    )


def spec(
    measure: str, titles: list[str], log: bool = False, limits: tuple[Limits, Limits] | None = None
) -> dict[str, Any]:
    """The Vega-Lite chart of one measure.

    A dictionary instead of Altair, whose checking of the chart takes 130 ms, twice a second for every
    chart of everyone who watches.
    """
    title = "share wrong" if log and measure == "accuracy" else measure
    y_axis = {"title": title, "format": "%" if measure == "accuracy" else "~g", "tickCount": 5}
    legend = {"orient": "top", "title": None, "columns": 1 if len(titles) > 1 else 3, "labelLimit": 210}
    several = len(titles) > 1
    series = {"field": "series", "type": "nominal", "scale": {"domain": SERIES, "range": SHAPES}}
    # Told apart by colour what there is most of: runs, or the three kinds of points of one.
    colour = {"field": "run" if several else "series", "type": "nominal"}
    colour |= {"scale": {"domain": titles if several else SERIES}, "legend": legend}
    no_legend = {**colour, "legend": None} if measure == "learning rate" else colour
    # No filters: Vega warns of every layer that has no rows yet.
    of_batches = f"datum.series == '{BATCHES}'"
    lines = {
        "mark": {"type": "line", "interpolate": "step-after" if measure == "learning rate" else "linear"},
        "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
        "encoding": {
            "strokeWidth": {"condition": {"test": of_batches, "value": 1}, "value": 2},
            # By a condition: as an encoding of the field it would join the legend, and dash its symbols.
            "strokeDash": {
                "condition": {"test": f"datum.series == '{TRAINING}'", "value": [5, 3]},
                "value": [1, 0],
            },
            "detail": {"field": "series", "type": "nominal"},
            "opacity": {"condition": {"test": of_batches, "value": 0.45 if several else 1}, "value": 1},
        },
    }
    # Shapes besides colours, for those who cannot tell the colours apart.
    points = {
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {
            "shape": {**series, "legend": None if several or measure == "learning rate" else legend},
            "size": {"condition": {"test": of_batches, "value": 0}, "value": 20 if several else 50},
            "tooltip": [
                *([{"field": "run", "type": "nominal"}] if several else []),
                {"field": "series", "type": "nominal"},
                {"field": "epoch", "type": "quantitative", "format": ".2f"},
                {"field": "said", "type": "nominal", "title": title},
            ],
        },
    }
    x_scale = {"domain": limits[0], "nice": False} if limits else {}
    y_scale = {"type": "log"} if log else {"zero": False}
    y_scale |= {"domain": limits[1], "nice": False} if limits else {}
    x_axis = {"title": "epoch", "tickCount": 6, "tickMinStep": 1}
    return {
        "height": LOW if measure == "learning rate" else HEIGHT + LEGEND_ROW * (len(titles) - 1),
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "axis": x_axis, "scale": x_scale},
            "y": {"field": "value", "type": "quantitative", "axis": y_axis, "scale": y_scale},
            "color": no_legend,
        },
        "layer": [lines, points],
    }


def limits_of(history: History, measure: str) -> tuple[Limits, Limits]:
    """Of both axes, such that the run's whole curve fits, drawn from its first batch to its last."""
    values = table(history, measure)["value"]
    low, high = float(values.min()), float(values.max())
    room = (high - low) * 0.04 or 0.01
    return (0.0, float(max(1, history.points[-1][0]))), (low - room, high + room)


def rate_changes(histories: dict[str, History]) -> bool:
    """Whether the learning rate is worth a chart: it changes in one of the runs."""
    rates = [history.columns()[:, 3] for history in histories.values()]
    return any(len(rate) and rate.min() < rate.max() for rate in rates)
