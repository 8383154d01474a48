"""Draw: a digit or a number drawn by mouse or finger, read after every stroke."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digitcore.errors import Abandoned, BlankError, ImageError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing import images
from digitcore.reading import reader
from digitcore.reading.budget import Budget
from pages.parts.draw import answer, class_set, samples, share
from pages.shared import boxes, canvas, left_out, links, networks, one_picture, strip, visitor
from pages.shared.language import _, told
from pages.shared.run_list import as_typed

SHEET, WIDE_SHEET = "draw", "draw_wide"
PEN, PAPER = "draw_pen", "draw_paper"


@st.fragment
def desk() -> None:
    """Canvas and answer: a stroke runs this again and nothing else."""
    heading = st.container(gap="xsmall", key="heading")
    heading.empty()  # a container with nothing in it would not keep its place
    # A widget's own state ends with its page, so what it says is kept under a name of its own.
    wide = st.session_state.get(PAPER, st.session_state.get("wide_paper", False))
    sheet = WIDE_SHEET if wide else SHEET
    # 288 pixels for the canvas of 280; the wide one has its answer below.
    left, right = (st.container(), st.container()) if wide else st.columns([3, 4], gap="medium")
    with left:
        png, problem, over = draw(sheet, wide)
        below = st.container()
    with right:
        place = st.container(key="answer", gap="small")
        place.empty()
        network = networks.model_picker(SHEET)
        next_step = st.container()
        links.how_well()
    with heading:
        title(network)
    if wide and not network.reads_digits:  # such a network reads one symbol, and no number
        st.session_state.pop(PAPER, None)
        st.session_state["wide_paper"] = False
        st.rerun()
    with below:
        if network.reads_digits:
            with st.container(key=f"{PAPER}_choice"):
                label = _("Wide paper, for a number")
                st.session_state["wide_paper"] = st.toggle(label, value=wide, key=PAPER)
            samples.offer(sheet, st.session_state["pen_width"])
    look, grey, others = None, canvas.blank(sheet), ""
    try:
        if png and not problem:
            grey = images.decode(png, _("The drawing"))
            found = reader.find(grey, network, budget=Budget(visitor.has_gone()))
            digits = found.digits(network.answer(found.pictures), network)
            others = left_out.sentence(found.left_out)
            look = one_picture.look(grey, digits, network, sheet, found.reading)
    except Abandoned:
        st.stop()
    except (ImageError, BlankError) as error:
        problem = told(error)
    if look and len(look.digits) > 1:
        with over:
            boxes.over_canvas(look.digits, network.class_names, grey.shape[::-1])
    with next_step:
        links.inside(emphasised=look is not None)
    with place:
        answer.show(network, look, problem, sheet, grey)
        if look and others:
            st.caption(others)
    if look:
        class_set.offer(grey, look)
        share.offer(grey, look, network, sheet)
        st.subheader(_("What the network sees"), anchor=False)
        one_picture.steps(look, sheet)


def title(network: Classifier) -> None:
    """What to draw for a network that knows digits, or that knows something else."""
    if network.reads_digits:
        st.title(_("Draw a digit"), anchor=False)
        st.markdown(_("**Try this:** draw a 1, then make it a 7. Or write a number: 2026."))
    else:
        st.title(_("Draw a picture"), anchor=False)
        st.markdown(
            _(
                "**Try this:** draw one of what this network knows: {class_names}.",
                class_names=as_typed(", ".join(network.class_names)),
            )
        )


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
            problem = told(error)
        over = st.container(gap=None)
        share.note(sheet)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(_("Undo"), on_click=canvas.undo, args=(sheet,))
        st.button(_("Clear"), on_click=clear, args=(sheet,))
        with st.popover(_("Pen")):
            st.session_state["pen_width"] = st.slider(_("Pen width in pixels"), 8, 40, pen, key=PEN)
        st.download_button(
            _("Save"),
            png or b"",
            "digit.png",
            "image/png",
            on_click="ignore",
            disabled=not png,
            help=_("Save as PNG"),
        )
    return png, problem, over


def clear(sheet: str) -> None:
    """A new sheet, read with every step."""
    canvas.clear(sheet)
    strip.put_back(sheet)


desk()
