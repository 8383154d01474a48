"""The component of the Inside page: the library's modules, those of this folder, and the data they start
with.

What it shows is computed on the visitor's device; the server sends weights and training digits once.
"""

import io
import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from streamlit import runtime

from digitcore import datasets
from digitcore.browser import scripts
from digitcore.errors import DatasetError
from pages.shared import live_network

FOLDER = Path(__file__).parent
# Each module may use what the ones before it export.
MODULES = ("drawing", "paint", "soon", "look", "why", "change", "neighbours")
# Training digits, for the map, the nearest ones and the samples; and how many stand in a row of the picture.
N_DIGITS, ACROSS = 2_000, 50

_inside = st.components.v2.component(
    "digitlab_inside",
    html='<div class="inside"></div>',
    css=(FOLDER / "inside.css").read_text("utf-8"),
    js=live_network.script(
        "\n".join(
            [
                *(scripts.enclosed((FOLDER / f"{name}.js").read_text("utf-8")) for name in MODULES),
                (FOLDER / "inside.js").read_text("utf-8"),
            ]
        )
    ),
)


def show(network: str, second: str | None, dataset: str) -> bool:
    """The component for a choice of network (see `networks`), and a second one beside it.

    dataset: what the first one learnt from. Returns False, and shows nothing, if that network has a layer
    that network.js does not know.
    """
    address = live_network.address(network)
    if address is None:
        return False
    sheet, labels = _digits(dataset)
    _inside(
        data={
            "network": address,
            "second": live_network.address(second) if second else None,
            "digits": _served(sheet, f"inside.{dataset}") if sheet else None,
            "labels": labels,
        },
        key="inside",
    )
    return True


def _served(content: bytes, coordinates: str) -> str | None:
    """A path on this server whose name depends on the content, valid while this page is shown."""
    if not runtime.exists():
        return None
    return runtime.get_instance().media_file_mgr.add(content, "image/png", coordinates)


@st.cache_resource(max_entries=4, show_spinner=False)
def _digits(dataset: str) -> tuple[bytes | None, str]:
    """The first training digits of a data set as one PNG, and a letter for each label; (None, "") if they are
    not on this machine."""
    try:
        images, labels = datasets.load(dataset, "train", n_train=N_DIGITS)
    except DatasetError:
        return None, ""
    return sheet_of(images), "".join(string.ascii_lowercase[label] for label in labels)


def sheet_of(images: Sequence[np.ndarray]) -> bytes:
    """Pictures (n, 28, 28) uint8, n a multiple of ACROSS, as one PNG of rows of ACROSS."""
    rows = np.asarray(images).reshape(-1, ACROSS, 28, 28)
    file = io.BytesIO()
    Image.fromarray(rows.swapaxes(1, 2).reshape(-1, ACROSS * 28)).save(file, "PNG", optimize=True)
    return file.getvalue()
