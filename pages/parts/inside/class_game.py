"""The class's game on Inside: a student sends a change of their drawing that fools the class's network.

Whether it does is checked on the server (`digitcore.classroom.fooling`); the board of the game is on Class.
"""

import base64
import binascii
from typing import Any

import numpy as np
import streamlit as st

from digitcore.classroom import wall
from digitcore.classroom.fooling import Fooling
from digitcore.errors import ClassError, DigitcoreError
from digitcore.preprocessing import images, normalisation
from pages.shared import canvas, membership, networks
from pages.shared.language import _, number, told

PIXELS = 28 * 28
_SAID, _CLAIMED = "inside_game_said", "inside_game_claimed"


def offered(choice: str) -> dict[str, Any] | None:
    """What the page tells the student of the game, for the network that they look into; None for visitors
    who are no students."""
    try:
        room = membership.room()
        me = membership.student(room)
        if room is None or me is None or not room.draws_digits:
            return None
        name = wall.network_of(room)
        smallest = Fooling(membership.rooms()).smallest(me, wall.identity(name))
    except DigitcoreError:
        return None
    return {
        "title": networks.classifier(name).title,
        "here": choice == name,
        "smallest": None if smallest is None else number(smallest, ".1%"),
        "said": st.session_state.get(_SAID, ""),
    }


def claimed(claim: object) -> None:
    """Keep what a browser claims until `settle`: by then the page has heard of the newest strokes."""
    st.session_state[_CLAIMED] = claim


def settle(sheet: str) -> None:
    """Check what the browser has claimed since, if anything. Call it when the paper has been drawn."""
    if _CLAIMED in st.session_state:
        take(st.session_state.pop(_CLAIMED), sheet)


def take(claim: object, sheet: str) -> None:
    """Check what the browser claims and keep it; what came of it is said with the next `offered`.

    claim: base64 of the drawing and of its change, PIXELS bytes each, from 0 paper to 255 ink. sheet: the
    paper on which it was drawn.
    """
    try:
        room = membership.room()
        me = membership.student(room)
        if room is None or me is None or not room.draws_digits:
            raise ClassError(_("Join a class first: the game is played there."))
        name = wall.network_of(room)
        before, after = _pictures(claim)
        paper = images.decode(canvas.sheet(sheet).png or b"", _("The drawing"))
        size, kept = Fooling(membership.rooms()).send(
            me,
            wall.identity(name),
            networks.classifier(name),
            before,
            after,
            normalisation.read(paper).picture,
        )
        st.session_state[_SAID] = (
            _("It is on your class's board: changed by {share:.1%} of the ink.", share=size)
            if kept
            else _("It counts: changed by {share:.1%} of the ink. Your smallest is smaller.", share=size)
        )
    except DigitcoreError as error:
        st.session_state[_SAID] = told(error)


def _pictures(claim: object) -> tuple[np.ndarray, np.ndarray]:
    try:
        content = base64.b64decode(claim, validate=True) if isinstance(claim, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != 2 * PIXELS:
        raise ClassError(_("A change is two pictures of 28 x 28 pixels; this one is something else."))
    pictures = np.frombuffer(content, np.uint8).reshape(2, 28, 28)
    if not pictures[0].any():
        raise ClassError(_("There is nothing on the paper: draw a digit, then fool it."))
    return pictures[0], pictures[1]
