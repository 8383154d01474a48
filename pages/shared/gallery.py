"""Results of many pictures: the tally, a gallery to correct them in, a table, the download.

File names are foreign text: they are shown by st.text and in table cells, which take nothing for markup.
"""

import base64
from collections.abc import Callable

import pandas as pd
import streamlit as st

from digitcore.results import Result, Results, picture_png
from digitcore.tables import harmless

PAGE = 24
SIDE = 60
LONGEST_NAME = 36
ORDERS = {
    "Least sure first": lambda results: results.least_sure_first(),
    "Not read first": lambda results: sorted(results.items, key=lambda item: item.verdict is not None),
    "As uploaded": lambda results: results.items,
}


@st.fragment
def show(results: Results, clear: Callable[[], None]) -> None:
    """Everything about the results; a correction runs this again and nothing else of the page."""
    names = results.names()
    tally(results)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control("View", ["Gallery", "Table"], default="Gallery", required=True)
        order = st.selectbox("Order", list(ORDERS), width=180)
        st.button(
            "All others are right" if results.tally().right + results.tally().misses else "All are right",
            icon=":material/done_all:",
            on_click=results.confirm_unmarked,
            disabled=not results.tally().unmarked,
            help="Takes each answer that you left alone for the true one, whatever network reads next.",
        )
        st.download_button(
            "CSV",
            lambda: results.csv().encode("utf-8-sig"),  # the mark that makes Excel read UTF-8
            "digits.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button("Clear", icon=":material/delete:", on_click=clear):
            st.rerun()
    items = ORDERS[order](results)
    if view == "Table":
        table(results, items, names)
    else:
        pages = -(-len(items) // PAGE)
        page = st.pagination(pages, key=f"gallery_page_{order}_{pages}") if pages > 1 else 1
        with st.grid(min_column_width=150, border=True, gap="xsmall"):
            for item in items[(page - 1) * PAGE : page * PAGE]:
                with st.container(gap="xsmall"):
                    card(results, item, names[item.number])


def tally(results: Results) -> None:
    """How many were read, and how many answers are right as far as a person has said."""
    counts = results.tally()
    read = counts.right + counts.misses + counts.unmarked
    text = f"**{read:,} read**" + (f", {counts.unread:,} not read" if counts.unread else "") + ". "
    if not counts.right + counts.misses:
        st.markdown(text + "Wrong answer? Choose the right one, and the accuracy is counted.")
        return
    right = counts.right + counts.unmarked
    misses = "1 miss" if counts.misses == 1 else f"{counts.misses:,} misses"
    text += f"**{right:,} of {read:,} right, {misses} ({right / read:.1%})**"
    st.markdown(text + (f" if the {counts.unmarked:,} others are right." if counts.unmarked else "."))


def card(results: Results, item: Result, name: str) -> None:
    """One file: its picture, what the network saw, the answer, the choice of the true class."""
    with st.container(horizontal=True, gap="xsmall"):
        if item.thumbnail:
            st.image(item.thumbnail, width=_fitting(item.thumbnail_size), alt="The picture")
        if item.picture is not None:
            st.image(picture_png(item.picture), width=SIDE, alt="What the network saw")
    if item.verdict:
        mark = {True: " :material/check: right", False: " :material/close: miss", None: ""}
        unsure = "" if item.verdict.accepted else "not sure; "
        st.markdown(
            f"**{results.answer(item)}** · {item.verdict.sureness}{mark[results.is_right(item)]}  \n"
            f":small[{unsure}next: {_second(results, item)}]"
        )
    st.text(name if len(name) <= LONGEST_NAME else f"{name[:14]} … {name[-14:]}")
    if item.error:
        st.text(item.error)
        return
    key = f"truth_{item.number}"
    # The result is what counts; it may have changed in the table, or by the button for all others.
    st.session_state[key] = item.truth if item.truth in results.class_names else None
    st.selectbox(
        f"True class of file {item.number}",
        results.class_names,
        index=None,
        placeholder="Really a …",
        label_visibility="collapsed",
        key=key,
        on_change=lambda: setattr(item, "truth", st.session_state[key]),
    )


def table(results: Results, items: list[Result], names: dict[int, str]) -> None:
    """All files in one table, sortable by each column; only the true class can be edited."""
    frame = pd.DataFrame(
        {
            "Seen": [_data_url(item) for item in items],
            # Harmless, because Streamlit's own button over the table downloads cells as they are.
            "File": [harmless(names[item.number]) for item in items],
            "Answer": [results.answer(item) for item in items],
            "Confidence": [item.verdict and 100 * item.verdict.confidence for item in items],
            "Second guess": [_second(results, item) for item in items],
            "True": [item.truth for item in items],
        }
    )
    if any(item.error for item in items):
        frame["Not read because"] = [item.error for item in items]
    columns = st.column_config
    st.caption("Double-click a cell of the column True to correct an answer; click a heading to sort.")
    # Edits are known by their row's position, so another order is another table.
    key = f"table_{hash(tuple(item.number for item in items))}"

    def correct() -> None:
        for position, edit in st.session_state[key]["edited_rows"].items():
            if edit.get("True") in (None, *results.class_names):
                items[position].truth = edit.get("True")

    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        placeholder="",
        row_height=44,
        disabled=[name for name in frame if name != "True"],
        column_config={
            "Seen": columns.ImageColumn("Seen", help="What the network saw", width=50),
            "Confidence": columns.NumberColumn(format="%.1f %%"),
            "True": columns.SelectboxColumn(
                "True", options=results.class_names, help="Choose it where the answer is wrong"
            ),
        },
        on_change=correct,
    )


def _second(results: Results, item: Result) -> str | None:
    verdict = item.verdict
    return verdict and f"{results.class_names[verdict.second]} ({verdict.second_confidence:.1%})"


def _fitting(size: tuple[int, int]) -> int:
    """Width in pixels that makes a picture of this size fit a square of SIDE."""
    width, height = size
    return max(1, round(SIDE * width / max(width, height)))


def _data_url(item: Result) -> str | None:
    if item.picture is None:
        return None
    return "data:image/png;base64," + base64.b64encode(picture_png(item.picture)).decode()
