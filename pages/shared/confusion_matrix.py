"""A confusion matrix of test pictures, and the pictures in the cell that is clicked or chosen."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from digitcore import datasets
from digitcore.evaluation import comparison, metrics
from pages.shared import split_pictures
from pages.shared.language import _, number
from pages.shared.paging import a_page
from pages.shared.probabilities import shown

ANY = -1
# From none to the most: mistakes in orange, right answers in a blue that leaves them in the background, as in
# the matrix of a run's replay.
MISTAKES = {
    "light": np.array([[241, 244, 247], [213, 94, 0]]),
    "dark": np.array([[22, 31, 41], [230, 140, 40]]),
}
RIGHT = {
    "light": np.array([[241, 244, 247], [118, 178, 212]]),
    "dark": np.array([[22, 31, 41], [10, 80, 122]]),
}


def show(dataset: str, answers: np.ndarray, names: Sequence[str], key: str, network: str) -> None:
    """The matrix, a list of its cells, and the test pictures of the chosen one.

    answers: (n, classes) probabilities of the data set's n test pictures, by the network of that name. key:
    of the choice made here, which stays when another network is shown.
    """
    names, n = list(names), len(names)
    labels = datasets.load_labels(dataset, "test")
    matrix = metrics.confusion_matrix(labels, answers.argmax(1), n)
    options = [ANY, *_cells(matrix)]
    place, drawn = f"{key}_cell", f"{key}_drawn"
    if st.session_state.get(place) not in options:
        st.session_state[place] = ANY  # another network may not make that mistake
    cell = st.session_state[place]
    # Choosing a cell in the list makes a new chart, so that the next click counts.
    _chart(
        matrix,
        names,
        None if cell == ANY else divmod(cell, n),
        f"{key}_matrix_{network}_{st.session_state.get(drawn, 0)}",
        on_click=lambda clicked: st.session_state.update({place: clicked[0] * n + clicked[1]}),
    )
    st.selectbox(
        _("Click a cell above, or choose one here"),
        options,
        format_func=lambda option: _title(option, matrix, names),
        key=place,
        on_change=lambda: st.session_state.update({drawn: st.session_state.get(drawn, 0) + 1}),
    )
    places = comparison.hardest(labels, answers, *((None, None) if cell == ANY else divmod(cell, n)))
    _pictures(dataset, places, labels, answers, names, cell, f"{key}_page_{network}_{cell}")


def _cells(matrix: np.ndarray) -> list[int]:
    """Numbers of the cells that are not empty: the commonest mistakes first, the right answers last."""
    flat, n = matrix.ravel(), len(matrix)
    cells = [int(cell) for cell in np.argsort(-flat, kind="stable") if flat[cell]]
    return sorted(cells, key=lambda cell: cell // n == cell % n)


def _title(cell: int, matrix: np.ndarray, names: list[str]) -> str:
    if cell == ANY:
        return _("All misses: {n:,}", n=matrix.sum() - np.trace(matrix))
    was, read = divmod(cell, len(matrix))
    count = matrix[was, read]
    if was == read:
        return _("{label} read right: {n:,}", label=names[was], n=count)
    return _("{label} read as {answer}: {n:,}", label=names[was], answer=names[read], n=count)


def _pictures(
    dataset: str,
    places: np.ndarray,
    labels: np.ndarray,
    answers: np.ndarray,
    names: list[str],
    cell: int,
    key: str,
) -> None:
    if not len(places):
        st.info(_("No test picture was read that way."))
        return
    here = a_page(places, key)
    captions = [
        f"{names[labels[i]]} → {names[answers[i].argmax()]}, {shown(float(answers[i].max()))}" for i in here
    ]
    split_pictures.show(dataset, here, captions)
    right = cell != ANY and cell // len(names) == cell % len(names)
    st.caption(
        _("What it is → what was read, and how sure the network was; the hardest first: the least sure.")
        if right
        else _(
            "What it is → what was read, and how sure the network was; the hardest first: the most "
            "confident mistakes."
        )
    )


def _shades(ends: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(c, c) shares of 0 to 1 -> (c * c, 3) colours between the two ends."""
    return ends[0] + np.outer(shares.ravel(), ends[1] - ends[0])


def _chart(
    matrix: np.ndarray,
    class_names: list[str],
    chosen: tuple[int, int] | None,
    key: str,
    on_click: Callable[[tuple[int, int]], None],
) -> None:
    """Counts (c, c) by true class (rows) and answer; orange shows mistakes, blue right answers, and a frame
    the chosen cell.

    on_click: called with (true class, answer), a row and a column number, before the page reruns.
    """
    light = st.context.theme.type or "light"
    diagonal = np.eye(len(matrix), dtype=matrix.dtype)
    mistakes = matrix * (1 - diagonal)
    right = matrix * diagonal / np.maximum(1, matrix.sum(1, keepdims=True))
    shades = np.where(
        diagonal.astype(bool).reshape(-1, 1),
        _shades(RIGHT[light], right),
        _shades(MISTAKES[light], mistakes / max(1, mistakes.max())),
    )
    rows: list[dict[str, Any]] = []
    for cell, (was, read) in enumerate(np.ndindex(*matrix.shape)):
        rows.append(
            {
                "was": class_names[was],
                "read": class_names[read],
                "count": number(matrix[was, read], ",") if matrix[was, read] else "",
                "what": _(
                    "{label} read as {answer}: {n:,}",
                    label=class_names[was],
                    answer=class_names[read],
                    n=matrix[was, read],
                ),
                "fill": rgb(shades[cell]),
                "ink": readable_on(shades[cell]),
                "edge": 3 if (was, read) == chosen else 0,
            }
        )
    digits = all(len(name) == 1 for name in class_names)
    label = alt.Axis(labelAngle=0 if digits else -40, labelLimit=80, labelFontSize=13 if digits else 11)
    edge = {"light": "#0F1A24", "dark": "#E8EDF2"}[light]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("read:N", sort=class_names, title=_("read as"), axis=label, scale=alt.Scale(padding=0.03)),
        y=alt.Y(
            "was:N", sort=class_names, title=_("truly"), axis=alt.Axis(labelFontSize=label["labelFontSize"])
        ),
    )
    click = alt.selection_point(name="cell", fields=["was", "read"], toggle=False)
    cells = (
        base.mark_rect(cursor="pointer", stroke=edge)
        .encode(
            color=alt.Color("fill:N", scale=None),
            strokeWidth=alt.StrokeWidth("edge:Q", scale=None),
            tooltip=[alt.Tooltip("what:N", title=" ")],
        )
        .add_params(click)
    )
    counts = base.mark_text(fontSize=11).encode(text="count:N", color=alt.Color("ink:N", scale=None))

    def clicked() -> None:
        cell = st.session_state[key].selection.get("cell")
        if cell:
            on_click((class_names.index(cell[0]["was"]), class_names.index(cell[0]["read"])))

    st.altair_chart(
        (cells + counts).properties(height=420, description=_("Confusion matrix")),
        key=key,
        width="stretch",
        on_select=clicked,
        selection_mode="cell",
    )


def rgb(colour: np.ndarray) -> str:
    """A colour (3,), 0 to 255, in CSS."""
    return "rgb({:.0f},{:.0f},{:.0f})".format(*colour)


def readable_on(colour: np.ndarray) -> str:
    """Black or white, whichever has the higher contrast on an sRGB colour (3,), 0 to 255 (WCAG 2.2)."""
    c = colour / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"
