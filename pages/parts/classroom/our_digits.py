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
from pages.shared import figures, membership
from pages.shared.figures import percent
from pages.shared.language import _, ngettext, number
from pages.shared.number_columns import whole_percent
from pages.shared.paging import a_page
from pages.shared.probabilities import shown
from pages.shared.tiles import captioned_tiles


def show(room: Room) -> None:
    """All networks in one table, then one of them in detail."""
    rooms = membership.rooms()
    drawings = ClassSet(rooms).all(room)
    if not drawings:
        st.info(
            _(
                "No drawings yet: draw a digit on the Draw page, then add it to the class set with the "
                "buttons "
                "below the answer."
            )
        )
        return
    students = len({drawing.nickname for drawing in drawings})
    st.markdown(
        ngettext(
            "**{drawings}** by {n} student. Who reads them best?",
            "**{drawings}** by {n} students. Who reads them best?",
            students,
            drawings=figures.drawings(len(drawings)),
        )
    )
    networks = class_networks.shipped() + [
        class_networks.of_row(row) for row in board.rows(rooms, room)[: class_networks.MOST]
    ]
    chosen = st.selectbox(
        _("Network"),
        range(len(networks)),
        format_func=lambda i: _titled(networks[i]),
        key="class_network",
    )
    network = networks[chosen]
    figure = class_networks.figure(network, drawings)
    if figure is None:
        st.warning(_("This network is no longer here; choose another."))
        return
    _whole(figure, network)
    left, right = st.columns(2, gap="medium")
    with left:
        _shares(
            _("Digit"), {str(digit): share for digit, share in figure.by_digit.items()}, _("Misses by digit")
        )
    with right:
        _shares(_("Nickname"), figure.by_nickname, _("Misses by nickname"))
    _misses(figure)
    st.subheader(_("All networks that ship"), anchor=False)
    _compare(drawings)


def _titled(network: Network) -> str:
    if network.has_seen:
        return _("{network} (has learnt from these)", network=network.title)
    return network.title


def _whole(figure: ClassFigure, network: Network) -> None:
    whole = figure.whole
    low, high = wilson_interval(whole.n - whole.misses, whole.n)
    with st.container(horizontal=True):
        st.metric(_("Our class"), percent(whole.accuracy), width="content")
        st.metric(_("Misses of {n:,}", n=whole.n), number(whole.misses, ","), width="content")
    st.caption(
        _(
            "Were the class to draw many more digits like these, {low} to {high} of them would be "
            "read (95% interval).",
            low=percent(low),
            high=percent(high),
        )
    )
    if network.has_seen:
        st.warning(
            _(
                "This network has learnt from {drawings} of our class set: its figure here says how well it "
                "remembers, not how well it reads.",
                drawings=figures.drawings(network.has_seen),
            )
        )


def _shares(name: str, shares: dict[str, Share], alt: str) -> None:
    worst_first = sorted(shares.items(), key=lambda item: (-item[1].misses / item[1].n, item[0]))
    table = pd.DataFrame(
        {
            name: [key for key, _share in worst_first],
            _("Misses"): [share.misses for _key, share in worst_first],
            _("Of"): [share.n for _key, share in worst_first],
            _("Right"): [100 * share.accuracy for _key, share in worst_first],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=38 + 35 * min(len(shares), 10),
        column_config={
            # Narrow, that the share is not cut off beside a nickname of twenty letters.
            name: st.column_config.Column(width=105),
            _("Misses"): st.column_config.Column(width=58),
            _("Of"): st.column_config.Column(width=40),
            _("Right"): st.column_config.ProgressColumn(
                format=whole_percent(), min_value=0, max_value=100, width=125
            ),
        },
        alt=alt,
    )


def _misses(figure: ClassFigure) -> None:
    st.subheader(_("Misses, the hardest first"), anchor=False)
    if not figure.misses:
        st.success(_("None: every drawing of the class was read correctly."))
        return
    here = a_page(figure.misses, "class_misses_page")
    captions = [
        f"{miss.drawing.label} → {miss.answer}, {shown(miss.sureness)} {miss.drawing.nickname}"
        for miss in here
    ]
    captioned_tiles([miss.drawing.picture for miss in here], captions, _("Drawing"), size=84)
    st.caption(_("What it is → what was read, how sure the network was, and who drew it."))


def _compare(drawings: Sequence[Drawing]) -> None:
    networks = class_networks.shipped()
    found = zip(networks, class_networks.figures(networks, drawings), strict=True)
    rows = [(network.title, figure.whole) for network, figure in found if figure]
    rows.sort(key=lambda row: row[1].misses)
    lines = [f"| {_('Network')} | {_('Our class')} |", "|---|---|"]
    for title, share in rows:
        wrong = _("{misses:,} of {n:,} wrong", misses=share.misses, n=share.n)
        lines.append(f"| {title} | **{percent(share.accuracy)}** :small[{wrong}] |")
    st.markdown("\n".join(lines))
