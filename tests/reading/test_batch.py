"""Files -> answers: the same as one by one, bad ones told, one picture in memory at a time."""

import cv2
import numpy as np
import pytest

from benchmarks.support import pen
from benchmarks.support.glyphs import STYLES
from digitcore import datasets
from digitcore.errors import ImageError
from digitcore.networks.classifier import Answers, Classifier, Verdict
from digitcore.preprocessing import images, normalisation
from digitcore.reading import batch, reader


class BySum:
    """Stands for a classifier: its answer is the picture's total ink, rounded down; it counts its calls."""

    def __init__(self):
        self.sizes = []

    class_names = tuple("0123456789")
    reads_digits = Classifier.reads_digits

    def answer(self, pictures):
        self.sizes.append(len(pictures))
        probabilities = np.eye(10, dtype=np.float32)[pictures.sum((1, 2)).astype(int) % 10]
        return Answers(probabilities, probabilities.max(1))

    def verdict(self, probabilities, digitness):
        label = int(probabilities.argmax())
        return Verdict(label, 1.0, (label + 1) % 10, 0.0, True, True, str(label))


def png(grey):
    return cv2.imencode(".png", grey)[1].tobytes()


@pytest.fixture(scope="module")
def files():
    """40 validation digits, drawn dark in the middle of pages of different sizes."""
    digits, _ = datasets.load("mnist", "validation")
    pages = []
    for n, digit in enumerate(digits[:40]):
        page = np.full((120 + n, 160), 255, np.uint8)
        page[20:104, 30:114] = 255 - cv2.resize(digit, (84, 84), interpolation=cv2.INTER_CUBIC)
        pages.append((f"{n}.png", png(page)))
    return pages


def test_each_row_is_what_the_pipeline_gives_for_that_file_alone(files):
    classifier = BySum()
    rows = list(batch.read_pictures(files, classifier))
    assert [row.name for row in rows] == [name for name, _ in files]
    for row, (_, data) in zip(rows, files, strict=True):
        grey = images.decode(data)
        alone = normalisation.read(grey)
        assert row.error is None
        (digit,) = row.digits
        assert digit.picture.tobytes() == alone.picture.tobytes()
        assert digit.box == alone.located.box_in_picture()
        assert row.size == (grey.shape[1], grey.shape[0])
        assert digit.verdict.label == int(alone.picture.sum()) % 10
        assert digit.probabilities[digit.verdict.label] == 1
        assert row.text == row.guess == str(digit.verdict.label)
        assert max(row.thumbnail.shape) == batch.THUMBNAIL_SIDE


def test_the_network_is_asked_in_batches(files):
    classifier = BySum()
    classifier.class_names = tuple("abcdefghij")  # nothing that comes in numbers
    list(batch.read_pictures(files, classifier))
    assert classifier.sizes == [batch.BATCH, 40 - batch.BATCH]


def test_bad_files_are_rows_that_say_why_and_the_others_are_read(files):
    items = [
        ("text.png", b"hello"),
        files[0],
        ("empty.jpg", b""),
        ("blank.png", png(np.full((50, 50), 255, np.uint8))),
        ("refused.png", ImageError("This file is locked.")),
        files[1],
    ]
    rows = list(batch.read_pictures(items, BySum()))
    assert [row.error is None for row in rows] == [False, True, False, False, False, True]
    assert "not a picture" in rows[0].error
    assert "empty" in rows[2].error
    assert rows[4].error == "This file is locked."
    blank = rows[3]
    assert blank.digits == ()
    assert blank.size == (50, 50)
    assert blank.thumbnail.shape == (50, 50)


def test_a_network_that_fails_at_one_picture_costs_that_picture_alone(files):
    class FailsAtOne(BySum):
        def answer(self, pictures):
            if len(self.sizes) == 0:
                self.bad = pictures[3].copy()
            answers = super().answer(pictures)
            if any(np.array_equal(picture, self.bad) for picture in pictures):
                raise RuntimeError("Node number 3 failed to invoke.")
            return answers

    classifier = FailsAtOne()
    classifier.class_names = tuple("abcdefghij")  # asked about only when all are found
    rows = list(batch.read_pictures([*files[:5], ("text.png", b"hello")], classifier))
    assert classifier.sizes == [5, 1, 1, 1, 1, 1]
    assert [row.name for row in rows if row.error is None] == ["0.png", "1.png", "2.png", "4.png"]
    assert "a fault of ours (RuntimeError)" in rows[3].error and rows[3].digits == ()
    assert "not a picture" in rows[5].error


def test_nothing_readable_asks_the_network_nothing():
    classifier = BySum()
    assert [row.name for row in batch.read_pictures([("a", b"")], classifier)] == ["a"]
    assert list(batch.read_pictures([], classifier)) == []
    assert classifier.sizes == []


def test_files_are_taken_one_by_one_and_progress_follows(files):
    taken, told = [], []

    def late():
        for item in files:
            assert len(taken) == len(told), "the next file is loaded only when the last is done"
            taken.append(item[0])
            yield item

    list(batch.read_pictures(late(), BySum(), progress=lambda done, name: told.append((done, name))))
    assert told == [(n + 1, name) for n, (name, _) in enumerate(files)]


def test_polarity_can_be_overruled(files):
    grey = images.decode(files[0][1])
    forced = list(
        batch.read_pictures([("a", png(255 - grey))], BySum(), polarity="light-on-dark", thumbnail_side=20)
    )
    assert np.abs(forced[0].digits[0].picture - normalisation.read(grey).picture).max() < 1e-3
    assert max(forced[0].thumbnail.shape) == 20


def test_pairs_among_many_pictures_are_those_of_each_alone_and_the_network_is_asked_once(files, default):
    pairs = []
    for number in range(8):
        rng = np.random.default_rng((number, 5))
        first, second = (str(d) for d in rng.integers(0, 10, 2))
        picture = pen.pair(first, second, -0.12, pen.Hand.of(rng), STYLES[0], 110, rng)
        pairs.append((f"pair {number}.png", png(picture)))
    alone = [reader.read(images.decode(data), default) for _, data in pairs]
    rows = list(batch.read_pictures(pairs, default))
    assert [[d.box for d in row.digits] for row in rows] == [[d.box for d in digits] for digits in alone]
    assert any(len(row.digits) == 2 for row in rows)
    asked = []

    class Counted:
        def __getattr__(self, name):
            return getattr(default, name)

        def answer(self, pictures):
            asked.append(len(pictures))
            return default.answer(pictures)

    single = [(name, data) for name, data in files if len(reader.read(images.decode(data), default)) == 1]
    asked.clear()
    list(batch.read_pictures(single[:20], Counted()))
    assert asked[-1] == 20
    assert len(asked) < 5


def test_thumbnails_are_left_out_where_nobody_asks_for_them(files):
    for side, has in ((None, False), (48, True)):
        rows = list(batch.read_pictures(files[:3], BySum(), thumbnail_side=side))
        assert [row.thumbnail is not None for row in rows] == [has] * 3
        assert all(row.size for row in rows)
