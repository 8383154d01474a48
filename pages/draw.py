"""Draw: a digit drawn by mouse or finger, read after every stroke."""

import numpy as np
import streamlit as st

from digitcore import images, preprocessing
from digitcore.classifier import Classifier
from digitcore.errors import BlankError, ImageError
from digitcore.preprocessing import Reading
from pages.shared import canvas, resources
from pages.shared.probabilities import bars
from pages.shared.strip import strip

SHEET = "draw"
PEN = "draw_pen"


@st.fragment
def desk() -> None:
    """Canvas and answer: a stroke runs this again and nothing else."""
    left, right = st.columns([3, 4], gap="medium")  # 288 pixels for the canvas of 280
    with left:
        reading, problem = draw()
    with right:
        place = st.container(key="answer", gap="small")
        network = resources.model_picker(SHEET)
        with place:
            answer(network, reading, problem)
    if reading:
        st.subheader("What the network sees", anchor=False)
        strip(reading)


def draw() -> tuple[Reading | None, str]:
    """The canvas with its tools; returns the drawing made ready, or None and the sentence that says why."""
    # A widget's own state ends with its page, so the width is kept under a name of its own.
    pen = st.session_state.get(PEN, st.session_state.get("pen_width", 18))
    reading, problem, png = None, "", None
    try:
        png = canvas.draw(SHEET, pen)
        reading = preprocessing.read(images.decode(png, "The drawing")) if png else None
    except (ImageError, BlankError) as error:
        problem = str(error)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=canvas.undo, args=(SHEET,))
        st.button("Clear", on_click=canvas.clear, args=(SHEET,), type="primary")
        with st.popover("Pen"):
            st.session_state["pen_width"] = st.slider("Pen width in pixels", 8, 40, pen, key=PEN)
        st.download_button(
            "Save",
            png or b"",
            "digit.png",
            "image/png",
            on_click="ignore",
            disabled=not png,
            help="Save as PNG",
        )
    return reading, problem


def answer(network: Classifier, reading: Reading | None, problem: str) -> None:
    """The answer in words over the probabilities; without a digit it says so and guesses nothing."""
    probabilities = np.zeros(len(network.class_names), np.float32)
    if reading:
        probabilities = network.predict(reading.picture[np.newaxis])[0]
        verdict = network.verdict(probabilities)
        st.title(f":primary[{verdict.text}]", anchor=False)
        st.caption(f"{verdict.sureness} sure")
    elif problem:
        st.title("No digit found", anchor=False)
        st.caption(problem)
    else:
        st.title("Nothing drawn yet", anchor=False)
        st.caption("Draw with the mouse or a finger; the answer comes after every stroke.")
    bars(probabilities, network.class_names, key="draw_probabilities")


st.title("Draw a digit", anchor=False)
st.markdown("**Try this:** draw a 1, then make it a 7.")
desk()
