"""A long list, one page at a time."""

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

A_PAGE = 24

Items = TypeVar("Items", bound=Sequence)  # or a NumPy array


def a_page(items: Items, key: str) -> Items:
    """The items on the page chosen under `key`; if one page holds all, there is no choice."""
    pages = -(-len(items) // A_PAGE)
    # The number of pages is part of the key: a list that shrank may no longer have the page last shown.
    page = st.pagination(pages, key=f"{key}_{pages}") if pages > 1 else 1
    return items[(page - 1) * A_PAGE : page * A_PAGE]
