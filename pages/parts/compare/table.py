"""Every network's figures in one sortable table, and as points in charts."""

from typing import Any

import pandas as pd
import streamlit as st

from digitcore.errors import DigitcoreError
from pages.parts.compare import charts
from pages.parts.compare import entries as compare_entries
from pages.parts.compare.entries import KINDS, Entry
from pages.shared import reveal
from pages.shared.language import N_, _, told
from pages.shared.number_columns import COUNT, form, written_table

ALL = N_("all classes")
# Widths in pixels: of a letter in a table, of a cell's padding, and of the widest column of names, beside
# which a phone shows a figure.
LETTER, CELL_EDGES, WIDEST_NAME = 6.6, 20, 280
MEASURED = "compare_speed"


def show(entries: list[Entry]) -> None:
    """The table, how fast the networks are on demand, and the charts."""
    kinds = [kind for kind in KINDS if any(entry.kind == kind for entry in entries)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # Another data set gets a new widget, which begins with all kinds chosen.
        key = f"compare_kinds_{'_'.join(kinds)}"
        st.session_state.setdefault(key, kinds)
        wanted = st.pills(
            _("Networks"), kinds, selection_mode="multi", format_func=_, key=key, width="content"
        )
        names = entries[0].card["class_names"]
        of = st.selectbox(
            _("Precision, recall, F1 of"),
            [ALL, *names],
            format_func=lambda name: _(ALL) if name == ALL else name,
            key=f"compare_class_{entries[0].dataset}",
            width=190,
        )
        if st.button(_("Measure speed"), icon=":material/speed:", key="compare_measure"):
            st.session_state[MEASURED] = True
    shown = [entry for entry in entries if entry.kind in wanted]
    if not shown:
        st.info(_("Choose at least one kind of network."))
        return
    speeds = _speeds(shown) if st.session_state.get(MEASURED) else {}
    _table(shown, of, speeds)
    n = shown[0].figures["n"]
    st.caption(
        _(
            "Accuracy, misses, loss and the rest are for the {n:,} test pictures, with the "
            "interval that contains the true accuracy in 95 of 100 cases. **Choose by the column "
            "Validation:** if you take the best on the test pictures, you have chosen by them, and "
            "its score is too good.",
            n=n,
        )
        + (" " + _("Speed: the median time to read one picture on this machine.") if speeds else "")
    )
    if any(entry.hidden for entry in shown):
        st.info(_(reveal.SENTENCE))
    shown = [entry for entry in shown if not entry.hidden]
    st.subheader(_("Accuracy against size"), anchor=False)
    sizes = {entry.choice: entry.figures["parameters"] for entry in shown}
    charts.scatter(shown, sizes, _("parameters"), "compare_by_size", charts.SHORT)
    st.subheader(_("Accuracy against training time"), anchor=False)
    times = {entry.choice: entry.figures["seconds"] for entry in shown}
    charts.scatter(shown, times, _("training time"), "compare_by_time", charts.TIME)
    if speeds:
        st.subheader(_("Accuracy against speed"), anchor=False)
        charts.scatter(shown, speeds, _("milliseconds per picture"), "compare_by_speed", charts.PLAIN)
    st.caption(
        _(
            "Top left is best: few misses at a low cost. The bars are 95% intervals; where two overlap "
            "widely, "
            "see “Two by two”. Training times are from the machine that each network was trained on."
        )
    )


def _speeds(entries: list[Entry]) -> dict[str, float]:
    speeds = {}
    for entry in entries:
        try:
            speeds[entry.choice] = compare_entries.milliseconds(entry)
        except DigitcoreError as error:
            st.warning(f"{told(error)} {_('Its speed is left out.')}")
    return speeds


def _table(entries: list[Entry], of: str, speeds: dict[str, float]) -> None:
    frame = pd.DataFrame([_row(entry, of, speeds) for entry in entries])
    column = st.column_config
    ratios = [name for name in frame if name.startswith((_("Precision"), _("Recall"), "F1"))]
    formats = {
        **dict.fromkeys((_("Validation"), _("Test")), "%.2f%%"),
        **dict.fromkeys((_("Loss"), *ratios), "%.4f"),
        **dict.fromkeys((_("Misses"), _("Parameters"), _("Trained, s")), COUNT),
        _("File, MB"): "%.2f",
        _("ms a picture"): "%.3f",
    }
    helps = {
        _("Validation"): _(
            "Accuracy on the pictures for choosing a network; the test pictures are not for that"
        ),
        _("Loss"): _("Mean of -log of the true class's probability"),
        _("File, MB"): _("The .tflite file that answers"),
        _("Trained, s"): _("Seconds of training"),
    }
    name_width = round(LETTER * max(map(len, frame[_("Network")]))) + CELL_EDGES
    st.dataframe(
        written_table(frame, formats),
        hide_index=True,
        height="content",
        key="compare_table",
        placeholder="",  # for a network whose card does not say
        alt=_("Figures of each network"),
        column_config={
            _("Network"): column.TextColumn(pinned=True, width=min(name_width, WIDEST_NAME)),
            _("95% interval"): column.TextColumn(help=_("Wilson's interval of the test accuracy")),
            **{
                name: column.NumberColumn(format=form(printf), help=helps.get(name))
                for name, printf in formats.items()
            },
        },
    )


def _row(entry: Entry, of: str, speeds: dict[str, float]) -> dict[str, Any]:
    found = entry.figures
    scores = found
    if of != ALL:
        report = {} if entry.hidden else entry.card["test"].get("classification_report", {})
        scores = report.get(of, {})
    validation, size = found["validation"], entry.file.get("bytes")
    return {
        # What is recorded can be left out above the table, and longer names would not fit.
        _("Network"): entry.title.removesuffix(_("{name} (recorded)", name="")),
        _("Validation"): None if validation is None else 100 * validation,
        _("Test"): None if entry.hidden else 100 * found["accuracy"],
        _("Misses"): found["misses"],
        _("95% interval"): None
        if entry.hidden
        else _("{low:.2f} to {high:.2f}", low=100 * found["low"], high=100 * found["high"]),
        _("Parameters"): found["parameters"],
        _("File, MB"): None if size is None else size / 1e6,
        **({_("ms a picture"): speeds.get(entry.choice)} if speeds else {}),
        _("Trained, s"): found["seconds"],
        _("Loss"): found["loss"],
        **{
            name if of == ALL else _("{measure} of {label}", measure=name, label=of): scores.get(field)
            for name, field in ((_("Precision"), "precision"), (_("Recall"), "recall"), ("F1", "f1-score"))
        },
    }
