"""The sheet of paper that one draws on: streamlit-drawable-canvas behind two buttons of our own.

The canvas lives in the browser and is gone when its page is left, so each sheet keeps what it was sent
in the session: the strokes (to put them back) and the PNG (to read it again without waiting for the
browser). Undo and Clear make the canvas load an older state in place (a new canvas would let the page jump).
What it sends names the state that it loaded last (`_ground`), so that what it sent before is not taken.
The canvas has a toolbar of its own, but it shows only under a mouse; what else it lacks is in paper.js. It
sends a stroke only a moment after the pen is lifted: held_presses.js lets the page's buttons wait for that.
"""

import json
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from digitcore.browser import scripts
from digitcore.errors import ImageError
from pages.shared.language import N_, _, words

# What is drawn has so many pixels, however wide a phone shows it.
SIZE = 280
# Room for a number, on screens that have it: the page's text is 704 px wide on a computer and on a tablet.
WIDE = 640
INK = "#000000"
# The paper's white, by which the canvas says what it loaded last: CSS takes an opacity above one for one.
_GROUND = "rgba(255, 255, 255, {load})"
_LOAD = re.compile(re.escape(_GROUND).replace(r"\{load\}", r"(\d{1,9})"))
# How far Undo goes back. Each state holds all strokes until then, some kilobytes a stroke.
HISTORY = 20
# Some ten minutes of scribbling; a browser may send 25 MB, and every state of the history would keep it.
LONGEST = 1_000_000
_NOT_OURS = N_("The canvas sent something else than its {width}x{height} PNG; press Clear and draw again.")

_SCRIPT = Path(__file__).with_name("paper.js").read_text("utf-8")
_MODULES = (
    Path(__file__).with_name(f"{name}.js").read_text("utf-8")
    for name in ("words", "held_strokes", "held_presses")
)
_finish = st.components.v2.component(
    "digitlab_canvas_finish", js="".join(map(scripts.enclosed, _MODULES)) + _SCRIPT
)


@dataclass
class Sheet:
    """One visitor's drawing, SIZE high: which widget shows it, and the states (strokes as JSON, PNG) it went
    through.

    start: what the canvas loads whenever it changes. load: the number of that, from 1. given: strokes that
    `load` put there, until the canvas has sent them.
    """

    number: int = 0
    shown: str = ""
    start: dict[str, Any] | None = None
    states: list[tuple[str, bytes]] = field(default_factory=list)
    load: int = 1
    given: list[dict[str, Any]] = field(default_factory=list)
    width: int = SIZE

    @property
    def not_ours(self) -> str:
        return _(_NOT_OURS, width=self.width, height=SIZE)

    @property
    def png(self) -> bytes | None:
        return self.states[-1][1] if self.states else None


def sheet(name: str, width: int = SIZE) -> Sheet:
    """The visitor's sheet of that name; it outlives a change of pages."""
    return st.session_state.setdefault(f"{name}_sheet", Sheet(width=width))


def draw(name: str, pen: int, width: int = SIZE) -> bytes | None:
    """Show the canvas; returns what is drawn as a PNG (width x SIZE, black on white), None if nothing is.

    pen: width of the stroke in pixels. width: the paper's, the same whenever the sheet is shown.
    Raises ImageError if the browser sent something else than that PNG.
    """
    from streamlit_drawable_canvas import st_canvas  # can be imported only while a server runs

    paper = sheet(name, width)
    key = _key(name, paper)
    if key not in st.session_state:
        if key == paper.shown:  # the page was left: a canvas of the old key might still hold old strokes
            paper.number += 1
            key = _key(name, paper)
        given = {"objects": paper.given} if paper.given else None
        paper.start = json.loads(paper.states[-1][0]) if paper.states else given
        paper.shown = key
    with st.container(gap=None, key=f"{name}_paper_place"):
        try:
            result = st_canvas(
                stroke_width=pen,
                stroke_color=INK,
                background_color=_GROUND.format(load=paper.load),
                height=SIZE,
                width=paper.width,
                initial_drawing=paper.start,
                return_image_data=True,  # sends the PNG; `image_data` would decode anything: not touched
                key=key,
            )
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            # No JSON, or JSON of another kind: the component itself cannot read it. A canvas of a new key has
            # sent nothing yet.
            paper.number += 1
            raise ImageError(paper.not_ours) from error
        try:
            _remember(paper, result.json_data, _checked(paper, result))
        except RecursionError as error:  # a stroke that nests a thousand lists
            paper.number += 1
            raise ImageError(paper.not_ours) from error
        finally:
            _finish_canvas(name, paper, pen)
    return paper.png


def _finish_canvas(name: str, paper: Sheet, pen: int) -> None:
    """What the canvas lacks, told how many strokes the server has, what it was asked last, and what the
    canvas has loaded."""
    key = f"{name}_finish"
    asked = getattr(st.session_state.get(key), "asked", None)
    _finish(
        key=key,
        height=1,
        data={
            "words": words(_SCRIPT),
            "strokes": _strokes(paper.states),
            "asked": asked,
            "load": paper.load,
            "pen": pen,
        },
        default={"asked": None},
        on_asked_change=lambda: None,
        on_undo_change=lambda: undo(name),
    )


def blank(name: str) -> np.ndarray:
    """(SIZE, width) uint8: the paper of that sheet with nothing on it."""
    return np.full((SIZE, sheet(name).width), 255, np.uint8)


def undo(name: str) -> None:
    """Take the last stroke back."""
    paper = sheet(name)
    if not paper.states:
        return
    *older, (newest, png) = paper.states
    *objects, _last = json.loads(newest)["objects"]
    if objects and _strokes(older) != len(objects):
        # Two strokes in quick succession came as one state: its picture stands until the browser sends
        # that of the first.
        older.append((json.dumps({"objects": objects}), png))
    paper.states = older
    _load(paper)


def clear(name: str) -> None:
    """Start on an empty sheet."""
    paper = sheet(name)
    paper.states, paper.given = [], []
    _load(paper)


def load(name: str, objects: list[dict[str, Any]]) -> None:
    """Put strokes (`canvas_strokes.objects`) onto the sheet in place of what is drawn there."""
    clear(name)
    paper = sheet(name)
    paper.given = paper.start["objects"] = objects


def strokes(name: str) -> list[dict[str, Any]]:
    """What is drawn, a stroke each, as the canvas has it: for `canvas_strokes`."""
    paper = sheet(name)
    return json.loads(paper.states[-1][0])["objects"] if paper.states else []


def _load(paper: Sheet) -> None:
    """Make the canvas load the newest state."""
    paper.load += 1
    paper.start = {"objects": json.loads(paper.states[-1][0])["objects"] if paper.states else []}


def _strokes(states: list[tuple[str, bytes]]) -> int:
    """How many strokes the newest of these states has."""
    return len(json.loads(states[-1][0])["objects"]) if states else 0


def _key(name: str, paper: Sheet) -> str:
    return f"{name}_canvas_{paper.number}"


def _checked(paper: Sheet, result: Any) -> bytes | None:
    """The PNG as sent, once its header says that it is of the paper's size; None before the first stroke."""
    try:
        png = result.image_bytes
    except (ValueError, AttributeError, TypeError) as error:  # not a data URL, or not base64
        raise ImageError(paper.not_ours) from error
    if png is None:
        return None
    size = (paper.width, SIZE)
    if len(png) < 24 or png[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", png[16:24]) != size:
        raise ImageError(paper.not_ours)
    return png


def _remember(paper: Sheet, strokes: dict[str, Any] | None, png: bytes | None) -> None:
    if png is None:
        return
    objects = strokes.get("objects") if isinstance(strokes, dict) else None
    if not isinstance(objects, list):
        raise ImageError(paper.not_ours)
    if png == paper.png and len(objects) == _strokes(paper.states):
        return
    ground = _LOAD.fullmatch(str(strokes.get("background")))
    if int(ground[1] if ground else 1) != paper.load:
        return  # sent before it loaded what it shows now
    state = json.dumps(strokes)
    if len(state) + len(png) > LONGEST:
        raise ImageError(_("This drawing has more strokes than can be kept; press Clear and draw again."))
    while paper.states and _strokes(paper.states) >= len(objects):
        paper.states = paper.states[:-1]
    if objects:
        paper.given = []
        paper.states = [*paper.states, (state, png)][-HISTORY:]
