"""The class's two challenges: the smallest network that reads our class, and the smallest change that fools
the network of the class. Redrawn every few seconds."""

import html

import streamlit as st

from digitcore.classroom import board, smallest
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.fooling import Change, Fooling
from digitcore.classroom.smallest import GOAL, LEAST_DRAWINGS, Entry
from digitcore.classroom.students import Student
from digitcore.errors import ClassError, DigitcoreError
from pages.parts.classroom import networks
from pages.shared import links, membership
from pages.shared.figures import drawings as counted_drawings
from pages.shared.figures import percent
from pages.shared.language import _, number, told
from pages.shared.run_list import as_typed
from pages.shared.tiles import picture

REFRESH_SECONDS = 10.0
SMALL, LARGE = 64, 112  # sides of a picture, in pixels
MOST = 40  # changes that are shown; two pictures each
# A row is as wide as its pictures; names may be long.
STYLE = """<style>
.changes{display:flex;flex-wrap:wrap;gap:16px 20px;list-style:none;padding:4px!important;margin:0}
.changes li{width:calc(2 * var(--side) + 8px);margin:0!important;padding:0!important}
.changes div{display:flex;gap:8px;align-items:center}
.changes p{margin:4px 0 0;font-size:.875rem;line-height:1.3;overflow-wrap:anywhere}
.changes .own{outline:3px solid #0072B2;outline-offset:4px;border-radius:4px}
</style>"""


def show(room: Room, me: Student | None, teacher: str | None = None, projected: bool = False) -> None:
    """Both boards. teacher: the teacher's key, for whom changes can be removed. projected: nobody clicks, and
    the pictures are larger."""
    mine = me.nickname if me else None
    st.fragment(_boards, run_every=REFRESH_SECONDS)(room.code, mine, teacher, projected)


def _boards(code: str, mine: str | None, teacher: str | None, projected: bool) -> None:
    try:
        room = membership.rooms().find(code)
        st.subheader(_("The smallest network that reads our class at {share:.0%}", share=GOAL), anchor=False)
        _networks(room, mine)
        network = networks.of_wall(room)
        st.subheader(_("The smallest change that fools {network}", network=network.title), anchor=False)
        changes = Fooling(membership.rooms()).all(room, network.identity)
        _changes(changes, mine, LARGE if projected else SMALL)
        if teacher:
            _removing(changes, teacher)
        elif not projected:
            links.to_inside()
    except DigitcoreError as error:
        st.warning(told(error))


def _networks(room: Room, mine: str | None) -> None:
    rooms = membership.rooms()
    drawings = ClassSet(rooms).all(room)
    if len(drawings) < LEAST_DRAWINGS:
        st.info(
            _(
                "Draw first: the challenge begins when our class set has {least} drawings; it has {n}.",
                least=LEAST_DRAWINGS,
                n=len(drawings),
            )
        )
        return
    rows = sorted(
        (row for row in board.rows(rooms, room) if not row.class_digits),
        key=lambda row: (row.validation.accuracy < GOAL, row.parameters),
    )[: networks.MOST]
    entries = smallest.ranked(rows, networks.figures([networks.of_row(row) for row in rows], drawings))
    if not entries:
        st.info(
            _("No network yet: train a small one on the Train page, and it appears here when it is done.")
        )
    else:
        _table(entries, mine, room.revealed)
    about = _(
        "Each student's best, on our class set: {drawings}. A network that has learnt from them does not "
        "take part.",
        drawings=counted_drawings(len(drawings)),
    )
    test = "" if room.revealed else _("The test is for the end: your teacher reveals it.")
    st.caption(f"{about} {test}".strip())


def _table(entries: list[Entry], mine: str | None, revealed: bool) -> None:
    head = ["#", _("Run"), _("Parameters"), _("Our class")]  # more columns would not fit on a phone
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for entry in entries:
        row = entry.row
        who = f"**{as_typed(row.nickname)}**" + (" " + _("(you)") if row.nickname == mine else "")
        measured = _("validation {share}", share=percent(row.validation.accuracy))
        if revealed and row.test:
            measured += ", " + _("test {share}", share=percent(row.test.accuracy))
        what = f":small[{as_typed(row.name)} · {row.architecture}, {measured}]"
        misses = _("{n:,} wrong", n=entry.share.misses)
        share = f"**{percent(entry.share.accuracy)}** :small[{misses}]"
        cells = [
            "–" if entry.place is None else f"{entry.place}",
            f"{who} {what}",
            number(row.parameters, ",") if entry.place is None else f"**{number(row.parameters, ',')}**",
            share,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    st.markdown("\n".join(lines))


def _changes(changes: list[Change], mine: str | None, side: int) -> None:
    if changes:
        figures = "".join(
            _figure(place, change, mine, side) for place, change in enumerate(changes[:MOST], 1)
        )
        st.html(f'{STYLE}<ol class="changes" style="--side:{side}px">{figures}</ol>')
    else:
        st.info(
            _(
                "Nobody yet: draw a digit, look inside the network, open *Fool it*, and send your smallest "
                "change."
            )
        )
    st.caption(
        _(
            "Each student's smallest change: the drawing as it was, and as it was changed. The server has "
            "asked the network about both; the size is the ink added and taken away, as a share of the ink "
            "before."
        )
    )


def _figure(place: int, change: Change, mine: str | None, side: int) -> str:
    is_own = change.nickname == mine
    who = html.escape(change.nickname + (" " + _("(you)") if is_own else ""))
    drawn = _("{label} as drawn by {nickname}", label=str(change.label), nickname=change.nickname)
    read = _("{label} read as {answer}", label=str(change.label), answer=str(change.answer))
    before, after = picture(change.before, drawn, side), picture(change.after, read, side)
    own = ' class="own"' if is_own else ""
    return (
        f"<li{own}><div>{before}{after}</div><p><b>{place}. {number(change.size, '.1%')}</b> "
        f"{who}<br>{html.escape(read)}</p></li>"
    )


def _removing(changes: list[Change], teacher: str) -> None:
    if not changes:
        return
    named = {change.id: f"{change.nickname}, {number(change.size, '.1%')}" for change in changes}
    with st.popover(_("Remove one"), icon=":material/delete:"):
        chosen = st.selectbox(_("Change"), list(named), format_func=named.get, key="class_change")
        st.button(_("Remove the change"), type="primary", on_click=_remove, args=(teacher, chosen))


def _remove(teacher: str, change: int) -> None:
    rooms = membership.rooms()
    try:
        Fooling(rooms).remove(rooms.of_teacher(teacher), change)
    except ClassError as error:
        st.session_state["class_teacher_problem"] = told(error)
