"""The class set as a test: how well each network reads the class's own drawings, and whose it misreads."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from digitcore.classroom import board
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet, Drawing
from digitcore.classroom.scores import ClassFigure, Share
from digitcore.evaluation.metrics import wilson_interval
from pages.parts.classroom import networks as class_networks
from pages.parts.classroom.networks import Network
from pages.shared import membership
from pages.shared.figures import counted, percent
from pages.shared.paging import a_page
from pages.shared.tiles import captioned_tiles


def show(room: Room) -> None:
    """All networks in one table, then one of them in detail."""
    rooms = membership.rooms()
    drawings = ClassSet(rooms).all(room)
    if not drawings:
        st.info(
            "No drawings yet: draw a digit on the Draw page, then add it to the class set with the buttons "
            "below the answer."
        )
        return
    students = len({drawing.nickname for drawing in drawings})
    st.markdown(
        f"**{counted(len(drawings), 'drawing')}** by {counted(students, 'student')}. Who reads them best?"
    )
    networks = class_networks.shipped() + [
        class_networks.of_row(row) for row in board.rows(rooms, room)[: class_networks.MOST]
    ]
    chosen = st.selectbox(
        "Network",
        range(len(networks)),
        format_func=lambda i: networks[i].title + " (has learnt from these)" * bool(networks[i].has_seen),
        key="class_network",
    )
    network = networks[chosen]
    figure = class_networks.figure(network, drawings)
    if figure is None:
        st.warning("This network is no longer here; choose another.")
        return
    _whole(figure, network)
    left, right = st.columns(2, gap="medium")
    with left:
        _shares("Digit", {str(digit): share for digit, share in figure.by_digit.items()})
    with right:
        _shares("Nickname", figure.by_nickname)
    _misses(figure)
    st.subheader("All networks that ship", anchor=False)
    _compare(drawings)


def _whole(figure: ClassFigure, network: Network) -> None:
    whole = figure.whole
    low, high = wilson_interval(whole.n - whole.misses, whole.n)
    with st.container(horizontal=True):
        st.metric("Our class", percent(whole.accuracy), width="content")
        st.metric(f"Misses of {whole.n:,}", f"{whole.misses:,}", width="content")
    st.caption(
        f"Were the class to draw many more digits like these, {percent(low)} to {percent(high)} of them "
        "would be read (95% interval)."
    )
    if network.has_seen:
        st.warning(
            f"This network has learnt from {counted(network.has_seen, 'drawing')} of our class set: its "
            "figure here says how well it remembers, not how well it reads."
        )


def _shares(name: str, shares: dict[str, Share]) -> None:
    worst_first = sorted(shares.items(), key=lambda item: (-item[1].misses / item[1].n, item[0]))
    table = pd.DataFrame(
        {
            name: [key for key, _ in worst_first],
            "Misses": [share.misses for _, share in worst_first],
            "Of": [share.n for _, share in worst_first],
            "Right": [100 * share.accuracy for _, share in worst_first],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=38 + 35 * min(len(shares), 10),
        column_config={
            # Narrow, that the share is not cut off beside a nickname of twenty letters.
            name: st.column_config.Column(width=105),
            "Misses": st.column_config.Column(width=58),
            "Of": st.column_config.Column(width=40),
            "Right": st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100, width=125),
        },
        alt=f"Misses by {name.lower()}",
    )


def _misses(figure: ClassFigure) -> None:
    st.subheader("Misses, the hardest first", anchor=False)
    if not figure.misses:
        st.success("None: every drawing of the class was read correctly.")
        return
    here = a_page(figure.misses, "class_misses_page")
    captions = [
        f"{miss.drawing.label} → {miss.answer}, {miss.sureness:.0%} {miss.drawing.nickname}" for miss in here
    ]
    captioned_tiles([miss.drawing.picture for miss in here], captions, "Drawing", size=84)
    st.caption("What it is → what was read, how sure the network was, and who drew it.")


def _compare(drawings: Sequence[Drawing]) -> None:
    networks = class_networks.shipped()
    found = zip(networks, class_networks.figures(networks, drawings), strict=True)
    rows = [(network.title, figure.whole) for network, figure in found if figure]
    rows.sort(key=lambda row: row[1].misses)
    lines = ["| Network | Our class |", "|---|---|"]
    lines += [
        f"| {title} | **{percent(s.accuracy)}** :small[{s.misses:,} of {s.n:,} wrong] |" for title, s in rows
    ]
    st.markdown("\n".join(lines))
