"""Altair charts as the Vega-Lite that Streamlit draws: made once and kept, while their data change."""

from typing import Any

import altair as alt


def without_data(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart as a dictionary, without what each drawing of it brings along: data, and Streamlit's theme."""
    brought = ("data", "datasets", "config", "$schema")
    return {name: value for name, value in chart.to_dict().items() if name not in brought}
