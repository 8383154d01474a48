"""A drawing handed on: as a link that carries its strokes after "#", and as a picture with the answer."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import numpy as np
import streamlit as st

from digitcore.errors import ImageError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import drawing_link
from digitcore.preprocessing.drawing_link import Drawing
from digitcore.preprocessing.paper import reduced
from digitcore.reading import figure
from digitcore.reading.batch import SEVERAL, Row
from digitcore.reading.digit import text_of
from pages.shared import canvas, canvas_strokes
from pages.shared.language import _, told
from pages.shared.one_picture import Look

_SENT, _TAKEN = "draw_sent", "draw_link_taken"
_LONGEST_ANSWER = 40

# The part of an address after "#" stays in the browser. A drawing that comes so is drawn here as if by hand.
# Its state and no trigger: what is told while the page's first run ends would be lost.
_receive = st.components.v2.component(
    "digitlab_drawing_link",
    js="""
export default function ({ setStateValue }) {
  const ready = () =>
    [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].some((host) =>
      host.shadowRoot?.querySelector("canvas.upper-canvas"),
    )
  let timer
  const take = () => {
    clearTimeout(timer)
    const told = location.hash.slice(1)
    if (!told.startsWith("drawing=")) return
    // The canvas loads nothing before it stands.
    if (ready()) setStateValue("told", told)
    else timer = setTimeout(take, 100)
  }
  take()
  window.addEventListener("hashchange", take)
  return () => {
    clearTimeout(timer)
    window.removeEventListener("hashchange", take)
  }
}
""",
)


def receive(sheet: str) -> str:
    """Draw what the address carries onto the sheet, once; returns what is wrong with it in a sentence, or "".

    Must come before the canvas is shown. A drawing on wide paper is made smaller to fit the sheet.
    """
    sent = _receive(key="draw_link", default={"told": ""}, height=1, on_told_change=lambda: None).told
    if not isinstance(sent, str) or sent in ("", st.session_state.get(_TAKEN)):
        return ""
    st.session_state[_TAKEN] = sent
    return _draw(sheet, sent)


def _draw(sheet: str, address: str) -> str:
    parts = dict(parse_qsl(address[: 2 * drawing_link.LONGEST]))
    try:
        sent = drawing_link.read(parts.get("drawing", ""))
    except ImageError as error:
        return told(error)
    paper = canvas.sheet(sheet)
    scale = min(1.0, paper.width / sent.width, canvas.SIZE / sent.height)
    objects = canvas_strokes.objects(sent.strokes, sent.pen, scale)
    canvas.load(sheet, objects)
    shown = re.sub(r"[^\w? -]", "", parts.get("answer", ""))[:_LONGEST_ANSWER]
    st.session_state[_SENT] = (sheet, len(objects), shown)
    return ""


def note(sheet: str) -> None:
    """What the sender's network read, for as long as the drawing is the one that was sent."""
    name, strokes, answer = st.session_state.get(_SENT, ("", 0, ""))
    if name == sheet and answer and len(canvas.strokes(sheet)) == strokes:
        st.caption(_("Sent to you. The sender's network read {answer}.", answer=answer))


def offer(grey: np.ndarray, look: Look, network: Classifier, sheet: str) -> None:
    """The link and the picture, behind a button."""
    with st.popover(_("Share"), icon=":material/share:"):
        try:
            st.code(link(look, network, sheet), language=None, wrap_lines=True)
            st.caption(
                _('The drawing stands after "#": no server sees it in an address. Opened, it is drawn anew.')
            )
        except ImageError as error:
            st.caption(told(error))
        heading = _("Read by {title}", title=network.title)  # made later, where no session is
        st.download_button(
            _("Picture with the answer"),
            lambda: picture(grey, look, network, heading),
            "digit-and-answer.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
        )


def link(look: Look, network: Classifier, sheet: str) -> str:
    """The address that draws this drawing again. Raises ImageError where it is too long for one."""
    strokes, pen = canvas_strokes.points(canvas.strokes(sheet))
    encoded = drawing_link.text(Drawing(strokes, pen, canvas.sheet(sheet).width, canvas.SIZE))
    answer = text_of(look.digits, network.class_names).replace("\n", " ")
    return f"{st.context.url or ''}#drawing={encoded}&{urlencode({'answer': answer})}"


def picture(grey: np.ndarray, look: Look, network: Classifier, heading: str) -> bytes:
    """A PNG of the drawing, what the network saw, and the probabilities."""
    several = len(look.digits) > 1
    small = reduced(grey, figure.PICTURE_SIDE * (SEVERAL if several else 1))
    text = text_of(look.digits, network.class_names)
    row = Row(heading, None, look.digits, text, text, grey.shape[::-1], small)
    return figure.png([row], network.class_names)
