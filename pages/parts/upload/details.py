"""One uploaded picture, opened: boxes over it, each digit as the network saw it, and the strip of one digit.

A step switched off here affects only this look, not the table; the next look begins with every step on.
"""

from dataclasses import replace

import cv2
import numpy as np
import streamlit as st

from digitcore.networks.classifier import Classifier
from digitcore.reading.digit import Digit
from digitcore.reading.results import Result, Results
from pages.parts.upload import answers
from pages.shared import boxes, left_out, one_picture, strip
from pages.shared.language import _
from pages.shared.tiles import captioned_tiles


def show(results: Results, item: Result, name: str, network: Classifier) -> None:
    """Open a result that has digits, with every step on."""
    strip.put_back(_key(item))
    # The title is chosen when it is opened: the decorator is made for each visitor.
    st.dialog(_("A closer look"), width="large", on_dismiss="rerun")(dialog)(results, item, name, network)


def dialog(results: Results, item: Result, name: str, network: Classifier) -> None:
    """Everything about one result that has digits; a correction here also appears in the gallery."""
    names = results.class_names
    st.text(name)
    if item.thumbnail:
        boxes.over_picture(item.thumbnail, item.digits, names, item.size, _("The picture"))
    st.markdown(
        _("Read as {answer}", answer=answers.summary(results, item, longest=10_000))
        + f"  \n:small[{answers.note(results, item)}]"
    )
    if others := left_out.sentence(item.left_out):
        st.caption(others)
    answers.truth(results, item, f"details_truth_{item.number}")
    st.subheader(_("What the network sees"), anchor=False)
    if len(item.digits) > 1:
        captioned_tiles(
            [digit.picture for digit in item.digits],
            [one_picture.label(digit, names) for digit in item.digits],
            _("A digit:"),
            size=84,
        )
    if not item.thumbnail:
        return
    key = _key(item)
    grey, digits = _kept(item)
    look = one_picture.look(grey, digits, network, key)
    one_picture.choose(look, names, key)
    one_picture.steps(look, key)
    if max(item.size) > max(grey.shape):
        st.caption(
            _(
                "These steps start from the small copy that is kept here, {width} × {height} pixels.",
                width=grey.shape[1],
                height=grey.shape[0],
            )
        )


def _key(item: Result) -> str:
    return f"details_{item.number}"


def _kept(item: Result) -> tuple[np.ndarray, tuple[Digit, ...]]:
    """The small copy kept of a picture, (h, w) uint8, and the digits with boxes in its pixels."""
    grey = cv2.imdecode(np.frombuffer(item.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
    scale = max(grey.shape) / max(item.size)
    boxed = (
        replace(digit, box=tuple(max(int(i > 1), round(v * scale)) for i, v in enumerate(digit.box)))
        for digit in item.whole_digits
    )
    return grey, tuple(boxed)
