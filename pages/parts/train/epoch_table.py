"""The table of a run's epochs."""

import pandas as pd
import streamlit as st

from digitcore.runs.history import History
from pages.shared.language import _
from pages.shared.number_columns import form, written_table


def show(history: History) -> None:
    """A table of the epochs so far."""
    if not history.epochs:
        return
    table = pd.DataFrame(
        {
            _("Epoch"): [e["epoch"] for e in history.epochs],
            _("Loss"): [e["loss"] for e in history.epochs],
            _("Accuracy"): [100 * e["accuracy"] for e in history.epochs],
            _("Validation loss"): [e["val_loss"] for e in history.epochs],
            _("Validation accuracy"): [100 * e["val_accuracy"] for e in history.epochs],
            _("Learning rate"): [e["learning_rate"] for e in history.epochs],
            _("Seconds"): [e["seconds"] for e in history.epochs],
            _("Best so far"): ["★" if e["best"] else "" for e in history.epochs],
        }
    )
    share, number = "%.2f%%", "%.4f"  # "percent" writes 99% under 98.54%
    formats = {
        _("Loss"): number,
        _("Validation loss"): number,
        _("Accuracy"): share,
        _("Validation accuracy"): share,
        _("Learning rate"): "%.2e",
        _("Seconds"): "%.1f",
    }
    st.dataframe(
        written_table(table, formats),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format=form(printf)) for name, printf in formats.items()
        },
        alt=_("Loss, accuracy, learning rate and seconds of each epoch"),
    )
