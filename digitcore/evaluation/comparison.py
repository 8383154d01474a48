"""Which of two networks is better, and by how much: figures from cards, McNemar's exact test in words, the
digits in a cell of a confusion matrix, and the time per digit.

NumPy in, NumPy or plain Python out. Measures of one network alone are in `evaluation`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digitcore import files
from digitcore.errors import DamagedFile, ModelError
from digitcore.evaluation.metrics import wilson_interval

SIGNIFICANT = 0.05
"""Below this p a difference counts as real, which is wrong for one in twenty pairs of equally good
networks."""

REPEATS = 51


@dataclass(frozen=True)
class Pair:
    """How two networks did on the same n pictures: misses of only the first, only the second, and both."""

    n: int
    only_first: int
    only_second: int
    both: int

    @property
    def misses(self) -> tuple[int, int]:
        """How many pictures each of them misses in all."""
        return self.only_first + self.both, self.only_second + self.both

    @property
    def p(self) -> float:
        return mcnemar(self.only_first, self.only_second)

    @property
    def verdict(self) -> str:
        """In words: "a tie: 12 against 9 misses, p = 0.66". The misses are those that only one of the two
        makes: the others say nothing about which is better."""
        if self.only_first == self.only_second == 0:
            return (
                "no difference: they miss the same pictures"
                if self.both
                else "no difference: neither misses any"
            )
        what = "a real difference" if self.p < SIGNIFICANT else "a tie"
        return f"{what}: {self.only_first:,} against {self.only_second:,} misses, {p_text(self.p)}"


def pair(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> Pair:
    """Count who misses what: `labels (n,)`, and each network's probabilities `(n, c)` of the pictures."""
    if not len(labels) == len(first) == len(second):
        raise ValueError(
            f"Expected two answers per label, got {len(first)} and {len(second)} for {len(labels)}."
        )
    wrong, other = first.argmax(1) != labels, second.argmax(1) != labels
    counts = (wrong & ~other, other & ~wrong, wrong & other)
    return Pair(len(labels), *(int(np.count_nonzero(each)) for each in counts))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's exact test: how often two equally good networks would differ at
    least this much on the pictures that only one of them misses.

    Each of those is then the toss of a fair coin, so this is the binomial test of `only_first` heads among
    them all (McNemar, Psychometrika 12, 1947; for networks on one test set: Dietterich, Neural Computation
    10, 1998). Computed in whole numbers, so that no term is lost, however many there are.
    """
    if min(only_first, only_second) < 0:
        raise ValueError(f"Expected counts of pictures, got {only_first} and {only_second}.")
    n, ways, total = only_first + only_second, 1, 0
    for k in range(min(only_first, only_second) + 1):
        total += ways  # ways: n over k
        ways = ways * (n - k) // (k + 1)
    return min(1.0, 2 * total / 2**n)


def p_text(p: float) -> str:
    """For people: "p = 0.66", "p = 0.0081", and "p < 0.0001" below that."""
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2f}" if p >= 0.095 else f"p = {p:#.2g}"


def disagreements(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the places `(m,)` where two networks answer differently, the most confident wrong answer first.

    `labels (n,)`, probabilities `(n, c)`.
    """
    answers = first.argmax(1), second.argmax(1)
    differ = np.flatnonzero(answers[0] != answers[1])
    sure = [
        np.where(answer[differ] != labels[differ], probabilities[differ].max(1), 0.0)
        for answer, probabilities in zip(answers, (first, second), strict=True)
    ]
    return differ[np.argsort(-np.maximum(*sure), kind="stable")]


def hardest(labels: np.ndarray, probabilities: np.ndarray, was: int | None, read: int | None) -> np.ndarray:
    """Return the places `(m,)` of the pictures in one cell of the confusion matrix, hardest first.

    was, read: true class and answer. Both None: all misses. The hardest miss is the most confident one, and
    the hardest right answer the least confident.
    """
    answers, confidence = probabilities.argmax(1), probabilities.max(1)
    within = answers != labels if was is None else (labels == was) & (answers == read)
    places = np.flatnonzero(within)
    sureness = np.where(answers[places] == labels[places], 1 - confidence[places], confidence[places])
    return places[np.argsort(-sureness, kind="stable")]


def kept_answers(path: Path, misses: int, labels: np.ndarray) -> np.ndarray | None:
    """Return the probabilities `(n, c) float32` that a run kept for the test pictures, or None if they are
    missing, damaged, or do not have the `misses` that its card counts."""
    try:
        with files.npz(path) as arrays:
            probabilities = arrays["probabilities"].astype(np.float32)
    except (FileNotFoundError, DamagedFile):
        return None
    if probabilities.ndim != 2 or len(probabilities) != len(labels):
        return None
    return probabilities if np.count_nonzero(probabilities.argmax(1) != labels) == misses else None


def figures(card: dict[str, Any]) -> dict[str, Any]:
    """A card's figures as a flat dictionary: accuracy, misses, n, low and high (the 95 % interval), loss,
    validation accuracy, the macro averages, parameters, seconds; None for those that an older card lacks.

    ModelError if it does not say how well the network reads.
    """
    try:
        test, n, misses = card["test"], int(card["test"]["n"]), int(card["test"]["misses"])
        low, high = wilson_interval(n - misses, n)
        macro = test.get("classification_report", {}).get("macro avg", {})
        return {
            "accuracy": (n - misses) / n,
            "misses": misses,
            "n": n,
            "low": low,
            "high": high,
            "loss": test.get("loss"),
            "validation": card.get("validation", {}).get("accuracy"),
            **{name: macro.get(name) for name in ("precision", "recall", "f1-score")},
            "parameters": card.get("parameters"),
            "seconds": card.get("seconds"),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"The card of {card.get('name')} does not say how well it reads.") from error


def milliseconds(predict: Callable[[np.ndarray], Any], pictures: np.ndarray, repeats: int = REPEATS) -> float:
    """Return the median time to read one of the `(n, 28, 28)` pictures; the first one is not timed."""
    predict(pictures[:1])
    times = []
    for k in range(repeats):
        one = pictures[k % len(pictures)][np.newaxis]
        started = time.perf_counter()
        predict(one)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)
