"""The charts of measured figures, in Vega and the theme's colours, with a shape for each colour."""

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from digitcore.evaluation.published import Row
from pages.shared.figures import percent
from pages.shared.language import N_, _, told
from pages.shared.probabilities import FIGURE
from pages.shared.vega import localised

OURS, USUAL = "Digit Lab", N_("the usual way")
SHAPES = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down"]
# Two names per row fit on a phone; Vega would cut off the rest of a single row.
LEGEND = alt.Legend(orient="top", title=None, columns=2, labelLimit=150)


def compared(rows: Iterable[Row], key: str) -> None:
    """Both accuracies of each row as points, ours with its interval."""
    points, whiskers, order = [], [], []
    for row in rows:
        name = told(row.name)
        order.append(name)
        low, high = row.interval
        whiskers.append({"set": name, "low": low, "high": high})
        points.append({"set": name, "accuracy": row.accuracy, "reader": OURS})
        if row.usual is not None:
            points.append({"set": name, "accuracy": 1 - row.usual / row.n, "reader": _(USUAL)})
    lowest = min(point["accuracy"] for point in points)
    scale = alt.Scale(domain=[max(0.0, lowest - 0.05), 1])
    y = alt.Y("set:N", sort=order, title=None, axis=alt.Axis(labelLimit=140, labelFontSize=13))
    x = alt.Axis(format="%", tickCount=5, title=None, orient="top")
    dots = (
        alt.Chart(pd.DataFrame(points))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            y=y,
            x=alt.X("accuracy:Q", scale=scale, axis=x),
            tooltip=[
                alt.Tooltip("set:N", title=_("pictures")),
                alt.Tooltip("reader:N", title=_("read by")),
                alt.Tooltip("accuracy:Q", title=_("read right"), format=".2%"),
            ],
            **_told_apart("reader", [OURS, _(USUAL)]),
        )
    )
    lines = (
        alt.Chart(pd.DataFrame(whiskers))
        .mark_rule(strokeWidth=2, color=FIGURE)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    chart = (lines + dots).properties(
        height=30 * len(order) + 80, description=_("Share read right, for each kind of picture")
    )
    st.altair_chart(localised(chart), key=key, width="stretch")


def reliability(series: dict[str, list[dict[str, Any]]], key: str) -> None:
    """How often answers are right against how sure they are, for the bins of each series; both are equal on
    the dashed line."""
    frame = pd.concat([pd.DataFrame(bins).assign(digits=name) for name, bins in series.items()])
    low = max(0.0, float(frame[["confidence", "accuracy"]].min().min()) - 0.02)
    scale = alt.Scale(domain=[low, 1], nice=False)
    x, y = (
        channel(f"{name}:Q", scale=scale, axis=alt.Axis(format="%", tickCount=5, title=title))
        for channel, name, title in (
            (alt.X, "confidence", _("how sure it says it is")),
            (alt.Y, "accuracy", _("how often it is right")),
        )
    )
    tooltip = [
        alt.Tooltip("digits:N", title=_("pictures")),
        alt.Tooltip("confidence:Q", title=_("how sure it says it is"), format=".2%"),
        alt.Tooltip("accuracy:Q", title=_("how often it is right"), format=".2%"),
        alt.Tooltip("n:Q", title=_("answers")),
    ]
    dots = (
        alt.Chart(frame)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(x=x, y=y, tooltip=tooltip, **_told_apart("digits", list(series)))
    )
    corners = pd.DataFrame({"confidence": [low, 1], "accuracy": [low, 1]})
    line = alt.Chart(corners).mark_line(strokeDash=[4, 4], color=FIGURE).encode(x=x, y=y)
    chart = (line + dots).properties(height=340, description=_("Reliability diagram"))
    st.altair_chart(localised(chart), key=key, width="stretch")


def curve(levels: list[float], series: dict[str, list[float]], unit: str, key: str) -> None:
    """Accuracy of each series by the level of the change."""
    frame = pd.concat(
        [pd.DataFrame({"level": levels, "accuracy": found, "reader": name}) for name, found in series.items()]
    )
    low = max(0.0, float(frame["accuracy"].min()) - 0.02)
    chart = (
        alt.Chart(frame)
        .mark_line(point=alt.OverlayMarkDef(size=60, filled=True, opacity=1))
        .encode(
            x=alt.X("level:Q", axis=alt.Axis(title=unit, tickCount=6), scale=alt.Scale(zero=False)),
            y=alt.Y(
                "accuracy:Q",
                scale=alt.Scale(domain=[min(low, 0.9), 1]),
                axis=alt.Axis(format="%", tickCount=5, title=_("read right")),
            ),
            tooltip=[
                alt.Tooltip("reader:N", title=_("read by")),
                alt.Tooltip("level:Q", title=unit),
                alt.Tooltip("accuracy:Q", title=_("read right"), format=".2%"),
            ],
            **_told_apart("reader", list(series)),
        )
        .properties(height=280, description=_("Share read right by {unit}", unit=unit))
    )
    st.altair_chart(localised(chart), key=key, width="stretch")


def _told_apart(field: str, names: list[str]) -> dict[str, Any]:
    """Colour and shape of a field with these values."""
    return {
        "color": alt.Color(f"{field}:N", scale=alt.Scale(domain=names), legend=LEGEND),
        "shape": alt.Shape(
            f"{field}:N", scale=alt.Scale(domain=names, range=SHAPES[: len(names)]), legend=LEGEND
        ),
    }


def bars(shares: dict[str, float], key: str, description: str) -> None:
    """Shares by name, in the order given, as bars labelled with their figures."""
    frame = pd.DataFrame(
        {"name": list(shares), "share": list(shares.values()), "text": [percent(s) for s in shares.values()]}
    )
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=list(shares), title=None, axis=alt.Axis(labelLimit=160, labelFontSize=13)),
        x=alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1.15])),  # room for the figure
    )
    first = alt.condition(f"datum.name === '{next(iter(shares))}'", alt.value(1), alt.value(0.6))
    drawn = base.mark_bar(cornerRadiusEnd=3).encode(opacity=first)
    texts = base.mark_text(align="left", dx=5, fontSize=13, color=FIGURE).encode(text="text:N")
    chart = (drawn + texts).properties(height=34 * len(shares), description=description)
    st.altair_chart(localised(chart), key=key, width="stretch")
