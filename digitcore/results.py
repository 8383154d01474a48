"""What one visitor has had read: answers, true digits, the tally and the download. Bounded and small.

Of each file only the name, a thumbnail and the 28x28 picture are kept (about 4 KB), so that another
network can read them again without the uploads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitcore.classifier import Classifier, Verdict
from digitcore.reading import Row
from digitcore.tables import csv_text, short_names

MAX_RESULTS = 1_200
"""Results that are kept at once: the largest zip and the largest handful of files."""


@dataclass
class Result:
    """One file. number: counts from 1 in the order of reading. truth: the class that a person named.

    picture: (28, 28) float16, 0 paper to 1 ink; None, as are the answers, where error says why.
    thumbnail: JPEG bytes of thumbnail_size (width, height); None where nothing could be decoded.
    """

    number: int
    name: str
    error: str | None
    verdict: Verdict | None
    probabilities: np.ndarray | None
    picture: np.ndarray | None
    thumbnail: bytes | None
    thumbnail_size: tuple[int, int] | None
    truth: str | None = None


@dataclass(frozen=True)
class Tally:
    """How many answers are right, missed, without a true digit yet, and how many files gave no answer."""

    right: int
    misses: int
    unmarked: int
    unread: int


class Results:
    """The results of one visitor, in the order of reading."""

    def __init__(self) -> None:
        self.items: list[Result] = []
        self.class_names: tuple[str, ...] = ()
        self._reader: tuple[str, object] | None = None

    @property
    def room(self) -> int:
        """How many more can be kept."""
        return MAX_RESULTS - len(self.items)

    def add(self, row: Row, classifier: Classifier) -> None:
        """Keep what matters of a row that `classifier` answered. IndexError beyond MAX_RESULTS."""
        if not self.room:
            raise IndexError(f"at most {MAX_RESULTS} results are kept")
        self.follow(classifier)
        picture, small = row.picture, row.thumbnail
        self.items.append(
            Result(
                number=len(self.items) + 1,
                name=row.name,
                error=row.error,
                verdict=row.verdict,
                probabilities=row.probabilities,
                picture=None if picture is None else picture.astype(np.float16),
                thumbnail=None if small is None else _encoded(small, ".jpg"),
                thumbnail_size=None if small is None else small.shape[::-1],
            )
        )

    def follow(self, classifier: Classifier) -> None:
        """Ask `classifier` about the kept pictures, unless it has answered already. True classes stay."""
        reader = (classifier.name, classifier.card.get("created"))
        if reader == self._reader:
            return
        self._reader, self.class_names = reader, classifier.class_names
        readable = [item for item in self.items if item.picture is not None]
        if readable:
            pictures = np.stack([item.picture for item in readable]).astype(np.float32)
            for item, probabilities in zip(readable, classifier.predict(pictures), strict=True):
                item.probabilities, item.verdict = probabilities, classifier.verdict(probabilities)

    def answer(self, item: Result) -> str | None:
        """The class that the network named."""
        return None if item.verdict is None else self.class_names[item.verdict.label]

    def is_right(self, item: Result) -> bool | None:
        """Whether the answer is the true class; None while either is missing."""
        if item.verdict is None or item.truth is None:
            return None
        return self.answer(item) == item.truth

    def confirm_unmarked(self) -> None:
        """Take every answer that has no true class yet for right."""
        for item in self.items:
            if item.truth is None:
                item.truth = self.answer(item)

    def tally(self) -> Tally:
        """Counts over all results."""
        answers = [self.is_right(item) for item in self.items]
        unread = sum(item.verdict is None for item in self.items)
        return Tally(answers.count(True), answers.count(False), answers.count(None) - unread, unread)

    def least_sure_first(self) -> list[Result]:
        """Lowest confidence first; files without an answer last."""
        return sorted(self.items, key=lambda item: item.verdict.confidence if item.verdict else 2.0)

    def names(self) -> dict[int, str]:
        """Number of a result -> its short name."""
        return {
            item.number: name
            for item, name in zip(self.items, short_names([item.name for item in self.items]), strict=True)
        }

    def csv(self) -> str:
        """One line a file in the order of reading; `true` is what a person named, empty where nobody did."""
        columns = ["file", "answer", "confidence", "second", "second_confidence", "accepted", "true", "right"]
        columns += [f"probability_{name}" for name in self.class_names] + ["error"]
        return csv_text(columns, [self._line(item) for item in self.items])

    def _line(self, item: Result) -> Sequence[object]:
        verdict = item.verdict
        if verdict is None:
            return [item.name, *[None] * 5, item.truth, None, *[None] * len(self.class_names), item.error]
        right = {True: "yes", False: "no", None: None}[self.is_right(item)]
        return [
            item.name,
            self.answer(item),
            round(verdict.confidence, 6),
            self.class_names[verdict.second],
            round(verdict.second_confidence, 6),
            "yes" if verdict.accepted else "no",
            item.truth,
            right,
            *[round(float(p), 6) for p in item.probabilities],
            None,
        ]


def picture_png(picture: np.ndarray) -> bytes:
    """(28, 28) picture, 0 paper to 1 ink -> PNG as MNIST shows it, ink white on black."""
    return _encoded((picture.astype(np.float32) * 255).round().astype(np.uint8), ".png")


def _encoded(grey: np.ndarray, kind: str) -> bytes:
    return cv2.imencode(kind, grey)[1].tobytes()
