"""What a class has drawn of each of its symbols, and the data set that networks learn from."""

from collections import Counter

import streamlit as st

from digitcore.classroom import export
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.datasets.collecting import building
from digitcore.errors import DigitcoreError
from pages.shared import made_sets, membership
from pages.shared.language import _, ngettext, told
from pages.shared.run_list import as_typed

LEAST_SYMBOLS = 2


def show(room: Room) -> None:
    """How many drawings of each symbol there are, and the way to a network of one's own that reads them."""
    counts = Counter(drawing.label for drawing in ClassSet(membership.rooms()).all(room))
    lines = [f"| {_('Symbol')} | {_('Drawings')} |", "|---|---:|"]
    lines += [f"| **{as_typed(name)}** | {counts[label]} |" for label, name in enumerate(room.class_names)]
    st.markdown("\n".join(lines))
    data_set(room, [counts[label] for label in range(len(room.class_names))])
    st.caption(
        _(
            "The board and the challenges compare networks that read digits. A class that draws symbols has "
            "its wall, which the best of its students' networks reads."
        )
    )


def data_set(room: Room, counts: list[int]) -> None:
    """A button that makes a data set of the class's drawings, as they are now. counts: drawings of each
    symbol."""
    enough = sum(count >= building.LEAST for count in counts)
    st.subheader(_("Teach a network our symbols"), anchor=False)
    if enough < LEAST_SYMBOLS:
        st.info(
            _(
                "Draw first: a network can learn from {least} drawings each of at least two symbols.",
                least=building.LEAST,
            )
        )
        return
    if st.button(_("Make a data set of our drawings"), type="primary", icon=":material/dataset:"):
        try:
            archive, names = export.to_learn(ClassSet(membership.rooms()), room, building.LEAST)
            title = _("Drawn by {code}", code=room.code)
            made_sets.make([("our-class.zip", archive)], title, names=names, drawn_by=room.id)
        except DigitcoreError as error:
            st.error(told(error))
        else:
            st.switch_page("pages/data.py")
    missing = len(counts) - enough
    left_out = ngettext(
        "{n} symbol has too few drawings yet and is left out.",
        "{n} symbols have too few drawings yet and are left out.",
        missing,
    )
    about = _(
        "It is yours, with the drawings of this moment. Train offers it; a network that has learnt from it "
        "reads these symbols on Draw and Upload."
    )
    st.caption(f"{about} {left_out}" if missing else about)
