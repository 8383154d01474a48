"""Drawings of the class set, each with a button that removes it."""

from collections.abc import Callable, Sequence

import streamlit as st

from digitcore.classroom.drawings import Drawing
from pages.shared.language import _
from pages.shared.paging import a_page
from pages.shared.tiles import captioned_tiles


def show(
    drawings: Sequence[Drawing], class_names: Sequence[str], remove: Callable[[int], None], key: str
) -> None:
    """Newest first. class_names: what the labels mean. remove: called with a drawing's id."""
    here = a_page(list(reversed(drawings)), f"{key}_page")
    with st.grid(min_column_width=104, gap="small"):
        for drawing in here:
            with st.container(gap=None):
                captioned_tiles(
                    [drawing.picture],
                    [f"{class_names[drawing.label]} {drawing.nickname}"],
                    _("Drawing"),
                    size=84,
                )
                st.button(
                    _("Remove"),
                    type="tertiary",
                    icon=":material/delete:",
                    key=f"{key}_{drawing.id}",
                    on_click=remove,
                    args=(drawing.id,),
                )
