"""Altair charts as the Vega-Lite that Streamlit draws: made once and kept, while their data change."""

from typing import Any

import altair as alt

from pages.shared import language


def localised(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """A chart whose axes write numbers as the visitor's language does."""
    locale = language.vega_locale()
    return chart.configure(locale=locale) if locale else chart


def locale_config() -> dict[str, Any]:
    """The same for a chart that is a dictionary: `spec | locale_config()`."""
    locale = language.vega_locale()
    return {"config": {"locale": locale}} if locale else {}


def without_data(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart as a dictionary, without what each drawing of it brings along: data, and Streamlit's theme."""
    brought = ("data", "datasets", "config", "$schema")
    return {name: value for name, value in chart.to_dict().items() if name not in brought}
