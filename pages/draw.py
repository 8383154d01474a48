"""Draw: a digit or a number drawn by mouse or finger, read after every stroke."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digitcore.errors import Abandoned, BlankError, ImageError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import images
from digitcore.reading import reader
from digitcore.reading.budget import Budget
from digitcore.reading.digit import text_of
from pages.parts.draw import class_set, share
from pages.shared import boxes, canvas, links, networks, one_picture, strip, visitor
from pages.shared.one_picture import Look
from pages.shared.probabilities import bars

SHEET, WIDE_SHEET = "draw", "draw_wide"
PEN, PAPER = "draw_pen", "draw_paper"
# The wide paper does not fit on a phone, so nobody is offered it there.
FINISH = f"""<style>
@media (max-width: 719px) {{ .st-key-{PAPER}_choice {{ display: none }} }}
.st-key-answer h1 {{ padding-top: 0 }}
</style>"""


@st.fragment
def desk() -> None:
    """Canvas and answer: a stroke runs this again and nothing else."""
    heading = st.container(gap="xsmall")
    # A widget's own state ends with its page, so what it says is kept under a name of its own.
    wide = st.session_state.get(PAPER, st.session_state.get("wide_paper", False))
    sheet = WIDE_SHEET if wide else SHEET
    # 288 pixels for the canvas of 280; the wide one has its answer below.
    left, right = (st.container(), st.container()) if wide else st.columns([3, 4], gap="medium")
    with left:
        png, problem, over = draw(sheet, wide)
    with right:
        place = st.container(key="answer", gap="small")
        network = networks.model_picker(SHEET)
        links.inside()
        links.how_well()
    with heading:
        title(network)
    look = None
    try:
        if png and not problem:
            grey = images.decode(png, "The drawing")
            found = reader.find(grey, network, budget=Budget(visitor.has_gone()))
            digits = found.digits(network.answer(found.pictures), network)
            look = one_picture.look(grey, digits, network, sheet, found.reading)
    except Abandoned:
        st.stop()
    except (ImageError, BlankError) as error:
        problem = str(error)
    if look and len(look.digits) > 1:
        with over:
            boxes.over_canvas(look.digits, network.class_names, grey.shape[::-1])
    with place:
        answer(network, look, problem, sheet)
    if look:
        class_set.offer(grey, look)
        share.offer(grey, look, network, sheet)
        st.subheader("What the network sees", anchor=False)
        one_picture.steps(look, sheet)


def title(network: Classifier) -> None:
    """What to draw for a network that knows digits, or that knows something else."""
    if network.reads_digits:
        st.title("Draw a digit", anchor=False)
        st.markdown("**Try this:** draw a 1, then make it a 7. Or write a number: 2026.")
    else:
        st.title("Draw a picture", anchor=False)
        st.markdown(f"**Try this:** draw one of what this network knows: {', '.join(network.class_names)}.")


def draw(sheet: str, wide: bool) -> tuple[bytes | None, str, DeltaGenerator]:
    """The canvas with its tools; returns the drawing as PNG, or None and perhaps the sentence that says
    why, and the place where boxes are laid over the canvas."""
    pen = st.session_state.get(PEN, st.session_state.get("pen_width", 18))
    png, problem = None, ""
    with st.container(gap=None):
        problem = share.receive(sheet)
        try:
            png = canvas.draw(sheet, pen, canvas.WIDE if wide else canvas.SIZE)
        except ImageError as error:
            problem = str(error)
        over = st.container(gap=None)
        share.note(sheet)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", on_click=canvas.undo, args=(sheet,))
        st.button("Clear", on_click=clear, args=(sheet,), type="primary")
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
    with st.container(key=f"{PAPER}_choice"):
        st.session_state["wide_paper"] = st.toggle("Wide paper, for a number", value=wide, key=PAPER)
    return png, problem, over


def clear(sheet: str) -> None:
    """A new sheet, read with every step."""
    canvas.clear(sheet)
    strip.put_back(sheet)


def answer(network: Classifier, look: Look | None, problem: str, sheet: str) -> None:
    """The answer in words over the probabilities; without a digit it says so and guesses nothing."""
    probabilities = np.zeros(len(network.class_names), np.float32)
    if look:
        words(look, network)
        one_picture.choose(look, network.class_names, sheet)
        if look.digit.verdict.is_digit:
            probabilities = look.digit.probabilities
    elif problem:
        st.title("No digit found", anchor=False)
        st.caption(problem)
    else:
        st.title("Nothing drawn yet", anchor=False)
        st.caption("Draw with the mouse or a finger; the answer comes after every stroke.")
    bars(probabilities, network.class_names, key="draw_probabilities")


def words(look: Look, network: Classifier) -> None:
    """What was read, as the largest thing on the page, and how sure the network is."""
    switched = f" **{strip.names(look.without)} switched off.**" if look.without else ""
    verdict = look.digit.verdict
    if not any(digit.verdict.is_digit for digit in look.digits):
        st.title(verdict.text, anchor=False)
        st.caption(f"No answer is better than a wrong one.{switched}")
    elif len(look.digits) == 1:
        st.title(f":primary[{verdict.text}]", anchor=False)
        st.caption(f"{verdict.sureness} sure.{switched}")
    else:
        for row in text_of(look.digits, network.class_names).split("\n"):
            st.title(f":primary[{row}]", anchor=False)
        unsure = sum(not digit.accepted for digit in look.digits)
        st.caption(f"{len(look.digits)} digits{f', {unsure} of them unsure' if unsure else ''}.{switched}")


st.html(FINISH)
desk()
