"""Marks and letters among numbers do not become digits, and what is left out of a made line is said."""

import cv2
import numpy as np
import pytest

from benchmarks import strings
from benchmarks.pages import _encoded
from benchmarks.support import sheets
from benchmarks.support.texts import counts_of
from digitcore import datasets
from digitcore.networks.classifier import Answers
from digitcore.preprocessing import images
from digitcore.preprocessing.ink import opened
from digitcore.reading import reader
from digitcore.reading.digit import text_of
from digitcore.reading.other_writing import others_in
from digitcore.reading.parts import parts_of
from tests.reading.sheets import page

EACH = 25

TOUCHING = 105, 451
"""Numbers, by place among those composed, of which two digits that touch are taken for a letter at first."""


@pytest.fixture(scope="module")
def validation():
    return datasets.load("mnist", "validation")


def read(kind, number, validation, network):
    """(counts, what was left out) of a made page, whose marks and letters are by other code than those that
    were learnt from."""
    rng = np.random.default_rng((99, number))
    picture, truth, layout = sheets.make(kind, *validation, rng)
    found = reader.find(images.decode(_encoded(picture)), network)
    digits = found.digits(network.answer(found.pictures), network)
    text, guess = (text_of(digits, network.class_names, unsure=unsure) for unsure in ("?", None))
    return counts_of(truth, layout, text, guess), found.left_out


@pytest.mark.parametrize(("kind", "invented"), [("words", 4), ("separators", 4), ("codes", 5)])
def test_hardly_a_mark_or_letter_becomes_a_digit_and_no_digit_is_lost(kind, invented, validation, default):
    total, said = None, 0
    for number in range(EACH):
        counts, left_out = read(kind, number, validation, default)
        total = counts if total is None else total + counts
        said += bool(left_out.marks if kind == "separators" else left_out.letters)
    assert total["invented"] <= invented
    assert total["right"] >= 0.95 * total["digits"]
    assert said >= 0.8 * EACH


def leaning(clear, text, lean):
    """A number with a straight stroke as high as its digits in place of "/", which leans to the right by so
    many of its heights."""
    grey = page(clear, [text.replace("/", " ")])
    rows = np.flatnonzero((grey < 128).any(1))
    top, bottom = int(rows[0]), int(rows[-1])
    middle, half = 40 + 90 * text.index("/") + 42, round(lean * (bottom - top) / 2)
    cv2.line(grey, (middle - half, bottom), (middle + half, top), 0, 7, cv2.LINE_AA)
    return grey


def test_a_straight_stroke_that_leans_far_over_between_upright_digits_is_no_sure_digit(clear, default):
    for text in ("35/28", "4/53", "82/60"):
        found = reader.find(leaning(clear, text, 0.6), default)
        read = text_of(found.several, default.class_names)
        assert read.replace("?", "") == text.replace("/", ""), read


def test_a_1_that_leans_as_a_hand_s_digits_do_is_sure(clear, default):
    found = reader.find(leaning(clear, "35/28", 0.1), default)
    assert text_of(found.several, default.class_names) == "35128"


class Undecided:
    """Stands for the network of kinds where it takes slim characters for a digit or a mark."""

    def of(self, parts, lines):
        slim = np.array([character.box[2] < 0.7 * character.box[3] for character in lines[0].characters])
        return [np.where(slim[:, None], (0.85, 0.15, 0.0), (1.0, 0.0, 0.0)).astype(np.float32)]


@pytest.mark.parametrize(("leans", "doubted"), [((-0.15,) * 4, 1), ((0.35, -0.35, 0.35, -0.35), 0)])
def test_a_stroke_leans_far_over_only_where_the_other_digits_lean_alike(leans, doubted, clear, default):
    grey = leaning(clear, "44/44", 0.75)
    for place, lean in zip((0, 1, 3, 4), leans, strict=True):
        left = 40 + 90 * place
        move = np.float32([[1, -lean, lean * len(grey) / 2], [0, 1, 0]])
        digit = cv2.warpAffine(255 - grey[:, left : left + 84], move, (84, len(grey)))
        grey[:, left : left + 84] = 255 - digit
    grey = cv2.resize(grey, None, fx=0.8, fy=1.0, interpolation=cv2.INTER_AREA)  # so that all are of one word
    parts = parts_of(opened(grey, "auto").full)
    assert len(others_in(parts, parts.writing, Undecided(), default).doubted) == doubted


class Unsure:
    """Stands for a network that takes every picture for a digit, with this probability."""

    knows_others = True

    def __init__(self, probability):
        self.probability = probability

    def answer(self, pictures):
        probabilities = np.full((len(pictures), 10), (1 - self.probability) / 9, np.float32)
        probabilities[:, 1] = self.probability
        return Answers(probabilities, np.ones(len(pictures), np.float32))


class LettersOutside:
    """Stands for the network of kinds where it takes a line's first and last character for letters."""

    def of(self, parts, lines):
        count = len(lines[0].characters)
        return [np.eye(3, dtype=np.float32)[[2] + [0] * (count - 2) + [2]]]


@pytest.mark.parametrize(("probability", "letters", "doubted"), [(0.3, 2, 0), (0.7, 0, 2), (0.95, 0, 0)])
def test_a_lone_letter_that_looks_like_a_digit_is_doubted_not_left_out(probability, letters, doubted, clear):
    parts = parts_of(opened(page(clear, ["274"]), "auto").full)
    found = others_in(parts, parts.writing, LettersOutside(), Unsure(probability))
    assert (np.count_nonzero(found.letters), len(found.doubted)) == (letters, doubted)
    assert found.are_none == (not letters and not doubted)


def test_in_a_row_of_1s_one_may_lean_more_than_the_others(clear, default):
    found = reader.find(leaning(clear, "11/11", 0.3), default)
    assert text_of(found.several, default.class_names) == "11111"


def test_numbers_alone_have_no_marks_and_no_letters(validation, default):
    for number in range(EACH):
        counts, left_out = read("number", number, validation, default)
        assert not left_out.letters and not left_out.marks, number
        assert counts["missing"] == 0


def test_digits_that_touch_are_not_the_only_letter_of_a_line(validation, default):
    """Numbers composed of digits that overlap: what looks like one joined letter is read before it is left
    out."""
    images, labels = validation
    for number in TOUCHING:
        rng = np.random.default_rng(number)
        chosen = slice(number * strings.LENGTH, (number + 1) * strings.LENGTH)
        grey = strings.compose(images[chosen], strings.GAPS["touching"], rng)
        found = reader.find(grey, default)
        assert not found.left_out.letters, number
        text = text_of(found.digits(default.answer(found.pictures), default), default.class_names)
        assert text == "".join(map(str, labels[chosen]))
