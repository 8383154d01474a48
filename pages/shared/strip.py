"""The strip: what the pipeline made of a picture, step by step, until the 28x28 that the network sees; under
each step the switch that leaves it out.

The switches belong to the strip that is shown: they count for its one picture, and with the strip they go,
so that nobody's next picture is read without a step unnoticed.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import streamlit as st

from digitcore.preprocessing.normalisation import Reading
from digitcore.preprocessing.strip import STEPS, steps
from pages.shared.language import N_, _, told

# Drawn at twice the size at which it is shown, so that pixels stay crisp on phones and Retina screens.
SHOWN = 112
DRAWN = 2 * SHOWN
COLUMN = 128  # room for a switch and its label; two beside each other on a phone of 320 pixels
FRAME = 128
FRAME_OFF = (213, 94, 0)
# Small not by Markdown's :small[], which a screen reader would read out. The frame has room for what it says
# with steps switched off, or it would push the switches down from under the finger.
STYLE = """<style>
[class*='_strip'] p { font-size: 0.875rem }
[class*='_strip'] [data-testid=stMarkdown] p { padding-left: 2.5rem; line-height: 1.5rem }
[class*='_steps '] { flex-wrap: nowrap; min-height: 5.5rem }
@media (max-width: 719px) {
  [class*='_steps '] { min-height: 11rem }
}
</style>"""
WHY = {
    "ink": N_("Finds the ink: light or dark, without shadows, lines and specks."),
    "box": N_(
        "Cuts out the box around the ink, so that the digit's place and size on the paper do not matter."
    ),
    "scale": N_("Scales that box into 20 × 20 pixels, as MNIST's digits are."),
    "centre": N_("Moves the ink's centre of mass to the middle of 28 × 28."),
}


def left_out(key: str) -> tuple[str, ...]:
    """The steps that are switched off in the strip of this key; none while it is not shown."""
    return tuple(step for step in STEPS if not st.session_state.get(_switch(key, step), True))


def put_back(key: str) -> None:
    """Switch every step on again.

    By new switches: a value set for old ones is told to the browser once, and a quick stroke meanwhile would
    have it send what it last knew, off. Only where one is off: Streamlit keeps what it knows of each widget
    that there ever was until the session ends, and every new drawing comes by here.
    """
    if left_out(key):
        st.session_state[_turn(key)] = st.session_state.get(_turn(key), 0) + 1


def names(steps: Iterable[str]) -> str:
    """“Ink”, “Box” and “Centred”"""
    *others, last = (_("“{step}”", step=told(STEPS[step][0])) for step in steps)
    return _("{names} and {last}", names=", ".join(others), last=last) if others else last


def switched_off(steps: Iterable[str]) -> str:
    """“Ink” and “Box” switched off."""
    return _("{steps} switched off.", steps=names(steps))


def status(key: str, answers: str) -> None:
    """Whether steps are switched off and what is read so, in a frame that is always there, so that a switch
    stays under the finger that turned it; and the button that puts all steps back."""
    without = left_out(key)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{key}_steps"):
        said = f":material/toggle_off: **{switched_off(without)}**" if without else _("**Every step is on.**")
        st.markdown(f"{said} {answers}", width="stretch")
        st.button(_("All on"), on_click=put_back, args=(key,), disabled=not without, key=f"{key}_steps_on")


def strip(reading: Reading, key: str) -> None:
    """Show every step of a reading in order, each but the first with its switch."""
    st.html(STYLE)
    with st.container(horizontal=True, gap="small", key=f"{key}_strip"):
        for number, (step, (title, array)) in enumerate(zip((None, *STEPS), steps(reading), strict=True), 1):
            off = step is not None and not st.session_state.get(_switch(key, step), True)
            title = told(title)
            with st.container(width=COLUMN, gap="xsmall"):
                picture = enlarged(array, frame=FRAME_OFF if off else FRAME)
                st.image(packed(picture), width=SHOWN, alt=title)
                if step is None:
                    st.markdown(f"{number}\\. {title}")  # no list: a title like those beside it
                    continue
                st.toggle(f"{number}. {title}", value=True, key=_switch(key, step), help=_(WHY[step]))


def _switch(key: str, step: str) -> str:
    return f"{key}_step_{step}_{st.session_state.get(_turn(key), 0)}"


def _turn(key: str) -> str:
    return f"{key}_steps_turn"


def packed(picture: np.ndarray) -> bytes:
    """(h, w) or (h, w, 3) uint8, RGB, as PNG: in a third of the time that Streamlit takes."""
    return cv2.imencode(".png", picture if picture.ndim == 2 else picture[..., ::-1])[1].tobytes()


def enlarged(array: np.ndarray, side: int = DRAWN, frame: int | tuple[int, int, int] = FRAME) -> np.ndarray:
    """A step as a square of `side` pixels, uint8: small ones by whole pixels (each stays a sharp square),
    large ones averaged down; centred on their own ground, within a thin frame that shows on any page.

    array: (h, w) or (h, w, 3) uint8, or float32 from 0 to 1. frame: its grey, or its colour.
    """
    # Steps made of ink lie on black; a picture's own ground is its most common tone.
    if array.dtype == np.uint8:
        some = array[:: max(1, array.shape[0] // 64), :: max(1, array.shape[1] // 64)]
        ground = np.median(some.reshape(-1, *array.shape[2:]), axis=0)
    else:
        ground = 0
        array = (np.clip(array, 0, 1) * 255).round().astype(np.uint8)
    if isinstance(frame, tuple) and array.ndim == 2:
        array = np.repeat(array[..., np.newaxis], 3, axis=2)
    factor = side / max(array.shape[:2])
    if factor >= 2:
        array = array.repeat(int(factor), 0).repeat(int(factor), 1)
    else:
        size = [max(1, round(length * factor)) for length in array.shape[1::-1]]
        array = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    height, width = array.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    square = np.empty((side, side, *array.shape[2:]), np.uint8)
    square[:] = ground
    square[top : top + height, left : left + width] = array
    thick = 2 if isinstance(frame, int) else 6
    for edge in (square[:thick], square[-thick:], square[:, :thick], square[:, -thick:]):
        edge[:] = frame
    return square
