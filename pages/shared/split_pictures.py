"""Pictures of a data set's test split, for what networks make of them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from digitcore import datasets
from pages.shared.language import _
from pages.shared.tiles import captioned_tiles


def show(dataset: str, places: Sequence[int], captions: Sequence[str]) -> None:
    """The pictures at these places of the test split, each with its caption."""
    captioned_tiles(_pictures(dataset, tuple(map(int, places))), captions, _("Test picture"), size=84)


@st.cache_data(max_entries=256, show_spinner=False)
def _pictures(dataset: str, places: tuple[int, ...]) -> np.ndarray:
    """(n, 28, 28) uint8; the 10,000 are not kept."""
    return datasets.load(dataset, "test")[0][list(places)]
