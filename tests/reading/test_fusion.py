"""What pieces and line reader say together, on a made knot with answers that are made up."""

import numpy as np
import pytest

from digitcore.networks.classifier import Answers
from digitcore.reading import fusion, line_reader
from digitcore.reading.budget import Budget
from digitcore.reading.knot import Knot

BLANK = line_reader.CLASSES


def two_bars():
    """A knot of two bars that a stroke joins, 20 pixels high, and its runs' answers: left 1, right 7."""
    ink = np.zeros((24, 30), np.float32)
    ink[2:22, 4:8] = ink[2:22, 22:26] = ink[10:12, 8:22] = 1
    knot = Knot([(ink, 0, 0)], 20, Budget())
    probabilities = np.full((len(knot.runs), 10), 0.01, np.float32)
    left = np.array(knot.middles) < 15
    probabilities[left, 1] = probabilities[~left, 7] = 0.91
    return knot, Answers(probabilities, np.full(len(knot.runs), 0.95, np.float32))


def said(knot, text, sureness):
    """The view of a reader that says so of a knot."""
    picture, scale = line_reader.picture(knot.ink, knot.height)
    frames = np.full((picture.shape[1] // line_reader.STRIDE, BLANK + 1), 1e-4)
    frames[:, BLANK] = 1
    for label, middle in zip(text, (6, 24), strict=True):
        place = int((middle * scale + line_reader.MARGIN) / line_reader.STRIDE)
        frames[place] = (1 - sureness) / 10
        frames[place, label] = sureness
    return [line_reader.View(np.log(frames / frames.sum(1, keepdims=True)), scale)]


def test_where_reader_and_pieces_agree_digits_are_sure_and_have_their_boxes():
    knot, answers = two_bars()
    first, second = fusion.settled(knot, answers, said(knot, (1, 7), 0.9))
    assert (first.probabilities.argmax(), second.probabilities.argmax()) == (1, 7)
    assert min(first.score, second.score) > 0.9
    assert first.box[0] <= 5 and first.box[0] + first.box[2] <= 20
    assert second.box[0] >= 10 and second.box[0] + second.box[2] >= 25


def test_a_sure_reader_overrules_pieces_that_were_cut():
    knot, answers = two_bars()
    pieces = fusion.settled(knot, answers, said(knot, (4, 9), 0.99))
    assert [int(piece.probabilities.argmax()) for piece in pieces] == [4, 9]


def test_where_neither_is_sure_nor_do_they_agree_digits_are_not_sure():
    knot, answers = two_bars()
    pieces = fusion.settled(knot, answers, said(knot, (1, 9), 0.45))
    assert pieces[0].score > 0.8
    assert pieces[1].score < 0.7


def test_where_the_reader_sees_no_digit_the_pieces_decide():
    knot, answers = two_bars()
    (view,) = said(knot, (1, 7), 0.9)
    view.frames[:, :BLANK], view.frames[:, BLANK] = -30, 0
    with_it = fusion.settled(knot, answers, [view])
    alone = fusion.pieces_alone(knot, answers)
    assert [piece.box for piece in with_it] == [piece.box for piece in alone]
    assert [piece.score for piece in with_it] == [piece.score for piece in alone]


def test_a_whole_character_that_is_hardly_a_digit_is_not_sure_however_sure_its_text_is():
    ink = np.zeros((24, 30), np.float32)
    ink[2:22, 4:8] = 1
    other = np.zeros_like(ink)
    other[2:22, 22:26] = 1
    knot = Knot([(ink, 0, 0), (other, 0, 0)], 20, Budget())
    probabilities = np.full((len(knot.runs), 10), 0.01, np.float32)
    left = np.array(knot.middles) < 15
    probabilities[left, 1] = probabilities[~left, 7] = 0.91
    digitness = np.where(left, 0.95, 0.2).astype(np.float32)
    first, second = fusion.settled(knot, Answers(probabilities, digitness), said(knot, (1, 7), 0.95))
    assert first.score > 0.8
    assert second.score == pytest.approx(0.2, abs=0.05) and second.probabilities.argmax() == 7


def test_where_the_reader_wavers_the_pieces_tip_the_scales():
    """It says 1 or 4, and 7 or 9, the wrong ones a little rather; the network knows what it sees."""
    knot, answers = two_bars()
    views = said(knot, (1, 7), 0.9)
    frames = views[0].frames
    for right, wrong in ((1, 4), (7, 9)):
        place = frames[:, right].argmax()
        frames[place, right], frames[place, wrong] = np.log(0.40), np.log(0.55)
    pieces = fusion.settled(knot, answers, views)
    assert [int(piece.probabilities.argmax()) for piece in pieces] == [1, 7]
    alone = fusion.settled(knot, answers, said(knot, (1, 7), 0.9))
    for piece, sure in zip(pieces, alone, strict=True):
        assert 0.5 < piece.score < sure.score


def test_a_likely_text_of_one_digit_more_makes_its_neighbour_less_sure():
    knot, answers = two_bars()
    views = said(knot, (1, 7), 0.9)
    frames = views[0].frames
    between = (frames[:, 1].argmax() + frames[:, 7].argmax()) // 2
    frames[between] = np.log(0.01)
    frames[between, 3], frames[between, BLANK] = np.log(0.5), np.log(0.42)
    first, second = fusion.settled(knot, answers, views)
    sure, _ = fusion.settled(knot, answers, said(knot, (1, 7), 0.9))
    assert (first.probabilities.argmax(), second.probabilities.argmax()) == (1, 7)
    assert first.score < sure.score - 0.05
