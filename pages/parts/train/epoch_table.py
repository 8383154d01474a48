"""The table of a run's epochs."""

import pandas as pd
import streamlit as st

from digitcore.runs.history import History


def show(history: History) -> None:
    """A table of the epochs so far."""
    if not history.epochs:
        return
    table = pd.DataFrame(
        {
            "Epoch": [e["epoch"] for e in history.epochs],
            "Loss": [e["loss"] for e in history.epochs],
            "Accuracy": [100 * e["accuracy"] for e in history.epochs],
            "Validation loss": [e["val_loss"] for e in history.epochs],
            "Validation accuracy": [100 * e["val_accuracy"] for e in history.epochs],
            "Learning rate": [e["learning_rate"] for e in history.epochs],
            "Seconds": [e["seconds"] for e in history.epochs],
            "Best so far": ["★" if e["best"] else "" for e in history.epochs],
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
            "Loss": number,
            "Validation loss": number,
            "Accuracy": share,
            "Validation accuracy": share,
            "Learning rate": st.column_config.NumberColumn(format="%.2e"),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="Loss, accuracy, learning rate and seconds of each epoch",
    )
