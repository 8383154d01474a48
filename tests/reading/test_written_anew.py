"""A line's pieces written as another text: what stays, what is divided anew, what is not written at all."""

from dataclasses import replace

import numpy as np
import pytest

from digitcore.reading import written_anew
from digitcore.reading.candidates import Piece

HEIGHT, WIDE = 20, 16


def line(*labels, cut=False, tall=HEIGHT):
    """(pieces, inks) of blocks of ink that touch; those that were cut were one character."""
    pieces, inks = [], []
    for number, label in enumerate(labels):
        box = (40 + WIDE * number, 10, WIDE, tall)
        pieces.append(Piece(box, np.zeros((28, 28)), np.eye(10)[label], 1.0, cut))
        inks.append((np.ones((HEIGHT, WIDE), np.float32), box[0], 10))
    if cut:
        inks = [(np.ones((HEIGHT, WIDE * len(labels)), np.float32), 40, 10)]
    return pieces, inks


def places(*columns):
    return 40 + np.array(columns, float)


def text(pieces):
    return pieces and written_anew.text_of(pieces)


def test_equal_digits_stay_as_they_are_and_another_one_is_as_sure_as_its_text():
    pieces, inks = line(1, 7, 3)
    made = written_anew.as_text(pieces, inks, HEIGHT, (1, 4, 3), places(8, 24, 40), 0.7)
    assert text(made) == (1, 4, 3)
    assert made[0] is pieces[0] and made[2] is pieces[2]
    assert made[1].box == pieces[1].box and made[1].score == pytest.approx(0.7)


def test_a_digit_more_divides_the_ink_of_its_neighbour_half_way_between_them():
    pieces, inks = line(1, 4, 3)
    made = written_anew.as_text(pieces, inks, HEIGHT, (1, 4, 1, 3), places(8, 20, 29, 40), 0.9)
    assert text(made) == (1, 4, 1, 3)
    assert made[0] is pieces[0] and made[3] is pieces[2]
    edges = [(piece.box[0] - 40, piece.box[0] - 40 + piece.box[2]) for piece in made[1:3]]
    assert edges == [(16, 24), (24, 32)] and all(piece.is_cut for piece in made[1:3])


@pytest.mark.parametrize("after", [(4, 1, 3), (1, 3), (5, 1, 4, 3, 2), (1, 4, 4, 3), (9,)])
def test_every_text_gets_a_piece_for_each_of_its_digits_from_left_to_right(after):
    pieces, inks = line(1, 4, 3, cut=True)
    middles = places(*np.linspace(4, 44, len(after)))
    made = written_anew.as_text(pieces, inks, HEIGHT, after, middles, 0.9)
    assert text(made) == after
    lefts = [piece.box[0] for piece in made]
    assert lefts == sorted(lefts)


def test_a_whole_character_is_never_lost():
    pieces, inks = line(1, 4, 3)
    assert written_anew.as_text(pieces, inks, HEIGHT, (1, 3), places(8, 40), 0.99) is None


def test_characters_that_stand_apart_do_not_become_one_digit_though_each_was_cut():
    pieces, inks = line(1, 4, 3)
    pieces = [replace(piece, is_cut=True) for piece in pieces]
    assert written_anew.as_text(pieces, inks, HEIGHT, (1, 3), places(8, 40), 0.99) is None
    inks[1][0][: HEIGHT // 2] = 0  # half as high, it may be a piece of its neighbour
    assert text(written_anew.as_text(pieces, inks, HEIGHT, (1, 3), places(8, 40), 0.99)) == (1, 3)


def test_a_digit_without_ink_is_not_written():
    pieces, inks = line(1, 4)
    inks[1][0][:, 8:] = 0
    assert written_anew.as_text(pieces, inks, HEIGHT, (1, 4, 7), places(8, 20, 30), 0.99) is None


def test_what_was_cut_too_low_for_a_digit_is_divided_anew_from_its_nearest_neighbour():
    pieces, inks = line(1, 4, 3, cut=True)
    pieces[1] = replace(pieces[1], box=(56, 10, 10, 6))
    made = written_anew.as_whole(pieces, inks, HEIGHT, places(8, 22, 40), 0.9)
    assert text(made) == (1, 4, 3)
    assert made[1].box[3] == HEIGHT and made[2] is pieces[2]


def test_a_whole_character_that_is_low_stays():
    pieces, inks = line(1, 4, tall=6)
    assert written_anew.as_whole(pieces, inks, HEIGHT, places(8, 24), 0.9) == pieces
