"""What is read correctly: other people's digits, whole numbers, and things that are no digits."""

from typing import Any

import streamlit as st

from digitcore.evaluation.published import (
    KINDS,
    LEARNT,
    NUMBERS,
    OTHERS,
    PHOTOGRAPHED,
    Row,
    as_sent,
    counted,
    kinds,
    read,
    wrong_and_sure,
)
from pages.shared import figure_charts, figures
from pages.shared.figures import percent
from pages.shared.language import N_, _, told

PARTS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test")}


def without_a_hint() -> None:
    """What a visitor gets, who says neither that there is one digit nor which way round it is."""
    st.subheader(_("As you send it"), anchor=False)
    found = read("as_read")
    if not found:
        figures.missing("as_read")
        return
    figures.table(as_sent(found), _("Right and sure"))
    wrong, several, n = wrong_and_sure(found)
    pages = found.get("pages")
    st.caption(
        _(
            "Pictures of one digit, sent as on Upload: right is the digit and nothing but it, "
            "without a “?”. Wrong and sure were {wrong:,} of {n:,}, and {several:,} were taken for "
            "several digits.",
            wrong=wrong,
            n=n,
            several=several,
        )
        + " "
        + (
            _(
                "Of {pages:,} photographed and scanned pages, {exact:,} were exactly right.",
                pages=pages["pages"],
                exact=pages["exact"],
            )
            + " "
            if pages
            else ""
        )
        + _("Read by {network}.", network=found["model"])
    )


def handwriting(card: dict[str, Any]) -> None:
    """MNIST from the card, then the sets of real handwriting, compared with the usual way."""
    test, found = card["test"], read("handwriting")
    rows = [Row("MNIST", _("test digits, of the kind it learnt from"), test["n"], test["misses"])]
    st.subheader(_("Whose handwriting?"), anchor=False)
    st.caption(_("Told that each picture holds one digit; the best guess counts, sure or not."))
    if not found or not kinds(found["sets"], card["name"]):
        figures.table(rows)
        figures.missing("handwriting")
        return
    rows += kinds(found["sets"], card["name"])
    figure_charts.compared(rows, "handwriting")
    figures.table(rows)
    st.caption(
        _(
            "Other people's digits, which it has never seen. In brackets is the 95% interval: with few "
            "pictures chance plays a large part. The usual way is what most demos do: {usual}.",
            usual=told(found["usual"]),
        )
    )
    with st.expander(_("Every set with every network")):
        for name, each in found["sets"].items():
            readers = (
                "* "
                + _(
                    "{network}: {accuracy}, {misses:,} missed",
                    network=reader,
                    accuracy=percent(kept["accuracy"]),
                    misses=kept["misses"],
                )
                for reader, kept in each["readers"].items()
            )
            st.markdown(
                _("**{name}**, {n:,} digits", name=told(name), n=each["n"]) + "\n" + "\n".join(readers)
            )


def numbers() -> None:
    """Strings of digits: a number counts as read only if every digit is right."""
    st.subheader(_("Whole numbers"), anchor=False)
    found = read("strings_test") or read("strings")
    if not found:
        figures.missing("strings")
        return
    photographed = [part for part in found.values() if isinstance(part, dict) and "in rows" in part]
    parts = [(text, found.get(name)) for name, text in NUMBERS.items()]
    parts += [(text, part.get(name)) for part in photographed for name, text in PHOTOGRAPHED.items()]
    figures.table(
        [Row(*text, kept["strings"], kept["strings"] - kept["exact"]) for text, kept in parts if kept],
        _("Exactly right"),
    )
    st.caption(
        _(
            "One wrong, missing or unsure digit, and the whole number counts as missed. Numbers and touching "
            "digits are composed by a program from MNIST's {part} digits. Read by {network}.",
            part=_(PARTS.get(found["split"], found["split"])),
            network=found["model"],
        )
    )


def not_a_digit() -> None:
    """How often non-digits are rejected, and how many digits are accepted."""
    st.subheader(_("Things that are not digits"), anchor=False)
    found = read("not_a_digit_test") or read("not_a_digit")
    if not found:
        figures.missing("not_a_digit")
        return
    refused = found["refused"]
    rows = [counted(*text, [refused[name]]) for name, text in OTHERS.items() if name in refused]
    nothing = [kept for name, kept in refused.items() if name not in (*OTHERS, LEARNT)]
    if nothing:
        rows.append(counted(_("Nothing"), _("scribbles, dots, shapes, empty paper"), nothing))
    figures.table(rows, _("Rejected, as it should be"))
    accepted = found["accepted"]
    digits = [
        counted(
            "MNIST",
            _("{part} digits", part=_(PARTS.get(found["mnist"], found["mnist"]))),
            [accepted["MNIST"]],
        )
    ]
    digits += [
        counted(name, what, [accepted[member] for member in members if member in accepted])
        for name, (what, members) in KINDS.items()
        if any(member in accepted for member in members)
    ]
    figures.table(digits, _("Accepted as a digit, as it should be"))
    st.caption(
        _(
            "Measured with {network}. Rejecting more non-digits would reject more digits too; the threshold "
            "between them was chosen on MNIST's validation digits.",
            network=found["model"],
        )
    )
