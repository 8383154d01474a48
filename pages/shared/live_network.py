"""A network on the visitor's own device: what a page gives the browser so that answers need no server.

    LIVE = st.components.v2.component("my_live_part", js=live_network.script(MY_JAVASCRIPT))
    LIVE(data={"network": live_network.address(choice)}, key="live")

In MY_JAVASCRIPT, `await live(data.network)` is a `Network` (digitcore/browser/network.js) and
`pictureOf(context.getImageData(…))` the picture that it reads (digitcore/browser/picture.js).
"""

import contextlib
from pathlib import Path

import streamlit as st
from streamlit import runtime

from digitcore.browser import scripts, weights
from digitcore.errors import DigitcoreError, ModelError
from digitcore.runs import epoch_weights
from digitcore.runs.run_folder import Run
from pages.shared import networks

_LIVE = Path(__file__).with_suffix(".js")


def script(own: str) -> str:
    """A component's JavaScript, preceded by the modules that it may use: Network, pictureOf and live.

    own: a module with `export default function`, as Streamlit expects of components.
    """
    return scripts.script("network", "picture") + scripts.enclosed(_LIVE.read_text("utf-8")) + own


def address(choice: str) -> str | None:
    """Where the browser finds the weights of a choice (see `networks`), or of a run as it was after an epoch
    ("run:<id>@3"): a path on this server that depends on the
    content, so that a browser fetches it once.

    None if there is no such network, or if it has a layer that the browser does not know: the page then
    leaves the answer to the server. Call it in each run of the page that uses it, since Streamlit keeps only
    the files that the current page refers to.
    """
    with contextlib.suppress(DigitcoreError):
        choice, _, epoch = choice.partition("@")
        model, card = networks.model_of(choice)
        content = _packed(model, networks.identity(card), int(epoch) if epoch.isdecimal() else None)
        if content and runtime.exists():
            files = runtime.get_instance().media_file_mgr
            return files.add(content, "application/octet-stream", f"live_network.{choice}.{epoch}")
    return None


# As many as the server loads for its own answers. A network has 0.04-1.2 MB, the largest custom one 20 MB.
@st.cache_resource(max_entries=12, show_spinner=False)
def _packed(model: str, identity: tuple[int, int] | None, epoch: int | None = None) -> bytes | None:
    """None for a network that cannot be packed, which is not tried again at each stroke."""
    try:
        if epoch is None:
            return weights.of_model(model)
        numbers = epoch_weights.load(Run(Path(model)), epoch)
        return None if numbers is None else weights.of_model(model, "float16", numbers)
    except ModelError:
        return None
