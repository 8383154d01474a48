"""What has been read for one visitor: answers, true digits, the tally and the download. Bounded and small.

Of each file only the name, a thumbnail and the 28x28 pictures of its digits are kept (about 4 KB for one
digit), so that another network can read them again without the uploads.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.networks.classifier import Classifier, Verdict
from digitcore.reading.batch import Row, read_pictures
from digitcore.reading.digit import Digit, answered_again, text_of
from digitcore.reading.left_out import NOTHING, LeftOut
from digitcore.reading.tables import answer_cells, answer_columns, csv_text, short_names

MAX_RESULTS = 1_200
"""Results that are kept at once: those of the largest zip and of the largest selection of single files."""


JPEG_QUALITY = 85
"""Of thumbnails: half the bytes of OpenCV's 95 for a photograph; every student of a class keeps dozens."""


@dataclass
class Result:
    """One file. number: counts from 1 in the order of reading. truth: the text that a person says is right.

    digits: in reading order, their pictures float16; none where error says why. size: (width, height) of the
    upright picture, in whose pixels their boxes are. thumbnail: JPEG bytes of thumbnail_size (width, height);
    None where the file could not be decoded. left_out: what else there is in the picture.
    """

    number: int
    name: str
    error: str | None
    digits: tuple[Digit, ...]
    size: tuple[int, int] | None
    thumbnail: bytes | None
    thumbnail_size: tuple[int, int] | None
    truth: str | None = None
    left_out: LeftOut = NOTHING

    @property
    def verdict(self) -> Verdict | None:
        """That of the digit which the network is least sure of; anything that is not a digit counts as less
        sure still. None where there is no answer."""
        return min((digit.verdict for digit in self.digits), key=lambda v: v.order, default=None)

    @property
    def picture(self) -> np.ndarray | None:
        """What the network saw of the first digit: (28, 28) float16, 0 paper to 1 ink."""
        return self.digits[0].picture if self.digits else None


@dataclass(frozen=True)
class Tally:
    """How many answers are right, wrong, and not yet marked, and how many files gave no answer."""

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
        """How many more results can be kept."""
        return MAX_RESULTS - len(self.items)

    def add(self, row: Row, classifier: Classifier) -> None:
        """Keep what is needed of a row that `classifier` answered. IndexError beyond MAX_RESULTS."""
        if not self.room:
            raise IndexError(f"at most {MAX_RESULTS} results are kept")
        self.follow(classifier)
        small = row.thumbnail
        self.items.append(
            Result(
                number=len(self.items) + 1,
                name=row.name,
                error=row.error,
                digits=tuple(replace(each, picture=each.picture.astype(np.float16)) for each in row.digits),
                size=row.size,
                thumbnail=None if small is None else _encoded(small, ".jpg"),
                thumbnail_size=None if small is None else small.shape[::-1],
                left_out=row.left_out,
            )
        )

    def turn(self, item: Result, classifier: Classifier, polarity: str = "auto") -> None:
        """Read a picture again, turned clockwise by a quarter, from the copy that is kept of it.

        Raises ValueError where nothing of it could be decoded.
        """
        if item.thumbnail is None or item.size is None:
            raise ValueError(f"{item.name} was not decoded, so there is nothing to turn.")
        kept = cv2.imdecode(np.frombuffer(item.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
        turned = np.ascontiguousarray(np.rot90(kept, -1))
        png = cv2.imencode(".png", turned)[1].tobytes()
        (row,) = read_pictures([(item.name, png)], classifier, polarity=polarity, thumbnail_side=1)
        larger = max(item.size) / max(kept.shape)
        item.size = item.size[::-1]
        item.digits = tuple(
            replace(
                each,
                picture=each.picture.astype(np.float16),
                box=tuple(round(value * larger) for value in each.box),
            )
            for each in row.digits
        )
        item.error, item.left_out = row.error, row.left_out
        item.thumbnail, item.thumbnail_size = _encoded(turned, ".jpg"), turned.shape[::-1]

    def follow(self, classifier: Classifier) -> None:
        """Ask `classifier` about the kept digits, unless they already have its answers. True texts stay."""
        reader = (classifier.name, classifier.card.get("created"))
        if reader == self._reader:
            return
        self._reader, self.class_names = reader, classifier.class_names
        for item in self.items:
            if item.digits:
                item.digits = answered_again(item.digits, classifier)

    def text(self, item: Result) -> str:
        """What was read: "2026", rows separated by a line break, "?" where the network is not sure."""
        return text_of(item.digits, self.class_names)

    def answer(self, item: Result) -> str | None:
        """The network's best guess for every digit, sure or not; None where there is no answer."""
        return text_of(item.digits, self.class_names, unsure=None) or None

    def is_right(self, item: Result) -> bool | None:
        """Whether the answer is the true text; None while either is missing."""
        if item.verdict is None or item.truth is None:
            return None
        return self.answer(item) == item.truth

    def confirm_unmarked(self) -> None:
        """Take every unmarked answer as right, except those with something that is not a digit."""
        for item in self.items:
            if item.truth is None and all(digit.verdict.is_digit for digit in item.digits):
                item.truth = self.answer(item)

    def tally(self) -> Tally:
        """Counts over all results."""
        answers = [self.is_right(item) for item in self.items]
        unread = sum(item.verdict is None for item in self.items)
        return Tally(answers.count(True), answers.count(False), answers.count(None) - unread, unread)

    def least_sure_first(self) -> list[Result]:
        """What is not a digit first, then by confidence, lowest first; files without an answer last."""

        def order(item: Result) -> tuple[bool, float]:
            return item.verdict.order if item.verdict else (True, 2.0)

        return sorted(self.items, key=order)

    def names(self) -> dict[int, str]:
        """Number of a result -> its short name."""
        return {
            item.number: name
            for item, name in zip(self.items, short_names([item.name for item in self.items]), strict=True)
        }

    def csv(self) -> str:
        """One line for each file in the order of reading: the columns of `predict --csv`, then `true`, the
        text that a person gave, empty where nobody did, and `right`."""
        yes = {True: "yes", False: "no", None: None}
        columns = ["file", *answer_columns(), "true", "right", "error"]
        return csv_text(
            columns,
            [
                [
                    item.name,
                    *answer_cells(item.digits, self.class_names, item.left_out.sentence),
                    item.truth,
                    yes[self.is_right(item)],
                    item.error,
                ]
                for item in self.items
            ],
        )


def picture_png(picture: np.ndarray) -> bytes:
    """(28, 28) picture, 0 paper to 1 ink -> PNG as MNIST shows it, ink white on black."""
    return _encoded((picture.astype(np.float32) * 255).round().astype(np.uint8), ".png")


def _encoded(grey: np.ndarray, kind: str) -> bytes:
    """The bytes of a picture (h, w) uint8 as a file of that kind."""
    # Codes made for the picture: a tenth fewer bytes of the same pixels, in no more time.
    jpeg = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    options = jpeg if kind == ".jpg" else []
    return cv2.imencode(kind, grey, options)[1].tobytes()
