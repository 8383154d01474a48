"""Results for many pictures: the tally, a gallery in which to correct them, the download.

File names are untrusted text: they are shown by st.text and in table cells, which interpret no markup.
"""

from collections.abc import Callable

import streamlit as st

from digitcore.networks.classifier import Classifier
from digitcore.reading.results import Result, Results, picture_png
from pages.parts.upload import answers, details, result_table
from pages.shared import left_out, spoken
from pages.shared.language import N_, _, ngettext, told
from pages.shared.paging import a_page
from pages.shared.run_list import as_typed

SIDE = 60
LONGEST_NAME = 36
GALLERY, TABLE = N_("Gallery"), N_("Table")
ORDERS = {
    N_("Least sure first"): lambda results: results.least_sure_first(),
    N_("Not read first"): lambda results: sorted(results.items, key=lambda item: item.verdict is not None),
    N_("As uploaded"): lambda results: results.items,
}


@st.fragment
def show(results: Results, network: Classifier, polarity: str, clear: Callable[[], None]) -> None:
    """Everything about a network's results; a correction reruns this fragment, not the rest of the page.

    polarity: how a picture that is turned is read again.
    """
    names = results.names()
    tally(results)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            _("View"), [GALLERY, TABLE], default=GALLERY, format_func=_, required=True
        )
        order = st.selectbox(_("Order"), list(ORDERS), format_func=_, width=180)
        st.button(
            _("All others are right")
            if results.tally().right + results.tally().misses
            else _("All are right"),
            icon=":material/done_all:",
            on_click=results.confirm_unmarked,
            disabled=not results.tally().unmarked,
            help=_(
                "Counts each answer that you did not correct as the true one, even if another network "
                "reads next."
            ),
        )
        st.download_button(
            "CSV",
            lambda: results.csv().encode("utf-8-sig"),  # the mark that makes Excel read UTF-8
            "digits.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button(_("Clear"), icon=":material/delete:", on_click=clear):
            st.rerun()
    items = ORDERS[order](results)
    if view == TABLE:
        result_table.show(results, items, names, network)
    else:
        here = a_page(items, f"gallery_page_{order}")
        with st.grid(min_column_width=150, border=True, gap="xsmall"):
            for item in here:
                with st.container(gap="xsmall"):
                    card(results, item, names[item.number], network, polarity)


def newest(results: Results) -> None:
    """The answer to the last file, large; it is read out too."""
    item = results.items[-1]
    name = results.names()[item.number]
    if item.digits:
        st.subheader(answers.summary(results, item), anchor=False)
        spoken.say(f"{name}: {answers.one_line(results.text(item)) or told(item.verdict.text)}", "upload")
    else:
        st.subheader(_("Not read"), anchor=False)
        st.text(told(item.error))
        spoken.say(f"{name}: {told(item.error)}", "upload")
    st.caption(as_typed(name))


def tally(results: Results) -> None:
    """How many were read, and how many answers are right, as far as people have said."""
    counts = results.tally()
    read = counts.right + counts.misses + counts.unmarked
    text = (
        _("**{n:,} read**, {unread:,} not read.", n=read, unread=counts.unread)
        if counts.unread
        else _("**{n:,} read**.", n=read)
    )
    if not read:  # there is nothing that could be right or wrong
        st.markdown(text)
        return
    if not counts.right + counts.misses:
        st.markdown(text + " " + _("Is an answer wrong? Choose the right one to count the accuracy."))
        return
    right = counts.right + counts.unmarked
    score = ngettext(
        "**{right:,} of {read:,} right, {n:,} miss ({share:.1%})**",
        "**{right:,} of {read:,} right, {n:,} misses ({share:.1%})**",
        counts.misses,
        right=right,
        read=read,
        share=right / read,
    )
    rest = _(" if the {n:,} others are right.", n=counts.unmarked) if counts.unmarked else "."
    st.markdown(f"{text} {score}{rest}")


def card(results: Results, item: Result, name: str, network: Classifier, polarity: str) -> None:
    """One file: its picture, what the network saw, the answer, the choice of the true one, and the
    details."""
    with st.container(horizontal=True, gap="xsmall"):
        if item.thumbnail:
            # A number takes the room of both pictures, so that its digits can be seen.
            side = 2 * SIDE if len(item.digits) > 1 else SIDE
            st.image(item.thumbnail, width=_fitting(item.thumbnail_size, side), alt=_("The picture"))
        if len(item.digits) == 1:
            st.image(picture_png(item.picture), width=SIDE, alt=_("What the network saw"))
    if item.digits:
        mark = {
            True: f" :material/check: {_('right')}",
            False: f" :material/close: {_('miss')}",
            None: "",
        }
        note = answers.note(results, item)
        st.markdown(
            f"{answers.summary(results, item)}{mark[results.is_right(item)]}"
            + (f"  \n:small[{note}]" if note else "")
        )
    st.text(name if len(name) <= LONGEST_NAME else f"{name[:14]} … {name[-14:]}")
    if others := left_out.sentence(item.left_out):
        st.caption(others)
    if item.error:
        st.text(told(item.error))
    else:
        answers.truth(results, item, f"truth_{item.number}")
    with st.container(horizontal=True, gap="xsmall"):
        if item.digits and st.button(
            _("Look closer"), type="tertiary", icon=":material/search:", key=f"open_{item.number}"
        ):
            details.show(results, item, name, network)
        if item.thumbnail:
            st.button(
                _("Turn"),
                type="tertiary",
                icon=":material/rotate_90_degrees_cw:",
                key=f"turn_{item.number}",
                help=_("Read it again, turned clockwise by 90 degrees"),
                on_click=results.turn,
                args=(item, network, polarity),
            )


def _fitting(size: tuple[int, int], side: int) -> int:
    """Width in pixels at which a picture of this size fits a square of that side."""
    width, height = size
    return max(1, round(side * width / max(width, height)))
