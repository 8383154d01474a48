"""What has been read for one visitor: answers, true digits, the tally and the download. Bounded and small.

Of each file only the name, a small copy and the 28x28 pictures of its digits are kept (about 3 KB for one
digit), so that another network can read them again without the uploads: a class's server keeps them for as
long as each tab is open, and thirty students send fifty files a minute.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitcore.networks.classifier import Classifier, Verdict
from digitcore.preprocessing.levels import BRIGHTEST, scaled
from digitcore.preprocessing.paper import reduced
from digitcore.reading.batch import Row, read_pictures
from digitcore.reading.digit import Digit, answered_again, text_of
from digitcore.reading.left_out import NOTHING, LeftOut
from digitcore.reading.tables import answer_cells, answer_columns, csv_text, short_names

MAX_RESULTS = 1_200
"""Results that are kept at once: those of the largest zip and of the largest selection of single files."""


MAX_DIGITS = 12_000
"""Digits of all results: a page has up to 300, and each is kept in a kilobyte."""

LONGEST_NAME = 300
"""Characters of a file's name, of which a zip may give tens of thousands."""

QUALITIES = (75, 40)
"""Of the small copy as WebP, whose lines at 75 are as clear as JPEG's at 85, in a fifth of the bytes. Where
it would have more than COPY_BYTES, it is tried at 40, and then at half the size."""

COPY_BYTES = 12_000
"""Four times what the sample that needs most has, a felt pen's number on squared paper."""


@dataclass(slots=True)
class Result:
    """One file. number: counts from 1 in the order of reading. truth: the text that a person says is right.

    digits: in reading order, their pictures uint8; none where error says why. size: (width, height) of the
    upright picture, in whose pixels their boxes are. thumbnail: WebP bytes of thumbnail_size (width, height);
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
    def whole_digits(self) -> tuple[Digit, ...]:
        """The digits with their pictures as networks take them: (28, 28) float32, 0 paper to 1 ink."""
        return tuple(replace(digit, picture=scaled(digit.picture)) for digit in self.digits)

    @property
    def picture(self) -> np.ndarray | None:
        """What the network saw of the first digit: (28, 28) uint8, 0 paper to 255 ink."""
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
        return MAX_RESULTS - len(self.items) if self.digits < MAX_DIGITS else 0

    @property
    def digits(self) -> int:
        """How many digits all results have."""
        return sum(len(item.digits) for item in self.items)

    def add(self, row: Row, classifier: Classifier) -> None:
        """Keep what is needed of a row that `classifier` answered. IndexError where there is no room."""
        if not self.extend([small(row)], classifier):
            raise IndexError(f"at most {MAX_RESULTS} results with {MAX_DIGITS} digits are kept")

    def extend(self, read: Iterable[Result], classifier: Classifier) -> int:
        """Keep results (`small`) with the answers of `classifier`, as long as there is room; returns how many
        there was room for."""
        self.follow(classifier)
        before = len(self.items)
        for item in read:
            if not self.room:
                break
            item.number = len(self.items) + 1
            self.items.append(item)
        return len(self.items) - before

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
            replace(_light(each), box=tuple(round(value * larger) for value in each.box))
            for each in row.digits
        )
        item.error, item.left_out = row.error, row.left_out
        item.thumbnail, item.thumbnail_size = _copy(turned)

    def follow(self, classifier: Classifier) -> None:
        """Ask `classifier` about the kept digits, unless they already have its answers. True texts stay."""
        reader = (classifier.name, classifier.card.get("created"))
        if reader == self._reader:
            return
        self._reader, self.class_names = reader, classifier.class_names
        for item in self.items:
            if item.digits:
                item.digits = tuple(map(_light, answered_again(item.whole_digits, classifier)))

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


def small(row: Row) -> Result:
    """What is kept of a row; its number counts once it is among others."""
    copy, size = (None, None) if row.thumbnail is None else _copy(row.thumbnail)
    return Result(
        number=0,
        name=row.name[:LONGEST_NAME],
        error=row.error,
        digits=tuple(map(_light, row.digits)),
        size=row.size,
        thumbnail=copy,
        thumbnail_size=size,
        left_out=row.left_out,
    )


def picture_png(picture: np.ndarray) -> bytes:
    """(28, 28) uint8, 0 paper to 255 ink -> PNG as MNIST shows it, ink white on black."""
    return cv2.imencode(".png", picture)[1].tobytes()


def _light(digit: Digit) -> Digit:
    """The same digit in few bytes: its picture as grey levels, and nothing of the batch it was read in."""
    picture = np.rint(digit.picture * BRIGHTEST).astype(np.uint8)
    return replace(digit, picture=picture, probabilities=digit.probabilities.copy())


def _copy(grey: np.ndarray) -> tuple[bytes, tuple[int, int]]:
    """(h, w) uint8 -> a WebP file of at most COPY_BYTES, and its (width, height)."""
    while True:
        for quality in QUALITIES:
            copy = cv2.imencode(".webp", grey, [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
            if len(copy) <= COPY_BYTES:
                return copy.tobytes(), grey.shape[::-1]
        grey = reduced(grey, max(grey.shape) // 2)
