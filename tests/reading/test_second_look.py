"""What becomes of digits that the line reader reads otherwise; its answers are made up."""

from dataclasses import replace

import numpy as np

from digitcore.reading import line_reader, second_look, written_anew
from digitcore.reading.candidates import Piece

BLANK = line_reader.CLASSES
HEIGHT = 20


def line(*labels):
    """(pieces, inks) of upright bars, 20 pixels apart, read as these digits."""
    pieces, inks = [], []
    for number, label in enumerate(labels):
        ink = np.ones((HEIGHT, 6), np.float32)
        left = 40 + 20 * number
        pieces.append(Piece((left, 10, 6, HEIGHT), np.zeros((28, 28)), np.eye(10)[label], 1.0))
        inks.append((ink, left, 10))
    return pieces, inks


class Saying:
    """A reader that says these digits at these columns of the ink, as surely as told."""

    def __init__(self, said, sureness=0.99):
        self.said, self.sureness = said, sureness

    def views(self, ink, height, of):
        picture, scale = line_reader.picture(ink, height)
        frames = np.full((picture.shape[1] // line_reader.STRIDE, BLANK + 1), 1e-4)
        frames[:, BLANK] = 1
        for column, likely in self.said:
            place = int((column * scale + line_reader.MARGIN) / line_reader.STRIDE)
            frames[place, BLANK] = 1e-4
            for label, share in likely.items():
                frames[place, label] = share
        return [line_reader.View(np.log(frames / frames.sum(1, keepdims=True)), scale)]


def test_a_line_that_is_read_alike_is_not_doubted():
    reader = Saying([(3, {1: 1}), (23, {7: 1}), (43, {1: 1})])
    assert not second_look.otherwise(*line(1, 7, 1), HEIGHT, reader).any()


def test_a_character_that_is_read_as_another_digit_or_as_two_is_doubted():
    other = Saying([(3, {1: 1}), (23, {4: 1, 7: 1e-3}), (43, {1: 1})])
    assert second_look.otherwise(*line(1, 7, 1), HEIGHT, other).tolist() == [False, True, False]
    two = Saying([(3, {1: 1}), (22, {4: 1}), (26, {1: 1}), (43, {1: 1})])
    assert second_look.otherwise(*line(1, 4, 1), HEIGHT, two).tolist() == [False, True, False]


def test_a_text_that_is_hardly_likelier_raises_no_doubt():
    hardly = Saying([(3, {1: 1}), (23, {4: 0.6, 7: 0.4})])
    assert not second_look.otherwise(*line(1, 7), HEIGHT, hardly).any()
    clearly = Saying([(3, {1: 1}), (23, {4: 0.9, 7: 0.1})])
    assert second_look.otherwise(*line(1, 7), HEIGHT, clearly).tolist() == [False, True]


def cut(labels, weak=1.0):
    """(pieces, inks) of a line whose last digit was cut off, and is that sure."""
    pieces, inks = line(*labels)
    return [*pieces[:-1], replace(pieces[-1], is_cut=True, digitness=weak)], inks


def doubts(pieces):
    return [piece.is_doubted for piece in pieces]


def test_after_a_cut_a_clearly_likelier_text_takes_the_place_of_the_digits():
    clearly = Saying([(3, {1: 1}), (23, {4: 0.9, 7: 0.1})])
    pieces = second_look.settled(*cut((1, 7)), HEIGHT, clearly)
    assert written_anew.text_of(pieces) == (1, 4) and not any(doubts(pieces))
    assert 0.8 < pieces[1].score < 0.95, "as sure as the line reader is of it"


def test_after_a_cut_a_text_that_is_hardly_likelier_raises_doubt():
    hardly = Saying([(3, {1: 1}), (23, {4: 0.54, 7: 0.46})])
    pieces = second_look.settled(*cut((1, 7)), HEIGHT, hardly)
    assert written_anew.text_of(pieces) == (1, 7) and doubts(pieces) == [False, True]
    less = Saying([(3, {1: 1}), (23, {4: 0.4, 7: 0.6})])
    assert not any(doubts(second_look.settled(*cut((1, 7)), HEIGHT, less)))


def test_a_weak_piece_is_doubted_where_another_text_is_nearly_as_likely():
    less = Saying([(3, {1: 1}), (23, {4: 0.4, 7: 0.6})])
    assert doubts(second_look.settled(*cut((1, 7), 0.55), HEIGHT, less)) == [False, True]
    far_less = Saying([(3, {1: 1}), (23, {4: 0.2, 7: 0.8})])
    assert not any(doubts(second_look.settled(*cut((1, 7), 0.55), HEIGHT, far_less)))


def test_whole_digits_stay_unless_another_text_is_far_likelier():
    likelier = Saying([(3, {1: 1}), (23, {4: 0.9, 7: 0.1})])
    pieces = second_look.settled(*line(1, 7), HEIGHT, likelier)
    assert written_anew.text_of(pieces) == (1, 7) and not any(doubts(pieces))
    far = Saying([(3, {1: 1}), (23, {4: 0.99, 7: 0.001})])
    assert written_anew.text_of(second_look.settled(*line(1, 7), HEIGHT, far)) == (1, 4)
