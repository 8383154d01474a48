"""One visitor's results: the tally is what a person said, another network reads what was kept."""

import csv
import io
import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.support.driving import STROKES
from digitcore.networks.classifier import Answers, Verdict
from digitcore.reading import results as module
from digitcore.reading.batch import Row
from digitcore.reading.digit import Digit
from digitcore.reading.results import Results, picture_png, small

SURE = 0.5


class Always:
    """Stands for a classifier that always gives one answer."""

    def __init__(self, label, class_names="0123456789"):
        self.name, self.card, self.class_names = f"always {label}", {"created": label}, tuple(class_names)
        self.label = label

    def answer(self, pictures):
        probabilities = np.tile(np.eye(10, dtype=np.float32)[self.label], (len(pictures), 1))
        return Answers(probabilities, np.ones(len(pictures)))

    def verdict(self, probabilities, digitness):
        label = int(probabilities.argmax())
        confidence = float(probabilities[label])
        return Verdict(label, confidence, (label + 1) % 10, 0.0, confidence > SURE, str(label))


def row(name, classifier, confidence=None):
    picture = np.full((28, 28), 0.5, np.float32)
    probabilities = classifier.answer(picture[None]).probabilities[0]
    if confidence is not None:
        probabilities *= confidence
    digit = Digit((5, 6, 7, 8), 0, picture, probabilities, 1.0, classifier.verdict(probabilities, 1.0))
    return Row(name, digits=(digit,), size=(480, 960), thumbnail=np.zeros((96, 48), np.uint8))


@pytest.fixture
def seven():
    return Always(7)


@pytest.fixture
def three(seven):
    """Two answers and a bad file between them."""
    kept = Results()
    for each in (row("a.png", seven, 0.9), Row("b.png", "This file is empty."), row("c.png", seven, 0.6)):
        kept.add(each, seven)
    return kept


def test_nothing_counts_until_a_person_says_so(three):
    tally = three.tally()
    assert (tally.right, tally.misses, tally.unmarked, tally.unread) == (0, 0, 2, 1)


def test_a_correction_is_a_miss_and_the_others_can_be_confirmed(three):
    three.items[0].truth = "1"
    three.confirm_unmarked()
    tally = three.tally()
    assert (tally.right, tally.misses, tally.unmarked, tally.unread) == (1, 1, 0, 1)
    assert [item.truth for item in three.items] == ["1", None, "7"]


def test_another_network_reads_what_was_kept_and_the_truth_stays(three):
    three.items[0].truth = "1"
    three.confirm_unmarked()
    three.follow(Always(1))
    assert [three.answer(item) for item in three.items] == ["1", None, "1"]
    assert [three.is_right(item) for item in three.items] == [True, None, False]


def test_the_same_network_is_not_asked_again(three, seven):
    seven.answer = None
    three.follow(seven)
    assert three.items[0].verdict.label == 7


def test_answers_carry_the_names_of_their_own_network(three):
    three.follow(Always(1, class_names="abcdefghij"))
    assert three.answer(three.items[0]) == "b"


def test_least_sure_comes_first_and_bad_files_last(three):
    assert [item.name for item in three.least_sure_first()] == ["c.png", "a.png", "b.png"]


def test_what_is_no_digit_comes_before_the_least_sure_whatever_its_confidence(three, seven):
    none = Verdict(7, 0.999, 1, 0.001, False, "This does not look like a digit", is_digit=False)
    (digit,) = row("d.png", seven).digits
    three.add(Row("d.png", digits=(digit, replace(digit, verdict=none)), size=(1, 1)), seven)
    assert three.items[-1].verdict == none
    assert [item.name for item in three.least_sure_first()] == ["d.png", "c.png", "a.png", "b.png"]


def test_what_is_kept_of_a_file_is_small_whatever_is_in_it(seven):
    """Thirty students send fifty files a minute, and each tab keeps all of its own."""
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, (400, 400), np.uint8)
    file = replace(row("n" * 60_000, seven), thumbnail=noise)
    kept = Results()
    kept.add(file, seven)
    tracemalloc.start()
    try:
        kept.extend([small(file) for _ in range(20)], seven)
        each = tracemalloc.get_traced_memory()[0] / 20
    finally:
        tracemalloc.stop()
    assert each <= module.COPY_BYTES + 4_000
    item = kept.items[-1]
    assert cv2.imdecode(np.frombuffer(item.thumbnail, np.uint8), 0).shape == item.thumbnail_size
    assert item.picture.nbytes == 28 * 28 and item.digits[0].probabilities.base is None


def test_a_drawing_is_kept_in_three_kilobytes(seven):
    paper = np.full((280, 280), 255, np.uint8)
    cv2.polylines(paper, [np.array(stroke, np.int32) for stroke in STROKES[4]], False, 0, 18, cv2.LINE_AA)
    item = small(replace(row("four.png", seven), thumbnail=paper))
    assert len(item.thumbnail) + item.picture.nbytes <= 2_500
    assert item.thumbnail_size == (280, 280)
    again = cv2.imdecode(np.frombuffer(item.thumbnail, np.uint8), 0)
    assert np.abs(again.astype(int) - paper).mean() < 2


def test_results_are_bounded_by_their_number_and_by_their_digits(three, seven, monkeypatch):
    monkeypatch.setattr(module, "MAX_RESULTS", 4)
    assert three.room == 1
    assert three.extend([small(row(name, seven)) for name in "de"], seven) == 1
    assert three.room == 0 and [item.number for item in three.items] == [1, 2, 3, 4]
    with pytest.raises(IndexError):
        three.add(row("f.png", seven), seven)
    monkeypatch.setattr(module, "MAX_RESULTS", 100)
    monkeypatch.setattr(module, "MAX_DIGITS", 4)
    assert three.extend([small(row(name, seven)) for name in "fg"], seven) == 1 and three.room == 0


def test_a_kept_picture_is_read_by_another_network_as_the_one_that_was_read(three):
    seen = []
    another = Always(1)
    answer = another.answer
    another.answer = lambda pictures: seen.append(pictures) or answer(pictures)
    three.follow(another)
    assert all(each.dtype == np.float32 for each in seen)
    np.testing.assert_allclose(seen[0], 0.5, atol=0.5 / 255 + 1e-6)
    assert three.items[0].picture.dtype == np.uint8


def test_the_download_holds_answers_truth_and_reasons_and_no_formula(three, seven):
    three.add(row("=HYPERLINK(1).png", seven), seven)
    three.items[0].truth = "1"
    lines = list(csv.DictReader(io.StringIO(three.csv(), newline="")))
    first, bad, _, last = lines
    assert (first["file"], first["text"], first["true"], first["right"]) == ("a.png", "7", "1", "no")
    assert float(first["confidence"]) == pytest.approx(0.9)
    assert (first["digits"], first["confidences"], first["boxes"]) == ("1", "0.9000", "5 6 7 8")
    assert (bad["text"], bad["digits"], bad["error"]) == ("", "", "This file is empty.")
    assert (last["file"], last["true"], last["right"]) == ("'=HYPERLINK(1).png", "", "")


def test_the_picture_shown_is_the_picture_seen(seven):
    picture = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    (digit,) = row("a.png", seven).digits
    kept = small(Row("a.png", digits=(replace(digit, picture=picture),), size=(1, 1)))
    shown = cv2.imdecode(np.frombuffer(picture_png(kept.picture), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.abs(shown / 255 - picture).max() <= 0.5 / 255 + 1e-6
