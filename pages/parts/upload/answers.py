"""What was read from one picture, in words, and the true answer that a person gives.

A number of several rows is written on one line with " / " between rows, as a person may type it.
"""

import streamlit as st

from digitcore.reading.results import Result, Results
from pages.shared.language import _, number, told
from pages.shared.probabilities import sureness
from pages.shared.run_list import as_typed

BREAK = " / "
LONGEST = 40  # characters of a number in a card of the gallery


def one_line(text: str | None) -> str | None:
    """ "20\\n26" -> "20 / 26" """
    return text and BREAK.join(text.split("\n"))


def rows(typed: str | None) -> str | None:
    """ "20 / 26" -> "20\\n26"; nothing typed -> None"""
    lines = ["".join(line.split()) for line in (typed or "").split("/")]
    return "\n".join(line for line in lines if line) or None


def summary(results: Results, item: Result, longest: int = LONGEST) -> str:
    """The answer, in a word or as a number with "?" where the network is not sure; Markdown.

    longest: the most characters of a number; the rest is left out.
    """
    if not any(digit.verdict.is_digit for digit in item.digits):
        return f"**{as_typed(told(item.verdict.text))}**"
    if len(item.digits) > 1:
        text = one_line(results.text(item))
        return f"**{text if len(text) <= longest else text[:longest] + ' …'}**"
    return f"**{as_typed(results.answer(item))}** · {sureness(item.verdict)}"


def note(results: Results, item: Result) -> str:
    """How sure that is, and what else it might be; "" if it is no digit."""
    verdict = item.verdict
    if len(item.digits) > 1:
        unsure = sum(not digit.accepted for digit in item.digits)
        if unsure:
            return _("{n} digits, {unsure} unsure", n=len(item.digits), unsure=unsure)
        return _("{n} digits", n=len(item.digits))
    if not verdict.is_digit:
        return ""
    following = as_typed(second(results, item))
    if verdict.accepted:
        return _("next: {answer}", answer=following)
    return _("not sure; next: {answer}", answer=following)


def second(results: Results, item: Result) -> str | None:
    """The second guess of a picture of one digit, with its probability."""
    if len(item.digits) != 1 or not item.verdict.is_digit:
        return None
    return f"{results.class_names[item.verdict.second]} ({number(item.verdict.second_confidence, '.1%')})"


def truth(results: Results, item: Result, key: str) -> None:
    """The field where a person gives the true answer: one of the classes, or a typed number."""
    # The result decides; it may have been changed in the table, or by the button for all others.
    if len(item.digits) == 1:
        st.session_state[key] = item.truth if item.truth in results.class_names else None
        st.selectbox(
            _("True class of file {number}", number=item.number),
            results.class_names,
            index=None,
            placeholder=_("It is really a …"),
            label_visibility="collapsed",
            key=key,
            on_change=lambda: setattr(item, "truth", st.session_state[key]),
        )
    else:
        st.session_state[key] = one_line(item.truth) or ""
        st.text_input(
            _("True number of file {number}, rows separated by /", number=item.number),
            placeholder=_("It is really …"),
            label_visibility="collapsed",
            key=key,
            on_change=lambda: setattr(item, "truth", rows(st.session_state[key])),
        )
