"""Draw's answer: the largest thing on the page, over the probabilities; without a digit it says so and
guesses nothing.

Where the browser has the network, one component shows both and moves with the pen (live.js); elsewhere they
are Streamlit's own title and chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import streamlit as st

from digitcore.browser import scripts
from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier
from digitcore.reading.digit import text_of
from pages.shared import live_network, networks, one_picture, strip
from pages.shared.language import _, told, words
from pages.shared.one_picture import Look
from pages.shared.probabilities import bars, sureness
from pages.shared.run_list import as_typed

QUICK = "digitnet-nano"
"""What answers under the pen on a device for which the network of choice is too slow."""

CELL = 20
"""Side in pixels of the squares whose mean ink tells the browser which drawing a word is about (live.js)."""

_OWN, _SHARED = Path(__file__).parent, Path(live_network.__file__).parent

_SCRIPT = "".join(
    scripts.enclosed((_SHARED / f"{name}.js").read_text("utf-8"))
    for name in ("words", "live_drawing", "live_answer")
) + (_OWN / "live.js").read_text("utf-8")
_live = st.components.v2.component(
    "digitlab_draw_answer",
    html='<div class="draw-answer"><div class="live-answer"></div>'
    '<div class="unseen" role="status" aria-live="polite" aria-atomic="true"></div></div>',
    css=(_SHARED / "live_answer.css").read_text("utf-8"),
    js=live_network.script(_SCRIPT),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Word:
    """The server's word on a drawing.

    rows: the answer line by line, each (large, small): what is read, and what is added to it; ("", sentence)
    where there is no answer. probabilities: (classes,), all 0 where nothing is guessed.
    """

    rows: tuple[tuple[str, str], ...]
    caption: str
    probabilities: np.ndarray

    @property
    def said(self) -> str:
        """All of it in one line, as a screen reader has it."""
        return f"{', '.join(large + small for large, small in self.rows)}. {self.caption}"


def word(network: Classifier, look: Look | None, problem: str) -> Word:
    """What to say of a look at a drawing; None: nothing is drawn or, by `problem`, nothing is found."""
    nothing = np.zeros(len(network.class_names), np.float32)
    if look is None:
        if problem:
            found = _("No digit found") if network.reads_digits else _("Nothing found")
            return Word((("", found),), problem, nothing)
        hint = (
            _("Draw with the mouse or a finger, or tap a sample digit; the answer comes after every stroke.")
            if network.reads_digits
            else _("Draw with the mouse or a finger; the answer comes after every stroke.")
        )
        return Word((("", _("Nothing drawn yet")),), hint, nothing)
    switched = f" {strip.switched_off(look.without)}" if look.without else ""
    verdict = look.digit.verdict
    probabilities = look.digit.probabilities if verdict.is_digit else nothing
    if not any(digit.verdict.is_digit for digit in look.digits):
        return Word(
            (("", told(verdict.text)),),
            _("No answer is better than a wrong one.") + switched,
            probabilities,
        )
    if len(look.digits) == 1:
        first = network.class_names[verdict.label]
        row = first, told(verdict.text).removeprefix(first)
        return Word((row,), _("{sureness} sure.", sureness=sureness(verdict)) + switched, probabilities)
    rows = tuple((row, "") for row in text_of(look.digits, network.class_names).split("\n"))
    unsure = sum(not digit.accepted for digit in look.digits)
    caption = (
        _("{n} digits, {unsure} of them unsure.", n=len(look.digits), unsure=unsure)
        if unsure
        else _("{n} digits.", n=len(look.digits))
    )
    return Word(rows, caption + switched, probabilities)


def show(network: Classifier, look: Look | None, problem: str, sheet: str, grey: np.ndarray) -> None:
    """The answer with its bars. grey: (h, w) uint8, the paper with what is drawn on it."""
    said = word(network, look, problem)
    address = live_network.address(networks.chosen())
    if address is None:
        _standing(said, network, look, sheet)
        return
    quick = None
    if network.reads_digits and networks.chosen() in set(model_store.shipped()) - {QUICK}:
        quick = live_network.address(QUICK)
    _live(
        data={
            "network": address,
            "quick": quick,
            "classes": list(network.class_names),
            # A picture without one of its steps is made by the server alone.
            "live": not (look and look.without),
            "word": _sent(said, grey),
            "words": words(_SCRIPT),
        },
        key="draw_answer",
    )
    if look:
        one_picture.choose(look, network.class_names, sheet)


def _sent(word: Word, grey: np.ndarray) -> dict[str, Any]:
    height, width = grey.shape
    size = -(-width // CELL), -(-height // CELL)
    ink = cv2.resize(255 - grey, size, interpolation=cv2.INTER_AREA)
    return {
        "rows": [list(row) for row in word.rows],
        "caption": word.caption,
        "probabilities": word.probabilities.tolist(),
        "ink": ink.ravel().tolist(),
        "said": word.said,
    }


def _standing(word: Word, network: Classifier, look: Look | None, sheet: str) -> None:
    """The same by Streamlit's own elements, once the server has spoken."""
    for large, small in word.rows:
        st.title(f":primary[{as_typed(large + small)}]" if large else small, anchor=False)
    st.caption(word.caption)
    if look:
        one_picture.choose(look, network.class_names, sheet)
    bars(word.probabilities, network.class_names, key="draw_probabilities")
