"""The table of a run's epochs."""

import pandas as pd
import streamlit as st

from digitcore.runs.history import History
from pages.shared.language import _


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
    share, number = (
        st.column_config.NumberColumn(format="%.2f%%"),  # "percent" writes 99% under 98.54%
        st.column_config.NumberColumn(format="%.4f"),
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            _("Loss"): number,
            _("Validation loss"): number,
            _("Accuracy"): share,
            _("Validation accuracy"): share,
            _("Learning rate"): st.column_config.NumberColumn(format="%.2e"),
            _("Seconds"): st.column_config.NumberColumn(format="%.1f"),
        },
        alt=_("Loss, accuracy, learning rate and seconds of each epoch"),
    )
