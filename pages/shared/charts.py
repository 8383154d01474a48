"""The Train page's charts: curves while a run learns (Vega), and the finished figures (Plotly).

Live curves are Vega, not Plotly: in Streamlit 1.67 a Plotly chart is built anew with every change of its
data (it flickers and forgets its zoom), and ECharts keeps its canvas but forgets its zoom. A Vega chart
keeps both.
"""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared.history import SHOWN_POINTS, History, thin

BATCHES, TRAINING, VALIDATION = "batches", "training", "validation"
SERIES = [BATCHES, TRAINING, VALIDATION]
SHAPES = ["circle", "square", "diamond"]
HEIGHT = 300
# No mistake to most mistakes, in the theme's blue.
MISTAKES = {
    "light": np.array([[241, 244, 247], [0, 114, 178]]),
    "dark": np.array([[22, 31, 41], [86, 180, 233]]),
}


def curves(history: History, measure: str, limit: int) -> pd.DataFrame:
    """Points of "loss" or "accuracy" as rows (epoch, value, series); at most `limit` of them of batches."""
    table = np.array(history.points, dtype=float).reshape(-1, 3)
    x, y = table[:, 0], table[:, 1 if measure == "loss" else 2]
    kept = thin(x, y, limit)
    parts = [(x[kept], y[kept], BATCHES)]
    for series, name in ((TRAINING, measure), (VALIDATION, f"val_{measure}")):
        parts.append(([e["epoch"] for e in history.epochs], [e[name] for e in history.epochs], series))
    frames = [pd.DataFrame({"epoch": x, "value": y, "series": series}) for x, y, series in parts]
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def live(history: History, measure: str, key: str) -> None:
    """The curve of a run that is learning; drawn in place when called again with the same key."""
    if len(history.points) < 2:
        st.skeleton(height=HEIGHT)
        return
    # Named data is there when the chart is made; data of its own argument comes after a warning of its lack.
    points = {"data": {"name": "points"}, "datasets": {"points": curves(history, measure, SHOWN_POINTS)}}
    st.vega_lite_chart(
        spec=points | live_spec(measure),
        key=key,
        on_select="rerun",  # without a listener Streamlit resets the zoom with every change of the data
        selection_mode=["zoom"],
        alt=f"{measure} by epoch",
    )


def live_spec(measure: str) -> dict[str, Any]:
    """The Vega-Lite chart of one measure.

    A dictionary instead of Altair, whose checking of the chart takes 130 ms, twice a second for every
    chart of everyone who watches.
    """
    shown = {"title": measure, "format": "%" if measure == "accuracy" else "~g"}
    legend = {"orient": "top", "title": None}
    # No filters: Vega warns of every layer that has no rows yet.
    of_batches = f"datum.series == '{BATCHES}'"
    lines = {
        "mark": "line",
        "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
        "encoding": {"strokeWidth": {"condition": {"test": of_batches, "value": 1}, "value": 2}},
    }
    # Shapes besides colours, for those who cannot tell the colours apart.
    points = {
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {
            "shape": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": SERIES, "range": SHAPES},
                "legend": legend,
            },
            "size": {"condition": {"test": of_batches, "value": 0}, "value": 50},
            "tooltip": [
                {"field": "series", "type": "nominal"},
                {"field": "epoch", "type": "quantitative", "format": ".2f"},
                {"field": "value", "type": "quantitative", **shown},
            ],
        },
    }
    return {
        "height": HEIGHT,
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "axis": {"title": "epoch", "tickCount": 6}},
            "y": {"field": "value", "type": "quantitative", "axis": shown, "scale": {"zero": False}},
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": SERIES},
                "legend": legend,
            },
        },
        "layer": [lines, points],
    }


def finished(history: History, measure: str, key: str) -> None:
    """The whole curve of a run that has ended."""
    table = curves(history, measure, 4_000) if history.points else pd.DataFrame()
    figure = go.Figure()
    styles = {
        BATCHES: {"mode": "lines", "line": {"width": 1}, "opacity": 0.8},
        TRAINING: {"mode": "lines+markers", "marker": {"symbol": "square", "size": 7}},
        VALIDATION: {"mode": "lines+markers", "marker": {"symbol": "diamond", "size": 8}},
    }
    shown = ".2%" if measure == "accuracy" else ".4f"
    for series, style in styles.items():
        part = table[table["series"] == series] if len(table) else table
        if len(part):
            hover = f"epoch %{{x:.2f}}: %{{y:{shown}}}"
            figure.add_scatter(x=part["epoch"], y=part["value"], name=series, hovertemplate=hover, **style)
    figure.update_layout(
        height=HEIGHT + 40,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},  # the tools' row, always there on a phone
        legend={"orientation": "h", "yanchor": "top", "y": -0.25, "x": 0},
        xaxis={"title": "epoch"},
        yaxis={"title": measure, "tickformat": ".1%" if measure == "accuracy" else None},
    )
    st.plotly_chart(figure, key=key, config={"displaylogo": False}, alt=f"{measure} by epoch")


def confusion(matrix: np.ndarray, class_names: tuple[str, ...], key: str) -> None:
    """Counts by true class (rows) and answer (columns), (c, c); colour shows the mistakes alone.

    On one scale with the diagonal's thousand the mistakes would all look alike.
    """
    matrix = np.asarray(matrix)
    mistakes = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    scale = MISTAKES[st.context.theme.type or "light"]
    figure = go.Figure(
        go.Heatmap(
            z=mistakes,
            x=class_names,
            y=class_names,
            customdata=matrix,
            colorscale=[rgb(colour) for colour in scale],
            zmin=0,
            zmax=max(1, mistakes.max()),
            hovertemplate="%{y} read as %{x}: %{customdata}<extra></extra>",
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    share = mistakes / max(1, mistakes.max())
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        xaxis={"title": "read as", "type": "category", "fixedrange": True},
        yaxis={"title": "truly", "type": "category", "autorange": "reversed", "fixedrange": True},
        # Plotly's own numbers in cells are grey on middle blue.
        annotations=[
            {
                "x": column,
                "y": row,
                "text": f"{count}",
                "showarrow": False,
                "font": {"color": readable_on(scale[0] + share[row, column] * (scale[1] - scale[0]))},
            }
            for (row, column), count in np.ndenumerate(matrix)
            if count
        ],
    )
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt="Confusion matrix")


def rgb(colour: np.ndarray) -> str:
    """A colour (3,), 0 to 255, as CSS writes it."""
    return "rgb({:.0f},{:.0f},{:.0f})".format(*colour)


def readable_on(colour: np.ndarray) -> str:
    """Black or white, whichever has the higher contrast on an sRGB colour (3,), 0 to 255 (WCAG 2.2)."""
    c = colour / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def epochs(history: History) -> None:
    """The table of the epochs so far."""
    if not history.epochs:
        return
    table = pd.DataFrame(
        {
            "Epoch": [e["epoch"] for e in history.epochs],
            "Loss": [e["loss"] for e in history.epochs],
            "Accuracy": [e["accuracy"] for e in history.epochs],
            "Validation loss": [e["val_loss"] for e in history.epochs],
            "Validation accuracy": [e["val_accuracy"] for e in history.epochs],
            "Learning rate": [e["learning_rate"] for e in history.epochs],
            "Seconds": [e["seconds"] for e in history.epochs],
            "Best so far": ["★" if e["best"] else "" for e in history.epochs],
        }
    )
    share, number = (
        st.column_config.NumberColumn(format="percent"),
        st.column_config.NumberColumn(format="%.4f"),
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Loss": number,
            "Validation loss": number,
            "Accuracy": share,
            "Validation accuracy": share,
            "Learning rate": st.column_config.NumberColumn(format="%.2e"),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="Loss, accuracy, learning rate and seconds of each epoch",
    )
