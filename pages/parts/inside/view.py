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
from digitcore.networks.classifier import Classifier
from pages.parts.inside import class_game
from pages.shared import live_network, networks
from pages.shared.language import SOURCE, current, words

FOLDER, SHARED = Path(__file__).parent, Path(live_network.__file__).parent
# Each module may use what the ones before it export.
MODULES = ("paint", "soon", "look", "why", "break", "least_change", "fool", "neighbours")
OF_SHARED = ("words", "live_drawing", "live_answer")
# Training digits, for the map, the nearest ones and the samples; and how many stand in a row of the picture.
N_DIGITS, ACROSS = 2_000, 50


def modules() -> str:
    """What inside.js uses: sentences, what is drawn, the answer with its bars, and the parts."""
    own = (FOLDER / f"{name}.js" for name in MODULES)
    shared = (SHARED / f"{name}.js" for name in OF_SHARED)
    return "\n".join(scripts.enclosed(path.read_text("utf-8")) for path in (*shared, *own))


_SCRIPT = modules() + (FOLDER / "inside.js").read_text("utf-8")
_inside = st.components.v2.component(
    "digitlab_inside",
    html='<div class="inside" data-press="now"></div>',
    css="".join(path.read_text("utf-8") for path in (SHARED / "live_answer.css", FOLDER / "inside.css")),
    js=live_network.script(_SCRIPT),
)


def show(choice: str, second: str | None, network: Classifier, paper: str) -> list[str]:
    """The component for a choice of network (see `networks`), loaded, and a second choice beside it.

    paper: the name of the sheet whose drawing is looked at.
    Returns the titles of those that have a layer which network.js does not know. Shows nothing if the first
    one is among them.
    """
    address = live_network.address(choice)
    if address is None:
        return [network.title]
    beside = live_network.address(second) if second else None
    dataset = network.card["dataset"]
    sheet, labels = _digits(dataset["name"], min(dataset["n_train"], N_DIGITS))
    # Another language makes it anew: most of its sentences are said once.
    key = "inside" if current() == SOURCE else f"inside_{current()}"
    class_game.settle(paper)
    _inside(
        data={
            "network": address,
            "second": beside,
            # The same network after another epoch has the same title.
            "second_title": networks.epochs_of(choice).get(second) if second else None,
            "digits": _served(sheet, f"inside.{dataset['name']}.{len(labels)}") if sheet else None,
            "labels": labels,
            "words": words(_SCRIPT),
            "game": class_game.offered(choice),
        },
        key=key,
        on_claim_change=lambda: class_game.claimed(st.session_state[key].claim),
    )
    return [networks.choices().get(second, second)] if second and beside is None else []


def _served(content: bytes, coordinates: str) -> str | None:
    """A path on this server whose name depends on the content, valid while this page is shown."""
    if not runtime.exists():
        return None
    return runtime.get_instance().media_file_mgr.add(content, "image/png", coordinates)


@st.cache_resource(max_entries=8, show_spinner=False)
def _digits(dataset: str, n: int) -> tuple[bytes | None, str]:
    """The first n training digits of a data set, of which a network that learnt from n or more has seen each,
    as one PNG, and a letter for each label; (None, "") if they are not on this machine."""
    try:
        images, labels = datasets.load(dataset, "train", n_train=n)
    except DatasetError:
        return None, ""
    return sheet_of(images), "".join(string.ascii_lowercase[label] for label in labels)


def sheet_of(images: Sequence[np.ndarray]) -> bytes:
    """Pictures (n, 28, 28) uint8 as one PNG of rows of ACROSS, the last of which may be filled with paper."""
    blank = np.zeros((-len(images) % ACROSS, 28, 28), np.uint8)
    rows = np.concatenate([np.asarray(images), blank]).reshape(-1, ACROSS, 28, 28)
    file = io.BytesIO()
    Image.fromarray(rows.swapaxes(1, 2).reshape(-1, ACROSS * 28)).save(file, "PNG", optimize=True)
    return file.getvalue()
