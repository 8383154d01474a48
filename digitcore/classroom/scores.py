"""The class set as a test: how a network reads the class's own drawings, and whose it misreads."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from digitcore.classroom.drawings import Drawing
from digitcore.datasets import DIGITS
from digitcore.errors import ModelError
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled

MODELS_REMEMBERED = 128


@dataclass(frozen=True)
class Miss:
    """A drawing that was misread. sureness: the answer's probability; truth: that of the true digit."""

    drawing: Drawing
    answer: int
    sureness: float
    truth: float


@dataclass(frozen=True)
class Share:
    """How many of n drawings were misread."""

    misses: int
    n: int

    @property
    def accuracy(self) -> float:
        return 1 - self.misses / self.n


@dataclass(frozen=True)
class ClassFigure:
    """How a network reads the class set, by digit and by nickname; misses: hardest first, that is, those with
    the lowest probability of the true digit."""

    whole: Share
    by_digit: dict[int, Share]
    by_nickname: dict[str, Share]
    misses: tuple[Miss, ...]


class ClassReader:
    """Runs each network once on each picture, however many pages, students or classes ask.

    Safe to share between threads. Remembers the answers of MODELS_REMEMBERED networks, about 30 bytes per
    drawing each.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, dict[bytes, np.ndarray]] = OrderedDict()
        self._mutex = threading.Lock()

    def knows(self, model: str, drawings: Sequence[Drawing]) -> bool:
        """Whether the network's answers to all of these are known."""
        with self._mutex:
            known = self._answers.get(model, {})
            return all(_digest(drawing) in known for drawing in drawings)

    def read(self, model: str, load: Callable[[], Classifier], drawings: Sequence[Drawing]) -> ClassFigure:
        """How the network reads the drawings. model, load and errors: as for `answers`."""
        if not drawings:
            raise ValueError("Expected at least one drawing to measure a network on, got none.")
        return _figure(drawings, self.answers(model, load, drawings))

    def answers(
        self,
        model: str,
        load: Callable[[], Classifier],
        drawings: Sequence[Drawing],
        names: Sequence[str] = DIGITS,
    ) -> np.ndarray:
        """(n, classes) float32: for each drawing, the network's probabilities of the digits, or of `names`.

        model: identifies the network, such as its file's SHA-256. load: called only if there is something new
        to read. ModelError if the network reads something else.
        """
        digests = [_digest(drawing) for drawing in drawings]
        with self._mutex:
            known = dict(self._answers.get(model, {}))
        new = [i for i, digest in enumerate(digests) if digest not in known]
        if new:
            classifier = load()
            if tuple(names) == DIGITS and not classifier.reads_digits:
                raise ModelError(f"Network {classifier.title} does not read digits.")
            if tuple(names) != DIGITS and tuple(names) != tuple(classifier.class_names):
                raise ModelError(f"Network {classifier.title} does not read {', '.join(names)}.")
            pictures = scaled(np.stack([drawings[i].picture for i in new]))
            known |= dict(zip([digests[i] for i in new], _half(classifier.predict(pictures)), strict=True))
        with self._mutex:
            self._answers[model] = {digest: known[digest] for digest in digests}
            self._answers.move_to_end(model)
            while len(self._answers) > MODELS_REMEMBERED:
                self._answers.popitem(last=False)
        return np.stack([known[digest] for digest in digests]).astype(np.float32)


def _figure(drawings: Sequence[Drawing], probabilities: np.ndarray) -> ClassFigure:
    answers = probabilities.argmax(1)
    misses = [
        Miss(drawing, int(answer), float(row[answer]), float(row[drawing.label]))
        for drawing, answer, row in zip(drawings, answers, probabilities, strict=True)
        if answer != drawing.label
    ]
    return ClassFigure(
        Share(len(misses), len(drawings)),
        _by(drawings, misses, lambda drawing: drawing.label),
        _by(drawings, misses, lambda drawing: drawing.nickname),
        tuple(sorted(misses, key=lambda miss: miss.truth)),
    )


def _by(drawings: Sequence[Drawing], misses: Sequence[Miss], key: Callable) -> dict:
    wrong = Counter(key(miss.drawing) for miss in misses)
    counts = Counter(map(key, drawings))
    return {value: Share(wrong[value], counts[value]) for value in sorted(counts)}


def _half(probabilities: np.ndarray) -> np.ndarray:
    return probabilities.astype(np.float16)


def _digest(drawing: Drawing) -> bytes:
    return hashlib.blake2b(drawing.picture.tobytes(), digest_size=8).digest()
