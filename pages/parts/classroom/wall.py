"""The wall, redrawn every few seconds: everybody's digits, each with what the class's network says."""

import html
import threading
from collections import OrderedDict

import streamlit as st

from digitcore.classroom import wall
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.wall import Tile
from digitcore.errors import ClassError, DigitcoreError
from pages.parts.classroom import networks
from pages.parts.classroom.networks import Network
from pages.shared import figures, membership
from pages.shared.language import _, current, told
from pages.shared.run_list import as_typed
from pages.shared.tiles import picture

REFRESH_SECONDS = 2.0
# The most tiles shown, in all and per group. Each takes some 400 bytes.
MOST, MOST_OF_A_GROUP = 240, 60
# A miss is shown by its words, its edge and its mark, never by colour alone.
STYLE = """<style>
.wall{display:flex;flex-wrap:wrap;gap:10px 8px}
.wall h4{flex-basis:100%;margin:10px 0 0;padding:0;font-size:1.1rem}
.wall figure{margin:0}
.wall figcaption{text-align:center;font-size:.8125rem;line-height:1.25;overflow-wrap:anywhere}
.wall .miss img{outline:3px solid #D55E00}
.wall .miss b{color:light-dark(#A84300,#FF9A4D)}
</style>"""


class _Made:
    """Walls as HTML, built once for all viewers of a language; safe to share between threads.

    Of each only the newest is kept, up to 280 kB: a class of thirty makes a new one every three seconds.
    """

    def __init__(self, most: int = 32) -> None:
        self.most = most
        self._known: OrderedDict[tuple, tuple[tuple[int, ...], str]] = OrderedDict()
        self._mutex = threading.Lock()

    def of(self, room: Room, network: Network | None, order: str, size: int) -> str:
        drawings = ClassSet(membership.rooms())
        identity = network.identity if network else ""
        view, version = (room.id, identity, order, size, current()), drawings.version(room)
        with self._mutex:
            of_version, made = self._known.get(view, (None, ""))
            if of_version == version:
                self._known.move_to_end(view)
                return made
        listed = drawings.all(room)
        made = ""
        if listed:
            answers, known = None, ()
            if network:
                known = network.class_names
                answers = networks.READER.answers(identity, network.load, listed, known)
            made = _html(wall.tiles(listed, room.class_names, answers, known), order, size)
        with self._mutex:
            self._known[view] = version, made
            self._known.move_to_end(view)
            while len(self._known) > self.most:
                self._known.popitem(last=False)
        return made


_MADE = _Made()


def show(room: Room, size: int = 56, key: str = "wall") -> None:
    """The wall and the choice of its order. size: side of a drawing in pixels."""
    order = st.segmented_control(
        _("Arrange the wall"),
        wall.orders(room, networks.of_wall(room) is not None),
        default=wall.NEWEST,
        format_func=told,
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    st.fragment(_wall, run_every=REFRESH_SECONDS)(room.code, order, size)


def _wall(code: str, order: str, size: int) -> None:
    try:
        room = membership.rooms().find(code)
        network = networks.of_wall(room)
        made = _MADE.of(room, network, order, size)
    except ClassError as error:
        st.warning(told(error))
        return
    except DigitcoreError as error:  # its model
        st.error(told(error))
        return
    if made:
        st.html(STYLE + made)
    elif order == wall.WRONG and ClassSet(membership.rooms()).count(room):
        st.success(_("Nothing misread so far."))
    else:
        st.info(_("Nothing here yet: the first drawing appears as soon as somebody sends it."))
    if network is None:
        st.caption(
            _(
                "No network reads these symbols yet: a student makes a data set of them under *Our symbols* "
                "and trains on it. The first network that has learnt them reads this wall."
            )
        )
        return
    about = _(
        "Read by **{title}**. Below each: what was read, or what was drawn → what was read.",
        title=as_typed(network.title),
    )
    if not room.draws_digits:
        about += " " + _("It has learnt from drawings of this class: what counts are those that came later.")
    st.caption(about)


def _html(tiles: list[Tile], order: str, size: int) -> str:
    """ "" if the order leaves no drawing."""
    most = MOST if order == wall.NEWEST else MOST_OF_A_GROUP
    parts = []
    for heading, group in wall.arranged(tiles, order).items():
        missed = sum(tile.missed for tile in group)
        if heading:
            is_read = order != wall.WRONG and group[0].answer is not None
            about = f", {_('{n} misread', n=missed)}" if is_read else ""
            parts.append(f"<h4>{html.escape(told(heading))} · {figures.drawings(len(group))}{about}</h4>")
        parts += [_figure(tile, size) for tile in group[:most]]
        if len(group) > most:
            parts.append(f"<h4>{_('… and {n:,} earlier ones', n=len(group) - most)}</h4>")
    return f'<div class="wall">{"".join(parts)}</div>' if parts else ""


def _figure(tile: Tile, size: int) -> str:
    label, nickname = html.escape(tile.label), html.escape(tile.drawing.nickname)
    said = f"<b>✗ {label} → {html.escape(tile.answer)}</b>" if tile.missed else label
    if tile.answer is None:
        alt = _("{label} by {nickname}", label=tile.label, nickname=tile.drawing.nickname)
    else:
        alt = _(
            "{label} by {nickname}, read as {answer}",
            label=tile.label,
            nickname=tile.drawing.nickname,
            answer=tile.answer,
        )
    return (
        f'<figure class="{"miss" if tile.missed else "right"}" style="width:{size}px">'
        f"{picture(tile.drawing.picture, alt, size)}<figcaption>{said}<br>{nickname}</figcaption></figure>"
    )
