"""The results as a table that sorts by any column, one row per picture, to correct and to open."""

import base64

import pandas as pd
import streamlit as st

from digitcore.networks.classifier import Classifier
from digitcore.reading.results import Result, Results, picture_png
from digitcore.reading.tables import harmless
from pages.parts.upload import answers, details
from pages.shared import left_out
from pages.shared.language import _, ngettext, told
from pages.shared.number_columns import form, written_table

SUREST = 0.9994  # shown as 99.9 %: no network can be 100 % sure


def show(results: Results, items: list[Result], names: dict[int, str], network: Classifier) -> None:
    """All files in one table; only the column of true answers can be edited."""
    frame = pd.DataFrame(
        {
            _("Seen"): [_data_url(item) for item in items],
            # Made harmless, because Streamlit's own button over the table downloads cells as they are.
            _("File"): [harmless(names[item.number]) for item in items],
            _("Answer"): [_answer(results, item) for item in items],
            _("Open"): [_count(item) for item in items],
            _("Confidence"): [_confidence(item) for item in items],
            _("Second guess"): [answers.second(results, item) for item in items],
            _("True"): [answers.one_line(item.truth) for item in items],
        }
    )
    if any(item.left_out.counts for item in items):
        frame[_("Left out")] = [left_out.sentence(item.left_out) for item in items]
    if any(item.error for item in items):
        frame[_("Not read because")] = [item.error and told(item.error) for item in items]
    columns = st.column_config
    confidence = "%.1f%%"
    st.caption(
        _(
            "Double-click a cell in the column True to correct an answer; click a heading to sort by it; "
            "open a "
            "picture to look closer."
        )
    )
    # Edits are stored by row position, so another order needs another table.
    key = f"table_{hash(tuple(item.number for item in items))}"
    opened = f"{key}_opened"

    def correct() -> None:
        for position, edit in st.session_state[key]["edited_rows"].items():
            if _("True") in edit and _fits(results, items[position], edit[_("True")]):
                items[position].truth = answers.rows(edit[_("True")])

    single = all(len(item.digits) < 2 for item in items)
    st.data_editor(
        written_table(frame, {_("Confidence"): confidence}),
        key=key,
        hide_index=True,
        placeholder="",
        row_height=44,
        disabled=[name for name in frame if name != _("True")],
        column_config={
            _("Seen"): columns.ImageColumn(
                _("Seen"), help=_("What the network saw, or the picture of a number"), width=50
            ),
            # Long ones would push the column True, which people edit, out of sight.
            _("File"): columns.TextColumn(_("File"), width=170),
            _("Answer"): columns.TextColumn(_("Answer"), width=110),
            _("Open"): columns.ButtonColumn(
                _("Open"), key=opened, help=_("Boxes, digits and steps of this picture")
            ),
            _("Confidence"): columns.NumberColumn(
                format=form(confidence), help=_("For the digit it is least sure of")
            ),
            _("True"): columns.SelectboxColumn(
                _("True"), options=results.class_names, help=_("Choose the right one if the answer is wrong")
            )
            if single
            else columns.TextColumn(
                _("True"), help=_("Type the right one if the answer is wrong; / between rows")
            ),
        },
        on_change=correct,
    )
    click = st.session_state.get(opened)
    if click and items[click.row].digits:
        item = items[click.row]
        details.show(results, item, names[item.number], network)


def _fits(results: Results, item: Result, typed: str | None) -> bool:
    """Whether that can be a file's true answer: a class, or for a number any text."""
    return len(item.digits) > 1 or typed in (None, *results.class_names)


def _answer(results: Results, item: Result) -> str | None:
    if not item.digits:
        return None
    sure = any(digit.verdict.is_digit for digit in item.digits)
    return answers.one_line(results.text(item) if len(item.digits) > 1 or not sure else results.answer(item))


def _count(item: Result) -> str | None:
    """The label of the button that opens a picture; None if there is nothing to see."""
    return None if not item.digits else ngettext("{n} digit", "{n} digits", len(item.digits))


def _confidence(item: Result) -> float | None:
    verdict = item.verdict
    return 100 * min(verdict.confidence, SUREST) if verdict and verdict.is_digit else None


def _data_url(item: Result) -> str | None:
    if not item.digits:
        return None
    kind, data = "png", picture_png(item.picture)
    if len(item.digits) > 1 and item.thumbnail:
        kind, data = "webp", item.thumbnail
    return f"data:image/{kind};base64," + base64.b64encode(data).decode()
