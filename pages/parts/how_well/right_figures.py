"""What is read right: other people's digits, whole numbers, and what is no digit at all."""

from typing import Any

import streamlit as st

from pages.shared import figure_charts, figures
from pages.shared.figures import Row, percent

# What each kind is, and the sets of benchmarks.handwriting that make it up.
KINDS = {
    "USPS": ("zip codes on American envelopes, small and stretched", ("usps_test",)),
    "Tiny digits": ("8 × 8 pixels each (UCI)", ("uci_8x8",)),
    "Drawings": ("by mouse, pen or finger on a screen", ("hwd1000", "paint", "canvas")),
    "Photographs": ("paper, taken with a phone", ("photo", "crops")),
    "Scans": ("paper, from a scanner", ("scan",)),
    "Scanned forms": ("coloured pens, 1 and 7 as in Europe", ("anzemur_boxes",)),
}
NUMBERS = {
    "apart": ("Numbers", "five digits with paper between them"),
    "touching": ("Touching digits", "five digits, each touches the next"),
}
PHOTOGRAPHED = {
    "in rows": ("Photographed", "whole lines and sheets"),
    "free": ("Scattered", "in no order, in and out of shapes"),
}
OTHERS = {
    "Fashion-MNIST": ("Clothes", "shoes, bags, shirts"),
    "notMNIST without I": ("Letters", "A to J in many fonts"),
}
LEARNT = "as learnt"  # pictures of the kind that networks learn to refuse: no measure of others


def handwriting(card: dict[str, Any]) -> None:
    """MNIST from the card, then the sets of real handwriting, beside the usual way."""
    test, found = card["test"], figures.read("handwriting")
    rows = [Row("MNIST", "test digits, of the kind that it learnt", test["n"], test["misses"])]
    st.subheader("Whose handwriting?", anchor=False)
    if not found or not kinds(found["sets"], card["name"]):
        figures.table(rows)
        figures.missing("handwriting")
        return
    rows += kinds(found["sets"], card["name"])
    figure_charts.compared(rows, "handwriting")
    figures.table(rows)
    st.caption(
        "Other people's digits, none of them learnt from. In brackets the 95% interval: with few pictures "
        f"chance counts for much. The usual way is what most demos do: {found['usual']}."
    )
    with st.expander("Each set, each network"):
        for name, each in found["sets"].items():
            readers = (
                f"* {reader}: {percent(kept['accuracy'])}, {kept['misses']:,} missed"
                for reader, kept in each["readers"].items()
            )
            st.markdown(f"**{name}**, {each['n']:,} digits\n" + "\n".join(readers))


def kinds(sets: dict[str, Any], reader: str) -> list[Row]:
    """The kinds of handwriting as one network reads them, as far as it was measured."""
    rows = []
    for name, (what, members) in KINDS.items():
        parts = [sets[member] for member in members if reader in sets.get(member, {}).get("readers", {})]
        if parts:
            ours, usual = (sum(part["readers"][who]["misses"] for part in parts) for who in (reader, "usual"))
            rows.append(Row(name, what, sum(part["n"] for part in parts), ours, usual))
    return rows


def numbers() -> None:
    """Strings of digits: a number counts as read only where each of its digits is right."""
    st.subheader("Whole numbers", anchor=False)
    found = figures.read("strings_test") or figures.read("strings")
    if not found:
        figures.missing("strings")
        return
    photographed = [part for part in found.values() if isinstance(part, dict) and "in rows" in part]
    parts = [(text, found.get(name)) for name, text in NUMBERS.items()]
    parts += [(text, part.get(name)) for part in photographed for name, text in PHOTOGRAPHED.items()]
    figures.table(
        [Row(*text, kept["strings"], kept["strings"] - kept["exact"]) for text, kept in parts if kept],
        "Exactly right",
    )
    st.caption(
        "One wrong, missing or unsure digit, and the whole number counts as missed. Numbers and touching "
        f"digits are put together by a program from MNIST's {found['split']} digits. "
        f"Read by {found['model']}."
    )


def not_a_digit() -> None:
    """Whether it says so of what is no digit, and how many digits are taken for none."""
    st.subheader("What is no digit", anchor=False)
    found = figures.read("not_a_digit_test") or figures.read("not_a_digit")
    if not found:
        figures.missing("not_a_digit")
        return
    refused = found["refused"]
    rows = [counted(*text, [refused[name]]) for name, text in OTHERS.items() if name in refused]
    nothing = [kept for name, kept in refused.items() if name not in (*OTHERS, LEARNT)]
    if nothing:
        rows.append(counted("Nothing", "scribbles, dots, shapes, empty paper", nothing))
    figures.table(rows, "Refused, as it should be")
    accepted = found["accepted"]
    digits = [counted("MNIST", f"{found['mnist']} digits", [accepted["MNIST"]])]
    digits += [
        counted(name, what, [accepted[member] for member in members if member in accepted])
        for name, (what, members) in KINDS.items()
        if any(member in accepted for member in members)
    ]
    figures.table(digits, "Taken for a digit, as it should be")
    st.caption(
        f"Of {found['model']}. To refuse more of the one costs some of the other; the threshold between them "
        "was chosen on MNIST's validation digits."
    )


def counted(name: str, what: str, parts: list[dict[str, Any]]) -> Row:
    """Several counts of benchmarks.not_a_digit as one row."""
    n = sum(part["n"] for part in parts)
    return Row(name, what, n, n - sum(part["count"] for part in parts))
