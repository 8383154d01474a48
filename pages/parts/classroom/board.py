"""The board as the class sees it, redrawn every few seconds."""

import streamlit as st

from digitcore.classroom import board
from digitcore.classroom.board import Row, Score
from digitcore.classroom.classes import Room
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.scores import ClassFigure, Share
from digitcore.classroom.students import Student
from digitcore.errors import ClassError
from pages.parts.classroom import networks
from pages.shared import membership
from pages.shared.figures import percent
from pages.shared.language import N_, _, told
from pages.shared.run_list import as_typed

REFRESH_SECONDS = 10.0
MOST = networks.MOST
BEST, ALL = N_("Best of each"), N_("All runs")


def show(room: Room, me: Student | None) -> None:
    """The board, and what its ranking is based on."""
    which = st.segmented_control(
        _("Runs on the board"),
        [BEST, ALL],
        default=BEST,
        format_func=_,
        required=True,
        label_visibility="collapsed",
    )
    st.fragment(_board, run_every=REFRESH_SECONDS)(room.code, me.nickname if me else None, which)


def _board(code: str, mine: str | None, which: str) -> None:
    rooms = membership.rooms()
    try:
        room = rooms.find(code)
        drawings = ClassSet(rooms).all(room)
    except ClassError as error:
        st.warning(told(error))
        return
    rows = board.rows(rooms, room)
    if not rows:
        st.info(
            _("No run yet: train a network on MNIST, on the Train page, and it appears here when it is done.")
        )
        return
    shown = _best_of_each(rows) if which == BEST else rows
    figures = networks.figures([networks.of_row(row) for row in shown[:MOST]], drawings)
    table(shown[:MOST], figures, mine, bool(drawings))
    if len(shown) > MOST:
        st.caption(_("The best {most} of {shown:,} runs.", most=MOST, shown=len(shown)))
    if room.revealed:
        st.caption(
            _(
                "Ranked by test accuracy, which your teacher has revealed; in brackets the place by "
                "validation accuracy, where it differs."
            )
        )
    else:
        st.caption(
            _(
                "Ranked by validation accuracy: the test digits are for the end, when your teacher reveals "
                "them. "
                "Choosing a network by its test digits would be like letting it practise on them."
            )
        )
    if any(row.class_digits for row in shown[:MOST]):
        st.caption(_("† has learnt from drawings in our class set, so its score on them proves nothing."))
    if room.runs_until is not None:
        st.caption(_("Your teacher has closed the board: new runs do not appear on it."))


def table(rows: list[Row], figures: list[ClassFigure | None], mine: str | None, has_set: bool) -> None:
    """Markdown table of place, student, network and accuracies; a student's own runs are marked."""
    revealed = any(row.test for row in rows)
    head = [
        "#",
        _("Run"),
        *([_("Test")] if revealed else []),
        _("Validation"),
        *([_("Our class")] if has_set else []),
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row, figure in zip(rows, figures, strict=True):
        who = f"**{as_typed(row.nickname)}**" + (f" {_('(you)')}" if row.nickname == mine else "")
        network = "" if row.name.startswith(row.architecture) else f"{row.architecture}, "
        size = _("{n:,} parameters", n=row.parameters)
        what = f":small[{as_typed(row.name)} · {network}{size}]"
        place = f"{row.place}" + f" :small[({row.by_validation})]" * (row.place != row.by_validation)
        cells = [place, f"{who} {what}"]
        cells += [_score(row.test)] if revealed else []
        # Without misses once the test is shown: four columns would not fit on a phone.
        cells += [percent(row.validation.accuracy) if revealed else _score(row.validation)]
        cells += [_class_score(row, figure)] if has_set else []
        lines.append(f"| {' | '.join(cells)} |")
    st.markdown("\n".join(lines))


def _best_of_each(rows: list[Row]) -> list[Row]:
    best: dict[str, Row] = {}
    for row in rows:
        best.setdefault(row.nickname, row)
    return list(best.values())


def _score(score: Score | None) -> str:
    if score is None:
        return ""
    return f"**{percent(score.accuracy)}** :small[{_wrong(score)}]"


def _wrong(score: Score | Share) -> str:
    return _("{misses:,} of {n:,} wrong", misses=score.misses, n=score.n)


def _class_score(row: Row, figure: ClassFigure | None) -> str:
    if figure is None:
        return "…"
    share, mark = figure.whole, "†" * bool(row.class_digits)
    return f"**{percent(share.accuracy)}**{mark} :small[{_wrong(share)}]"
