"""A close look at one picture: the choice of a digit, and what the pipeline made of that digit step by step,
with any steps switched off. Draw and the details of Upload share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.errors import BlankError
from digitcore.networks.classifier import Classifier, Verdict
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.normalisation import Reading
from digitcore.reading.digit import Digit, answered_again
from pages.shared import strip
from pages.shared.language import _, told
from pages.shared.probabilities import shown, sureness
from pages.shared.run_list import as_typed

UNSEEN = "\u200b"  # a space of no width
MOST_PILLS = 24


@dataclass(frozen=True)
class Look:
    """What a page shows of a picture.

    digits: as read with the steps that are on. chosen: the index of the one looked at; before: the same one,
    as read with every step. without: the steps switched off.
    reading: how the chosen one was prepared; None if that failed, and `problem` says why.
    """

    digits: tuple[Digit, ...]
    chosen: int
    before: Digit
    without: tuple[str, ...]
    reading: Reading | None
    problem: str = ""

    @property
    def digit(self) -> Digit:
        return self.digits[self.chosen]


def look(
    grey: np.ndarray,
    digits: tuple[Digit, ...],
    network: Classifier,
    key: str,
    reading: Reading | None = None,
) -> Look:
    """How the chosen digit of a picture is read without the steps that are switched off in the strip `key`.

    grey: (h, w) uint8, in whose pixels the digits' boxes are. digits: as `reader.find` found them; a single
    one brings its preparation along. A digit cut from a line, and one of which only the picture was kept, are
    read again.
    """
    chosen = _chosen(key, len(digits))
    without = strip.left_out(key)
    before = digits[chosen]
    try:
        reading = reading or normalisation.read(alone(grey, digits, chosen), symbol=not network.reads_digits)
        if without:
            reading = normalisation.made_ready(reading.whole, without)
    except BlankError as error:
        return Look(digits, chosen, before, (), None, str(error))
    if not without:
        return Look(digits, chosen, before, without, reading)
    after = answered_again((replace(before, picture=reading.picture),), network)
    changed = (*digits[:chosen], *after, *digits[chosen + 1 :])
    return Look(changed, chosen, before, without, reading)


def alone(grey: np.ndarray, digits: Sequence[Digit], index: int) -> np.ndarray:
    """The part of a picture around one of its digits, with the others painted over in the colour of the
    paper."""
    if len(digits) == 1:
        return grey
    x, y, w, h = digits[index].box
    around = max(w, h) // 2
    seen = slice(max(0, y - around), y + h + around), slice(max(0, x - around), x + w + around)
    others = np.zeros(grey.shape, bool)
    for digit in (*digits[:index], *digits[index + 1 :]):
        left, top, width, height = digit.box
        edge = 1 + max(width, height) // 20  # the blur around its ink
        others[
            max(0, top - edge) : top + height + edge,
            max(0, left - edge) : left + width + edge,
        ] = True
    others[y : y + h, x : x + w] = False
    part = grey[seen].copy()
    part[others[seen]] = np.median(part)
    return part


def choose(look: Look, names: Sequence[str], key: str) -> None:
    """The digits of a number, each with its confidence, to choose the one to look at."""
    if len(look.digits) == 1:
        return

    # Streamlit identifies options by their labels, so equal labels get invisible endings.
    def shown_as(index: int) -> str:
        return label(look.digits[index], names) + UNSEEN * index

    st.session_state[_choice(key)] = look.chosen
    options = {
        "label": _("Look closer at"),
        "options": range(len(look.digits)),
        "format_func": shown_as,
        "key": _choice(key),
        "on_change": strip.put_back,
        "args": (key,),
    }
    if len(look.digits) > MOST_PILLS:
        st.selectbox(**options)
    else:
        st.pills(**options, required=True, wrap=True)


def label(digit: Digit, names: Sequence[str]) -> str:
    """A digit with its confidence, "7 · 99.3%"; "?" without a figure if it is not one."""
    if not digit.verdict.is_digit:
        return _("? · no digit") if datasets.are_digits(names) else "?"
    return f"{names[digit.verdict.label]} · {shown(digit.verdict.confidence)}"


def steps(look: Look, key: str) -> None:
    """The strip of the chosen digit with its switches, and how they change the answer."""
    if look.reading is None:
        st.caption(told(look.problem))
        return
    now, before = _said(look.digit.verdict), _said(look.before.verdict)
    if look.without:
        strip.status(key, _("It now reads {now}; with every step on, {before}.", now=now, before=before))
    else:
        strip.status(key, _("It reads {now}. Switch one off and watch.", now=now))
    strip.strip(look.reading, key)


def _said(verdict: Verdict) -> str:
    if not verdict.is_digit:
        return _("“{answer}”", answer=told(verdict.text))
    answer = as_typed(told(verdict.text))
    return _("**{answer}** ({sureness} sure)", answer=answer, sureness=sureness(verdict))


def _chosen(key: str, n: int) -> int:
    chosen = st.session_state.get(_choice(key))
    return chosen if chosen in range(n) else 0


def _choice(key: str) -> str:
    return f"{key}_digit"
