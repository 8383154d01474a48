"""The pieces of a knot and what the line reader says of it -> its digits, and how sure each of them is.

Each of the line reader's likeliest texts, and the text of the cheapest way through the pieces, is aligned
with the knot: the cheapest way whose runs are that text's digits. A text's weight comes from its
log-probability by the line reader and the price of that way together. A digit is as sure as the total weight
of the texts that have it at its place.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from difflib import SequenceMatcher

import numpy as np

from digitcore.networks.classifier import Answers
from digitcore.reading import ctc, line_reader
from digitcore.reading.candidates import Piece
from digitcore.reading.knot import Knot
from digitcore.reading.lattice import WEIGHTS, Priced, Weights
from digitcore.reading.line_reader import View

TEXTS = 8
"""How many of the line reader's texts are considered. Chosen by hand: with more, no number of
`benchmarks.strings` changes."""

UNLIKELY = 7.0
"""A text that is more than e^7 times less likely than the likeliest is not considered. Chosen by hand, as
TEXTS."""


@dataclass(frozen=True)
class Option:
    """A text, the way through the knot that reads as this text, and its weight; all weights add up to 1.
    features: (5,), what is multiplied by each of `lattice.Weights`."""

    text: ctc.Text
    way: list[int]
    weight: float
    features: np.ndarray


def pieces_alone(knot: Knot, answers: Answers) -> list[Piece]:
    """The pieces of the cheapest way, each as sure as the network is of it."""
    return [
        Piece(*knot.made[n], answers.probabilities[n], float(answers.digitness[n]), knot.is_cut(n))
        for n in Priced(knot, answers).cheapest()
    ]


def settled(knot: Knot, answers: Answers, views: list[View]) -> list[Piece]:
    """The pieces of the text with the greatest weight.

    answers: what the network says of the knot's runs. views: what the line reader says of its ink.
    """
    chosen = options(Priced(knot, answers), views)
    if not chosen:
        return pieces_alone(knot, answers)
    best = max(chosen, key=lambda option: option.weight)
    pieces = []
    for number, tally in zip(best.way, _tallied(best.text, chosen), strict=True):
        is_cut = knot.is_cut(number)
        standing = tally.sum() * (1.0 if is_cut else float(answers.digitness[number]))
        probabilities = (tally / tally.sum()).astype(np.float32)
        pieces.append(Piece(*knot.made[number], probabilities, float(standing), is_cut))
    return pieces


def options(priced: Priced, views: list[View], weights: Weights = WEIGHTS) -> list[Option]:
    """All texts for which there is a way through the knot; none where the line reader sees no digit."""
    likely = _likely(views, priced.own_text())
    places: dict[ctc.Text, list[np.ndarray]] = {text: [] for text in likely}
    for view in views:
        held = [text for text in likely if view.holds(text)]
        for text, frames in zip(held, ctc.places(view.frames, held), strict=True):
            places[text].append(view.columns(frames))
    found = []
    for text, value in likely.items():
        costs, way = priced.cheapest_as(text, np.mean(places[text], 0), weights)
        if way:
            found.append((text, way, np.array([value, *-costs])))
    if not found:
        return []
    scores = np.array([features for *_, features in found]) @ astuple(weights)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    return [
        Option(text, way, float(w), features) for (text, way, features), w in zip(found, shares, strict=True)
    ]


def _likely(views: list[View], own: ctc.Text) -> dict[ctc.Text, float]:
    """The likeliest texts and the pieces' own text, each with its log-probability, averaged over the
    views."""
    texts = {own}
    least = []
    found = [ctc.likeliest(view.frames) for view in views]
    if not any(likely[0][0] for likely in found):
        return {}
    for likely in found:
        least.append(likely[0][1] - 2 * UNLIKELY)
        texts |= {text for text, value in likely[:TEXTS] if value >= least[-1] + UNLIKELY}
    held = [text for text in sorted(texts) if text and any(view.holds(text) for view in views)]
    each = [
        np.maximum(ctc.likelihoods(view.frames, held), low) for view, low in zip(views, least, strict=True)
    ]
    values = dict(zip(held, np.mean(each, 0).tolist(), strict=True))
    best = sorted(values, key=lambda text: -values[text])[:TEXTS]
    return {text: values[text] for text in (*best, own) if text in values}


def _tallied(text: ctc.Text, chosen: list[Option]) -> np.ndarray:
    """(n, 10): for each digit of a text, the weight of all texts by the digit that they have at its place.

    A text with one digit more says that the digit to the left of it is not all that stands there: that digit
    loses the weight of this text.
    """
    tally = np.zeros((len(text), line_reader.CLASSES))
    for option in chosen:
        matcher = SequenceMatcher(None, text, option.text, autojunk=False)
        for what, start, stop, other, other_stop in matcher.get_opcodes():
            for i, j in zip(range(start, stop), range(other, other_stop), strict=False):
                tally[i, option.text[j]] += option.weight
            if what == "insert":
                i = max(0, start - 1)
                tally[i, text[i]] -= option.weight
    return np.maximum(tally, 1e-6)
