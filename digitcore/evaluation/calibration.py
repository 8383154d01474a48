"""How sure a network may say it is: a temperature and two thresholds, fitted on validation digits.

A network is surer of MNIST's clean digits than it should be of anybody else's, so the temperature is fitted
on validation digits changed as by other hands, pens and scanners (`CHANGES`) and read by the pipeline. On
real handwriting its calibration error is at most that of a fit on clean digits: `python -m
benchmarks.calibration` prints both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from digitcore import datasets
from digitcore.errors import DigitcoreError
from digitcore.evaluation import corruption
from digitcore.networks.classifier import NEVER, Answers, Classifier, answers
from digitcore.preprocessing import normalisation
from digitcore.preprocessing.levels import scaled

CHANGES = ("rotation", "shear", "pen", "resolution")
"""The `corruption.FACTORS` that differ between people's digits even if paper and camera are good."""

CHANGED = 2_400
"""How many validation digits are changed, a hundred for each level: some seconds on one core."""

SURE_SHARE = 0.99
"""The share of unchanged validation digits that are answered without a second guess, at least."""

WRONG_SHARE = 0.0017
"""The share of validation digits, unchanged and changed ones together, that may be wrong and sure: a network
that errs so seldom is sure of more than SURE_SHARE (selective risk, Geifman & El-Yaniv 2017). By hand: with
it 97 of 100 of other people's digits are read right and surely; with 0.001, which is no more than SURE_SHARE
alone, it is 96; with 0.0025 more of USPS and of the crops are wrong and sure (`python -m
benchmarks.as_read FOLDER`)."""

DIGIT_SHARE = 0.975
"""The share of changed validation digits that a network trained on non-digits too must accept as digits: the
least that keeps 98 of 100 digits written on forms or painted with a mouse (`python -m
benchmarks.not_a_digit`); 0.965 kept 96."""

UNTAUGHT_SHARE = 0.993
"""The same for a network that learnt digits only: it must go by its confidence, which some digits lack
too."""

FEW = 500
"""With fewer pictures, as data sets of one's own may have, no network is made surer than it is: if it reads
all of a dozen right, the best temperature for them is the lowest there is."""

_LOWEST, _HIGHEST = 0.25, 10.0
_GOLDEN = (5**0.5 - 1) / 2


def fit(classifier: Classifier) -> dict[str, dict[str, Any]]:
    """The card's parts `calibration`, `acceptance` and `not_a_digit`, from the network's own outputs.

    Any calibration that it already has is ignored. Raises DatasetError if the data set that it learnt from is
    not on this machine.
    """
    name, classes = classifier.card["dataset"]["name"], len(classifier.class_names)
    images, unchanged = datasets.load(name, "validation")
    clean = changed = classifier.outputs(scaled(images))
    labels, how = unchanged, "as they are"
    if classifier.reads_digits:
        pictures, labels = _changed(name, CHANGED)
        changed = classifier.outputs(pictures)
        how = f"changed in {', '.join(CHANGES)}"
    temperature = fit_temperature(changed[:, :classes], labels)
    if len(labels) < FEW:
        temperature = max(1.0, temperature)
    clean, changed = answers(clean, classes, temperature), answers(changed, classes, temperature)
    confidence = clean.probabilities.max(1)
    share = DIGIT_SHARE if classifier.knows_others else UNTAUGHT_SHARE
    digit = least_digitness(changed.digitness, share)
    sure = min(
        threshold(confidence, SURE_SHARE),
        least_sure(
            np.concatenate([_confidence(clean, digit), _confidence(changed, digit)]),
            np.concatenate([_is_right(clean, unchanged), _is_right(changed, labels)]),
            WRONG_SHARE,
        ),
    )
    return {
        "calibration": {
            "temperature": temperature,
            "n": len(labels),
            "fitted_on": f"validation digits {how}",
        },
        "acceptance": {"threshold": sure, "validation_accepted": float((confidence >= sure).mean())},
        "not_a_digit": {
            **({"index": classes} if classifier.knows_others else {}),
            "threshold": digit,
            "validation_accepted": float((clean.digitness >= digit).mean()),
            "changed_accepted": float((changed.digitness >= digit).mean()),
        },
    }


@lru_cache(maxsize=1)
def _changed(name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """`as_others_write` of a data set's first validation digits, made once and shared by all networks."""
    images, labels = datasets.load(name, "validation")
    return as_others_write(images[:count], labels[:count])


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature between 0.25 and 10 with the least cross-entropy of softmax(log p / temperature).

    probabilities: (n, classes) of a softmax; a 0 counts as 1e-30.  labels: (n,).
    Guo et al., "On Calibration of Modern Neural Networks" (2017). The cross-entropy is convex in
    1 / temperature, so a golden-section search finds its only minimum.
    """
    if len(labels) == 0 or len(probabilities) != len(labels):
        raise ValueError(f"Expected one label per answer, got {len(probabilities)} and {len(labels)}.")
    logits = np.log(probabilities.astype(np.float64) + NEVER)
    logits -= logits.max(1, keepdims=True)
    true = logits[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        sharpness = np.exp(-log_temperature)
        return float((np.log(np.exp(logits * sharpness).sum(1)) - true * sharpness).mean())

    low, high = np.log(_LOWEST), np.log(_HIGHEST)
    while high - low > 1e-4:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right) if loss(left) <= loss(right) else (left, high)
    return float(np.exp((low + high) / 2))


def threshold(scores: np.ndarray, share: float) -> float:
    """The largest score that at least `share` of the scores (n,) reach."""
    return float(np.quantile(scores, 1.0 - share, method="lower"))


def least_digitness(scores: np.ndarray, share: float) -> float:
    """The same for what is taken for one of the classes at all; 0 where (n,) are too few to tell, as of a
    data set of one's own: the lowest of n scores is undercut by one in n + 1 of those to come, so that with
    three a quarter of what the network has just learnt would look "like nothing it knows"."""
    return threshold(scores, share) if len(scores) * (1.0 - share) >= 1 else 0.0


def _confidence(said: Answers, digit: float) -> np.ndarray:
    """(n,) of the best classes; 0 where the picture is taken for none of them."""
    return np.where(said.digitness >= digit, said.probabilities.max(1), 0.0)


def _is_right(said: Answers, labels: np.ndarray) -> np.ndarray:
    return said.probabilities.argmax(1) == labels


def least_sure(confidence: np.ndarray, right: np.ndarray, share: float) -> float:
    """The least confidence to be sure from, so that at most `share` of all answers are wrong and sure.

    confidence: (n,), 0 for what counts as no answer. right: (n,) bool.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    allowed = np.flatnonzero(wrong <= share * len(right))
    if not len(allowed):
        return 1.0
    if len(allowed) == len(right):
        return float(confidence[confidence > 0].min(initial=1.0))
    # Above the first that is one too many, however many answers are as sure as that one.
    too_many = confidence[order][allowed[-1] + 1]
    above = confidence[confidence > too_many]
    return float(above.min()) if len(above) else 1.0


def as_others_write(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Digits (n, 28, 28) uint8, each with one of `CHANGES` at one of its levels, read by the pipeline:
    pictures (m, 28, 28) float32 and their labels. The few that are no longer legible are left out."""
    ways = [
        (name, level)
        for name in CHANGES
        for level in corruption.FACTORS[name].levels
        if level != corruption.FACTORS[name].untouched
    ]
    pictures, read = [], []
    for start, (name, level) in enumerate(ways):
        mine = np.arange(start, len(images), len(ways))
        for number, grey in zip(mine, corruption.corrupt(images[mine], name, level), strict=True):
            try:
                pictures.append(normalisation.read(grey).picture)
            except DigitcoreError:
                continue
            read.append(number)
    return np.stack(pictures), labels[read]
