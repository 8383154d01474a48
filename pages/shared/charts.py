"""The Train page's confusion matrix (Plotly) and the table of its epochs."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from digitcore.runs.history import History

# No mistake to most mistakes, in the theme's blue.
MISTAKES = {
    "light": np.array([[241, 244, 247], [0, 114, 178]]),
    "dark": np.array([[22, 31, 41], [86, 180, 233]]),
}


def confusion(matrix: np.ndarray, class_names: tuple[str, ...], key: str) -> None:
    """Counts by true class (rows) and answer (columns), (c, c); colour shows the mistakes alone.

    On one scale with the diagonal's thousand the mistakes would all look alike.
    """
    matrix = np.asarray(matrix)
    mistakes = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    scale = MISTAKES[st.context.theme.type or "light"]
    figure = go.Figure(
        go.Heatmap(
            z=mistakes,
            x=class_names,
            y=class_names,
            customdata=matrix,
            colorscale=[rgb(colour) for colour in scale],
            zmin=0,
            zmax=max(1, mistakes.max()),
            hovertemplate="%{y} read as %{x}: %{customdata}<extra></extra>",
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    share = mistakes / max(1, mistakes.max())
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        xaxis={"title": "read as", "type": "category", "fixedrange": True},
        yaxis={"title": "truly", "type": "category", "autorange": "reversed", "fixedrange": True},
        # Plotly's own numbers in cells are grey on middle blue.
        annotations=[
            {
                "x": column,
                "y": row,
                "text": f"{count}",
                "showarrow": False,
                "font": {"color": readable_on(scale[0] + share[row, column] * (scale[1] - scale[0]))},
            }
            for (row, column), count in np.ndenumerate(matrix)
            if count
        ],
    )
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt="Confusion matrix")


def rgb(colour: np.ndarray) -> str:
    """A colour (3,), 0 to 255, as CSS writes it."""
    return "rgb({:.0f},{:.0f},{:.0f})".format(*colour)


def readable_on(colour: np.ndarray) -> str:
    """Black or white, whichever has the higher contrast on an sRGB colour (3,), 0 to 255 (WCAG 2.2)."""
    c = colour / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def epochs(history: History) -> None:
    """The table of the epochs so far."""
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
