"""Drawings of the class set, each with a button that removes it."""

from collections.abc import Callable, Sequence

import streamlit as st

from digitcore.class_drawings import Drawing
from pages.shared.tiles import captioned_tiles

A_PAGE = 24


def show(drawings: Sequence[Drawing], remove: Callable[[int], None], key: str) -> None:
    """The newest first. remove: called with a drawing's id."""
    newest = list(reversed(drawings))
    pages = -(-len(newest) // A_PAGE)
    page = st.pagination(pages, key=f"{key}_page_{pages}") if pages > 1 else 1
    with st.grid(min_column_width=104, gap="small"):
        for drawing in newest[(page - 1) * A_PAGE : page * A_PAGE]:
            with st.container(gap=None):
                captioned_tiles(
                    [drawing.picture], [f"{drawing.label} {drawing.nickname}"], "Drawing", size=84
                )
                st.button(
                    "Remove",
                    type="tertiary",
                    icon=":material/delete:",
                    key=f"{key}_{drawing.id}",
                    on_click=remove,
                    args=(drawing.id,),
                )
