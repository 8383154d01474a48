"""On Train, for students of a class: a run may also learn from the class set."""

import numpy as np
import streamlit as st

from digitcore.classroom import board
from digitcore.classroom.drawings import ClassSet
from digitcore.errors import ClassError
from digitcore.runs import extra_digits
from pages.shared import membership
from pages.shared.figures import drawings as drawings_text
from pages.shared.language import _, told

CHOSEN = "train_class_set"


def offer(dataset: str) -> None:
    """A switch, shown to students whose class has drawn something."""
    if dataset != board.DATASET:
        return
    try:
        room = membership.room()
        takes = room is not None and room.draws_digits and membership.student(room) is not None
        count = ClassSet(membership.rooms()).count(room) if takes else 0
    except ClassError as error:
        st.caption(told(error))
        return
    if count:
        st.toggle(
            _("Also our class's {drawings}", drawings=drawings_text(count)),
            key=CHOSEN,
            persist_state="session",
            help=_(
                "Uses the class set as it is now. The board then marks the run's score on it, because the "
                "network has seen these digits."
            ),
        )


def snapshot(dataset: str) -> bytes | None:
    """The class set as it is now, for a run that is about to start; None if it was not asked for."""
    if dataset != board.DATASET or not st.session_state.get(CHOSEN):
        return None
    room = membership.room()
    if room is None or not room.draws_digits or membership.student(room) is None:
        return None
    drawings = ClassSet(membership.rooms()).all(room)
    if not drawings:
        return None
    images = np.stack([drawing.picture for drawing in drawings])
    return extra_digits.pack(images, [drawing.label for drawing in drawings], room.id)


def learnt(card: dict) -> str:
    """What a finished run's caption says about it: "and 12 drawings of a class set"; "" for other runs."""
    count = card.get("extra_digits", {}).get("n", 0)
    return _("and {drawings} of a class set", drawings=drawings_text(count)) if count else ""
