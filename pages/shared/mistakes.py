"""The test pictures that a finished run reads wrongly, the surest mistakes first."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.errors import DatasetError
from digitcore.run_folder import Run
from pages.shared.tiles import captioned_tiles

A_PAGE = 24
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
    pages = -(-len(chosen) // A_PAGE)
    page = st.pagination(pages, key=f"page_{run.id}") if pages > 1 else 1
    here = chosen[(page - 1) * A_PAGE : page * A_PAGE]
    captions = [
        f"{names[found.labels[i]]} → {names[found.answers[i]]}, {found.confidences[i]:.0%}" for i in here
    ]
    pictures = _pictures(card["dataset"]["name"], tuple(int(i) for i in found.indices[here]))
    captioned_tiles(pictures, captions, "Test picture", size=84)
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


@st.cache_data(max_entries=256, show_spinner=False)
def _pictures(dataset: str, indices: tuple[int, ...]) -> np.ndarray:
    """Some test pictures, (n, 28, 28) uint8; the 10,000 are not kept."""
    images, _ = datasets.load(dataset, "test")
    return images[list(indices)]
