"""The test pictures that a finished run reads wrongly, the surest mistakes first."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.errors import DatasetError
from digitcore.runs.run_folder import Run
from pages.shared import split_pictures
from pages.shared.paging import a_page

ANY = "any"


@dataclass(frozen=True)
class Mistakes:
    """Misread test pictures, surest first: place in the test set, true class, answer, and its confidence."""

    indices: np.ndarray
    labels: np.ndarray
    answers: np.ndarray
    confidences: np.ndarray


def show(run: Run, card: dict) -> None:
    """A gallery of the misread pictures, by true class and answer."""
    names = card["class_names"]
    try:
        found = _find(str(run.folder), card["created"], card["dataset"]["name"])
    except DatasetError as error:
        st.warning(str(error))
        return
    except FileNotFoundError:
        st.info("This run's answers to the test pictures were not kept.")
        return
    if not len(found.indices):
        st.success("No test picture was misread.")
        return
    with st.container(horizontal=True):
        was = st.selectbox("Was", [ANY, *names], width=180, key=f"was_{run.id}")
        read = st.selectbox("Read as", [ANY, *names], width=180, key=f"read_{run.id}")
    wanted = np.ones(len(found.indices), bool)
    if was != ANY:
        wanted &= found.labels == names.index(was)
    if read != ANY:
        wanted &= found.answers == names.index(read)
    chosen = np.flatnonzero(wanted)
    if not len(chosen):
        st.info("No such mistake.")
        return
    here = a_page(chosen, f"page_{run.id}")
    captions = [
        f"{names[found.labels[i]]} → {names[found.answers[i]]}, {found.confidences[i]:.0%}" for i in here
    ]
    split_pictures.show(card["dataset"]["name"], found.indices[here], captions)
    st.caption(f"{len(chosen):,} mistakes: what it was → what was read, and how sure the network was.")


@st.cache_data(max_entries=64, show_spinner=False)
def _find(folder: str, created: float, dataset: str) -> Mistakes:
    with np.load(Path(folder) / "test.npz", allow_pickle=False) as file:
        probabilities = file["probabilities"].astype(np.float32)
    labels = datasets.load_labels(dataset, "test")
    answers = probabilities.argmax(1)
    wrong = np.flatnonzero(answers != labels)
    confidences = probabilities[wrong, answers[wrong]]
    order = np.argsort(-confidences, kind="stable")
    wrong = wrong[order]
    return Mistakes(wrong, labels[wrong], answers[wrong], confidences[order])
