"""A network's confusion matrix, and the test pictures behind the cell that is clicked or chosen."""

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.evaluation import comparison, metrics
from pages.parts.compare import charts
from pages.parts.compare import entries as compare_entries
from pages.parts.compare.entries import Entry
from pages.shared import split_pictures
from pages.shared.paging import a_page
from pages.shared.probabilities import shown

CELL = "compare_cell"
# How often a cell was chosen in the list: each time the chart is a new one, that takes the next click.
CHOSEN = "compare_cell_chosen"
ANY = -1


def show(entries: list[Entry]) -> None:
    entry = compare_entries.choose("Network", entries, "compare_confusion")
    names, n = entry.card["class_names"], len(entry.card["class_names"])
    labels = datasets.load_labels(entry.dataset, "test")
    answers = compare_entries.test_answers(entry)
    matrix = metrics.confusion_matrix(labels, answers.argmax(1), n)
    options = [ANY, *_cells(matrix)]
    if st.session_state.get(CELL) not in options:
        st.session_state[CELL] = ANY  # another network may have no such mistake
    cell = st.session_state[CELL]
    charts.confusion(
        matrix,
        names,
        None if cell == ANY else divmod(cell, n),
        f"compare_matrix_{entry.choice}_{st.session_state.get(CHOSEN, 0)}",
        on_click=lambda clicked: _click(clicked[0] * n + clicked[1]),
    )
    st.selectbox(
        "Click a cell above, or choose it here",
        options,
        format_func=lambda option: _title(option, matrix, names),
        key=CELL,
        on_change=_chosen_in_the_list,
    )
    places = comparison.hardest(labels, answers, *((None, None) if cell == ANY else divmod(cell, n)))
    _pictures(entry, places, labels, answers, cell)


def _cells(matrix: np.ndarray) -> list[int]:
    """Numbers of the cells with anything in them: the commonest mistakes first, the right answers last."""
    flat, n = matrix.ravel(), len(matrix)
    cells = [int(cell) for cell in np.argsort(-flat, kind="stable") if flat[cell]]
    return sorted(cells, key=lambda cell: cell // n == cell % n)


def _click(cell: int) -> None:
    st.session_state[CELL] = cell


def _chosen_in_the_list() -> None:
    st.session_state[CHOSEN] = st.session_state.get(CHOSEN, 0) + 1


def _title(cell: int, matrix: np.ndarray, names: list[str]) -> str:
    if cell == ANY:
        return f"All misses: {matrix.sum() - np.trace(matrix):,}"
    was, read = divmod(cell, len(matrix))
    how = "read right" if was == read else f"read as {names[read]}"
    return f"{names[was]} {how}: {matrix[was, read]:,}"


def _pictures(entry: Entry, places: np.ndarray, labels: np.ndarray, answers: np.ndarray, cell: int) -> None:
    names = entry.card["class_names"]
    if not len(places):
        st.info("No test picture was read so.")
        return
    here = a_page(places, f"compare_page_{entry.choice}_{cell}")
    captions = [
        f"{names[labels[i]]} → {names[answers[i].argmax()]}, {shown(float(answers[i].max()))}" for i in here
    ]
    split_pictures.show(entry.dataset, here, captions)
    right = cell != ANY and cell // len(names) == cell % len(names)
    st.caption(
        "What it is → what was read, and how sure the network was; the hardest first: "
        + ("the least sure." if right else "the surest mistakes.")
    )
