"""What a class sees on its projector: how to join, who has joined, what they draw, and its challenges. It
shows no secret.

It opens in its own window, at an address with the class's invitation but not the teacher's key.
"""

import base64
import html
from urllib.parse import urlsplit

import streamlit as st
from streamlit import net_util

from digitcore.classroom import qr_code
from digitcore.classroom.classes import Room
from digitcore.classroom.students import Students
from digitcore.errors import ClassError
from pages.parts.classroom import challenges, wall
from pages.shared import membership
from pages.shared.language import N_, _, told

PARAMETER, VALUE = "view", "projection"
LOOPBACK = ("localhost", "127.0.0.1")
REFRESH_SECONDS = 2.0
# The code must be readable from the last row: 120 px or more. Streamlit's own frame is hidden.
STYLE = """<style>
[data-testid=stHeader], [data-testid=stToolbar] {display:none}
[data-testid=stMainBlockContainer] {max-width:none; padding:1rem 2rem}
.joining {display:grid; grid-template-columns:1fr minmax(260px, min(34vw, 46vh)); gap:2rem;
  align-items:center}
.joining .code {font-size:clamp(120px, 11vw, 16vh); line-height:1.02; font-weight:700;
  font-family:ui-monospace, Consolas, "Courier New", monospace; letter-spacing:.06em}
.joining .address {font-size:1.6rem; overflow-wrap:anywhere; margin:0 0 .5rem}
.joining img {width:100%; display:block; border-radius:8px}
.joined {display:flex; flex-wrap:wrap; gap:.5rem; font-size:1.5rem; margin:.5rem 0}
.joined span {border:2px solid #7C8997; border-radius:2rem; padding:.1rem .9rem; overflow-wrap:anywhere}
.st-key-projection_challenges :is(h3, td, th, .changes p) {font-size:1.4rem}
@media (max-width:900px) {.joining {grid-template-columns:1fr} .joining img {max-width:360px}}
</style>"""
BOTH, WALL, CHALLENGES = N_("Code and wall"), N_("Wall alone"), N_("The challenges")


def is_wanted() -> bool:
    """Whether the page's address asks for the projection."""
    return st.query_params.get(PARAMETER) == VALUE


def address(room: Room) -> str:
    """The address of the projection."""
    return f"{join_address(room)}&{PARAMETER}={VALUE}"


def join_address(room: Room) -> str:
    """The address at which students join, by the QR code for example."""
    return f"{_site()}?{membership.PARAMETER}={room.invitation}"


def _site() -> str:
    """The page's address as other devices reach it: if it was opened as localhost on this very machine, this
    machine's address in the local network."""
    url = st.context.url or ""
    host = urlsplit(url).hostname
    here = net_util.get_internal_ip() if host in LOOPBACK else None
    return url.replace(host, here, 1) if here else url


def show(room: Room) -> None:
    """The whole page."""
    st.html(STYLE)
    which = st.segmented_control(
        _("Show"),
        [BOTH, WALL, *([CHALLENGES] if room.draws_digits else [])],
        default=BOTH,
        format_func=_,
        required=True,
        key="projection_show",
        label_visibility="collapsed",
    )
    if which == BOTH:
        _joining(room)
    if which == CHALLENGES:
        with st.container(key="projection_challenges"):
            challenges.show(room, None, projected=True)
        return
    st.fragment(_joined, run_every=REFRESH_SECONDS)(room.code)
    wall.show(room, size=84, key="projection_wall")


def _joining(room: Room) -> None:
    site = html.escape(_site().partition("://")[2])
    opening = _("Open {address} and type", address=f"<b>{site}</b>")
    label, alt = html.escape(_("Code of the class")), html.escape(_("QR code that opens the class"))
    code = "<br>".join(room.code.split())
    square = base64.b64encode(qr_code.svg(join_address(room)).encode()).decode()
    st.html(
        f'<div class="joining"><div><p class="address">{opening}</p>'
        f'<div class="code" aria-label="{label}: {room.code}">{code}</div></div>'
        f'<img alt="{alt}" src="data:image/svg+xml;base64,{square}"></div>'
    )


def _joined(code: str) -> None:
    try:
        rooms = membership.rooms()
        students = Students(rooms).of(rooms.find(code))
    except ClassError as error:
        st.warning(told(error))
        return
    names = "".join(f"<span>{html.escape(student.nickname)}</span>" for student in students)
    who = f"<b>{_('{n} here:', n=len(students))}</b>" if students else _("Nobody has joined yet.")
    st.html(f'<div class="joined" aria-label="{html.escape(_("Who has joined"))}">{who}{names}</div>')
