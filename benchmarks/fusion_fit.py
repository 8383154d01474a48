"""python -m benchmarks.fusion_fit [--strings N] [--model NAME] [--reader FOLDER]

The weights by which `digitcore.reading.fusion` weighs the line reader against the pieces of a knot: fitted by
maximum likelihood of the true texts of knots, in numbers of five digits as `benchmarks.strings` composes
them, but from training digits that were written again (`composed_lines.hands`). Prints `lattice.WEIGHTS`, and
for how many knots the likeliest text is the true one before and after. Nothing is kept.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks import strings
from digitcore import datasets
from digitcore.augmentation import composed_lines
from digitcore.errors import BlankError
from digitcore.networks import model_store
from digitcore.networks.part_networks import TFLITE
from digitcore.preprocessing.ink import opened
from digitcore.reading import characters, fusion, layout, line_reader
from digitcore.reading.lattice import WEIGHTS, Priced, Weights
from digitcore.reading.parts import parts_of

ROUNDS = 3
"""The cheapest way to read a text depends on the weights: so often are both found in turn."""

RIDGE = 0.5
"""Against weights that the knots do not determine: what a deviation of 1 from the weights so far costs."""


@dataclass(frozen=True)
class Case:
    """A knot as it was read, and the text that it holds."""

    priced: Priced
    views: list
    truth: tuple[int, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--strings", type=int, default=600, metavar="N", help="of each kind")
    parser.add_argument("--model", default=model_store.DEFAULT_MODEL)
    parser.add_argument("--reader", type=Path, default=line_reader.FOLDER, metavar="FOLDER")
    arguments = parser.parse_args()
    classifier = model_store.load(arguments.model)
    reader = line_reader.LineReader(arguments.reader / TFLITE, {})
    cases = list(cases_of(*written(arguments.strings), classifier, reader))
    print(f"{len(cases):,} knots; likeliest text true before: {right(cases, WEIGHTS):,}", flush=True)
    weights = WEIGHTS
    for _ in range(ROUNDS):
        weights = fitted(cases, weights)
        print(f"{right(cases, weights):,} true with {weights}", flush=True)
    return 0


def written(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Training digits, written again, for n numbers of each kind: (images, labels)."""
    images, labels = datasets.load("mnist", "train")
    chosen = np.random.default_rng(99).permutation(len(images))[: n * len(strings.GAPS) * strings.LENGTH]
    return composed_lines.hands(images[chosen], labels[chosen], 99, 0), labels[chosen]


def cases_of(images, labels, classifier, reader):
    """The knots of numbers that have exactly one, and whose other characters are read rightly."""
    n = len(images) // len(strings.GAPS) // strings.LENGTH
    for number, gaps in enumerate(strings.GAPS.values()):
        rng = np.random.default_rng((99, number))
        for i in range(number * n, number * n + n):
            mine = slice(i * strings.LENGTH, (i + 1) * strings.LENGTH)
            picture = strings.compose(images[mine], gaps, rng)
            case = _case(picture, tuple(labels[mine].tolist()), classifier, reader)
            if case:
                yield case


def _case(picture, truth, classifier, reader) -> Case | None:
    knots, whole = [], []
    settled = fusion.settled

    def noted(knot, answers, views):
        knots.append((knot, answers, views))
        whole.append(settled(knot, answers, views))
        return whole[-1]

    try:
        parts = parts_of(opened(picture).full)
    except BlankError:
        return None
    with mock.patch.object(fusion, "settled", noted):
        rows = characters.read_lines(parts, layout.lines(parts, parts.writing), classifier.answer, reader)
    if len(rows) != 1 or len(knots) != 1:
        return None
    inside = {id(piece) for piece in whole[0]}
    places = [number for number, piece in enumerate(rows[0]) if id(piece) in inside]
    own = tuple(int(piece.probabilities.argmax()) for piece in rows[0])
    before, after = own[: places[0]], own[places[-1] + 1 :]
    held = truth[len(before) : len(truth) - len(after)]
    if truth != before + held + after or not held:
        return None
    knot, answers, views = knots[0]
    return Case(Priced(knot, answers), views, held)


def right(cases: list[Case], weights: Weights) -> int:
    """For how many knots the likeliest text is the true one."""
    found = 0
    for case in cases:
        chosen = fusion.options(case.priced, case.views, weights)
        found += bool(chosen) and max(chosen, key=lambda option: option.weight).text == case.truth
    return found


def fitted(cases: list[Case], weights: Weights) -> Weights:
    """The weights of greatest likelihood, where every text keeps the way that is cheapest by `weights`."""
    start = np.array(astuple(weights))
    knots = []
    for case in cases:
        chosen = fusion.options(case.priced, case.views, weights)
        true = [number for number, option in enumerate(chosen) if option.text == case.truth]
        if true and len(chosen) > 1:
            knots.append((np.array([option.features for option in chosen]), true[0]))
    found = start.copy()
    for _ in range(50):  # Newton's method; the likelihood is concave
        gradient, curvature = -RIDGE * (found - start), RIDGE * np.eye(len(found))
        for features, true in knots:
            scores = features @ found
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            mean = shares @ features
            gradient += features[true] - mean
            curvature += (features * shares[:, None]).T @ features - np.outer(mean, mean)
        step = np.linalg.solve(curvature, gradient)
        found += step
        if np.abs(step).max() < 1e-6:
            break
    return Weights(*(round(float(value), 3) for value in np.maximum(found, 0)))


if __name__ == "__main__":
    raise SystemExit(main())
