"""A network's probabilities as bars: one per class, the leading one in full colour.

Vega keeps its place in the page while its data change, so the bars do not flicker from stroke to stroke
(Plotly remounts on every change). Only the data may change, or Vega would start afresh too.
"""

import functools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import streamlit as st

from digitcore.networks.classifier import Verdict
from pages.shared import vega
from pages.shared.language import SOURCE, _, current, written

# Streamlit leaves text marks black on black; this grey has 4.5:1 on both of its backgrounds.
FIGURE = "#767676"


def bars(probabilities: np.ndarray, class_names: Sequence[str], key: str) -> None:
    """Show (classes,) probabilities; zeros draw the empty frame, so that the chart is loaded before the first
    answer."""
    st.vega_lite_chart(
        table(probabilities, class_names),
        _chart(tuple(class_names), current()),
        key=key,
        width="stretch",
    )


def table(probabilities: np.ndarray, class_names: Sequence[str]) -> pa.Table:
    """One row per class, in class order: class, probability, text, leads. In the browser's own format: going
    through pandas takes eight times as long, at every stroke."""
    drawn = bool(probabilities.any())
    return pa.table(
        {
            "class": list(class_names),
            "probability": probabilities.astype(float),
            "text": [shown(p) if drawn else "" for p in probabilities],
            "leads": drawn & (probabilities == probabilities.max()),
        }
    )


def sureness(verdict: Verdict) -> str:
    """How sure the network is of an answer, "99.3%" or "over 99.9%"."""
    if verdict.sureness.startswith("over"):
        return _("over {share:.1%}", share=0.999)
    return written(verdict.sureness, current())


def shown(probability: float) -> str:
    """For people, and never a hundred per cent, which no network can be."""
    return written(">99.9%" if probability >= 0.9995 else f"{probability:.1%}", current())


@functools.cache
def _chart(class_names: tuple[str, ...], _language: str = SOURCE) -> dict[str, Any]:
    """The chart without its data, as Vega-Lite. Made once for each language: building and checking it takes
    Altair longer than all the rest of a stroke, and in a class of thirty the strokes wait for one another."""
    order = list(class_names)
    axis = alt.Axis(ticks=False, domain=False, labelFontSize=14, labelColor=FIGURE)
    base = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("class:N", sort=order, title=None, axis=axis),
        tooltip=[
            alt.Tooltip("class:N", title=_("Class")),
            alt.Tooltip("probability:Q", title=_("Probability"), format=".2%"),
        ],
    )
    length = alt.X("probability:Q", axis=None, scale=alt.Scale(domain=[0, 1.2]))  # room for the figure
    drawn = base.mark_bar(cornerRadiusEnd=3).encode(
        x=length, opacity=alt.condition("datum.leads", alt.value(1), alt.value(0.55))
    )
    figures = base.mark_text(align="left", dx=5, fontSize=13, color=FIGURE).encode(x=length, text="text:N")
    chart = (drawn + figures).properties(
        height=24 * len(order), description=_("The network's probability for each class, as bars.")
    )
    return vega.without_data(chart) | vega.locale_config()
