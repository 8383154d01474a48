"""Tables whose numbers are written as the visitor's language writes them.

Streamlit's own formats of a column know printf, which is English, or the browser's language, which need not
be the page's. So English tables have formats, and others what pandas styles: the cells keep their values, and
sort by them.
"""

from typing import Any

import pandas as pd

from pages.shared.language import SOURCE, current, percent_sign, written

COUNT = ","
"""Whole numbers, in groups of three digits."""


def written_table(frame: pd.DataFrame, formats: dict[str, str]) -> Any:
    """The table for `st.dataframe`. formats: by column, in printf's manner ("%.2f%%"), or COUNT."""
    language = current()
    if language == SOURCE:
        return frame

    def cell(form: str, value: float | None) -> str:
        if pd.isna(value):
            return ""
        return written(f"{value:,.0f}" if form == COUNT else form % value, language)

    there = {name: form for name, form in formats.items() if name in frame}
    return frame.style.format(
        {name: lambda value, form=form: cell(form, value) for name, form in there.items()}
    )


def form(printf: str) -> str | None:
    """A column's format for its configuration: none where `written_table` has written the cells."""
    if current() != SOURCE:
        return None
    return "localized" if printf == COUNT else printf


def whole_percent() -> str:
    """The printf format of a column whose whole percentages cannot be styled, such as one of progress bars:
    without decimals and groups only the sign differs."""
    return f"%.0f{percent_sign().replace('%', '%%')}"
