"""How far to trust an answer: confidence against accuracy, what makes a digit hard, what each step is
worth."""

from typing import Any

import streamlit as st

from digitcore.evaluation.published import KINDS, read
from digitcore.preprocessing.strip import STEPS
from pages.parts.how_well.right_figures import PARTS
from pages.shared import figure_charts, figures
from pages.shared.figures import percent
from pages.shared.language import _, told

OFF = {"ink": "no ink", "box": "no box", "scale": "no scale", "centre": "no centre of mass"}
"""What the result file calls a pipeline without a step."""


def sureness(card: dict[str, Any]) -> None:
    """Calibration: reliability on the test digits, from the card, and on real handwriting."""
    st.subheader(_("Is it right as often as it is sure?"), anchor=False)
    found = read("calibration") or {}
    real = found.get("models", {}).get(card["name"])
    mnist = card.get("calibration", {})
    series = {"MNIST": mnist["reliability"]} if "reliability" in mnist else {}
    series |= {_("real handwriting"): real["reliability"]} if real else {}
    if series:
        st.markdown(
            _(
                "When it says “90% sure”, nine of ten such answers should be right. Each point is an equally "
                "large group of answers: on the dashed line it is right as often as it says, below it less "
                "often."
            )
        )
        figure_charts.reliability(series, "reliability")
    texts = []
    if "test_ece" in mnist:
        texts.append(
            _(
                "On MNIST's test digits, confidence and accuracy are {apart} apart on average.",
                apart=percent(mnist["test_ece"]),
            )
        )
    if real:
        sure = real["sure"]
        texts.append(
            _(
                "On {n:,} digits of real handwriting, {apart}: {shown:,} of them are shown as at least "
                "{sure:.0%} sure, and {right} of those are right.",
                n=real["n"],
                apart=percent(real["after"]["expected_calibration_error"]),
                shown=sure["n"],
                sure=found["aims"]["sure"],
                right=percent(sure["right"] / sure["n"]),
            )
        )
    st.markdown(" ".join(texts))
    if not real:
        figures.missing("calibration")


def robustness() -> None:
    """Accuracy by how much a digit is turned, thinned, blurred and so on."""
    st.subheader(_("What it can cope with"), anchor=False)
    found = read("robustness_test") or read("robustness")
    if not found:
        figures.missing("robustness")
        return
    factors = found["factors"]
    chosen = st.selectbox(
        _("MNIST's digits, changed in one way"),
        list(factors),
        format_func=lambda name: told(factors[name]["title"]),
    )
    factor = factors[chosen]
    series = {reader: kept["accuracy"] for reader, kept in factor["readers"].items()}
    figure_charts.curve(
        factor["levels"], series, f"{told(factor['title'])} ({told(factor['unit'])})", "robustness"
    )
    first = next(iter(series))
    worst = {
        each["title"]: max(each["readers"][first]["points_lost"])
        for each in factors.values()
        if each["kind"] == factor["kind"]
    }
    title, lost = max(worst.items(), key=lambda item: item[1])
    st.caption(
        _(
            "{n:,} {part} digits, each changed by a program before it is read. Untouched is {untouched:g}. "
            "Of "
            "all changes of this kind, {network} copes worst with “{change}”: at its strongest, it misreads "
            "{lost:.1f} more digits in a hundred.",
            n=found["n"],
            part=_(PARTS.get(found["part"], found["part"])),
            untouched=factor["untouched"],
            network=first,
            change=told(title),
            lost=lost,
        )
    )


def steps() -> None:
    """How much is read correctly with every step of the pipeline, and with one of them off."""
    st.subheader(_("What each step is worth"), anchor=False)
    found = read("pipeline") or {"misses": {}}
    misses = {name: each for name, each in found["misses"].items() if set(OFF.values()) <= set(each)}
    kinds = {name: [set_ for set_ in members if set_ in misses] for name, (_what, members) in KINDS.items()}
    kinds = {name: members for name, members in kinds.items() if members}
    if not kinds:
        figures.missing("pipeline")
        return
    chosen = st.pills(
        _("Pictures"), list(kinds), format_func=told, default=next(iter(kinds)), required=True, key="steps_of"
    )
    n = sum(found["n"][member] for member in kinds[chosen])
    labels = {"every step": _("Every step")}
    labels |= {OFF[step]: _("“{step}” off", step=told(title)) for step, (title, _array) in STEPS.items()}
    labels |= {"usual": _("The usual way")}
    shares = {
        label: 1 - sum(misses[member][step] for member in kinds[chosen]) / n for step, label in labels.items()
    }
    figure_charts.bars(shares, "steps", _("Share read right, with every step on and with each one off"))
    st.caption(
        _(
            "{n:,} digits, read by {network}. The Draw page has the same switches, for a digit of your own.",
            n=n,
            network=found["model"],
        )
    )
