"""How far to trust an answer: confidence against accuracy, what makes a digit hard, what each step is
worth."""

from typing import Any

import streamlit as st

from digitcore.evaluation.published import KINDS, read
from digitcore.preprocessing.strip import STEPS
from pages.shared import figure_charts, figures
from pages.shared.figures import percent

OFF = {"ink": "no ink", "box": "no box", "scale": "no scale", "centre": "no centre of mass"}


def sureness(card: dict[str, Any]) -> None:
    """Calibration: reliability on the test digits, from the card, and on real handwriting."""
    st.subheader("Is it right as often as it is sure?", anchor=False)
    found = read("calibration") or {}
    real = found.get("models", {}).get(card["name"])
    mnist = card.get("calibration", {})
    series = {"MNIST": mnist["reliability"]} if "reliability" in mnist else {}
    series |= {"real handwriting": real["reliability"]} if real else {}
    if series:
        st.markdown(
            "When it says “90% sure”, nine of ten such answers should be right. Each point is an equally "
            "large group of answers: on the dashed line it is right as often as it says, below it less often."
        )
        figure_charts.reliability(series, "reliability")
    texts = []
    if "test_ece" in mnist:
        texts.append(
            f"On MNIST's test digits, confidence and accuracy are {percent(mnist['test_ece'])} apart on "
            "average."
        )
    if real:
        sure = real["sure"]
        texts.append(
            f"On {real['n']:,} digits of real handwriting, "
            f"{percent(real['after']['expected_calibration_error'])}: {sure['n']:,} of them are shown as at "
            f"least {found['aims']['sure']:.0%} sure, and {percent(sure['right'] / sure['n'])} of those are "
            "right."
        )
    st.markdown(" ".join(texts))
    if not real:
        figures.missing("calibration")


def robustness() -> None:
    """Accuracy by how much a digit is turned, thinned, blurred and so on."""
    st.subheader("What it can cope with", anchor=False)
    found = read("robustness_test") or read("robustness")
    if not found:
        figures.missing("robustness")
        return
    factors = found["factors"]
    chosen = st.selectbox(
        "MNIST's digits, changed in one way", list(factors), format_func=lambda name: factors[name]["title"]
    )
    factor = factors[chosen]
    series = {reader: kept["accuracy"] for reader, kept in factor["readers"].items()}
    figure_charts.curve(factor["levels"], series, f"{factor['title']} ({factor['unit']})", "robustness")
    first = next(iter(series))
    worst = {
        each["title"]: max(each["readers"][first]["points_lost"])
        for each in factors.values()
        if each["kind"] == factor["kind"]
    }
    title, lost = max(worst.items(), key=lambda item: item[1])
    st.caption(
        f"{found['n']:,} {found['part']} digits, each changed by a program before it is read. Untouched is "
        f"{factor['untouched']:g}. Of all changes of this kind, {first} copes worst with “{title}”: at its "
        f"strongest, it misreads {lost:.1f} more digits in a hundred."
    )


def steps() -> None:
    """How much is read correctly with every step of the pipeline, and with one of them off."""
    st.subheader("What each step is worth", anchor=False)
    found = read("pipeline") or {"misses": {}}
    misses = {name: each for name, each in found["misses"].items() if set(OFF.values()) <= set(each)}
    kinds = {name: [set_ for set_ in members if set_ in misses] for name, (_, members) in KINDS.items()}
    kinds = {name: members for name, members in kinds.items() if members}
    if not kinds:
        figures.missing("pipeline")
        return
    chosen = st.pills("Pictures", list(kinds), default=next(iter(kinds)), required=True, key="steps_of")
    n = sum(found["n"][member] for member in kinds[chosen])
    labels = {"every step": "Every step"}
    labels |= {OFF[step]: f"“{title}” off" for step, (title, _) in STEPS.items()}
    labels |= {"usual": "The usual way"}
    shares = {
        label: 1 - sum(misses[member][step] for member in kinds[chosen]) / n for step, label in labels.items()
    }
    figure_charts.bars(shares, "steps", "Share read right, with every step on and with each one off")
    st.caption(
        f"{n:,} digits, read by {found['model']}. The Draw page has the same switches, for a digit of your "
        "own."
    )
