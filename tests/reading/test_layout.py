"""Lines and characters of small pages whose every stroke is drawn here."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading import layout
from digitcore.reading.budget import Budget
from digitcore.reading.parts import parts_of, without_largest

INK, PAPER = 30, 235


def sheet(height=300, width=400):
    return np.full((height, width), PAPER, np.uint8)


def bar(grey, x, y, height=60, width=10, ink=INK):
    """A stroke like a one's; its box is (x, y, width, height)."""
    grey[y : y + height, x : x + width] = ink


def ring(grey, x, y, size=60, ink=INK):
    """A zero, whose box is (x, y, size, size)."""
    half = size // 2
    cv2.circle(grey, (x + half, y + half), half - 4, int(ink), 7)


def boxes(grey):
    """(x, y, w, h) of each character, line by line."""
    parts = parts_of(opened(grey, "dark-on-light").full, Budget())
    found = layout.lines(parts, parts.writing)
    return [[character.box for character in line.characters] for line in found]


def characters(grey):
    """(x, y) of each character, line by line."""
    return [[box[:2] for box in line] for line in boxes(grey)]


def near(found, expected, by=3):
    assert [len(line) for line in found] == [len(line) for line in expected]
    for line, wanted in zip(found, expected, strict=True):
        assert np.abs(np.array(line) - wanted).max() <= by, (found, expected)


def test_lines_come_from_top_to_bottom_and_characters_from_left_to_right():
    grey = sheet()
    for x, y in ((220, 160), (60, 40), (140, 160), (140, 40), (60, 160)):
        bar(grey, x, y)
    near(characters(grey), [[(60, 40), (140, 40)], [(60, 160), (140, 160), (220, 160)]])


@pytest.mark.parametrize("slope", [-0.25, 0.25])
def test_two_lines_that_slope_alike_stay_two(slope):
    """From one digit to the next they fall or rise by nearly a digit's height."""
    grey = sheet(420, 560)
    places = [
        [(60 + 200 * i, 140 + 130 * row + round(slope * 200 * i)) for i in range(3)] for row in range(2)
    ]
    for x, y in places[0] + places[1]:
        bar(grey, x, y)
    near(characters(grey), places)


def test_the_pieces_of_a_broken_digit_above_one_another_are_one_character():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 60)
    grey[85:92, 120:180] = PAPER
    near(characters(grey), [[(60, 60), (140, 60), (220, 60)]])


def test_a_mark_far_below_a_digit_is_no_part_of_it():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
    bar(grey, 141, 130, height=20, width=7)
    near(boxes(grey), [[(x, 40, 10, 60) for x in (60, 140, 220)]])


def test_digits_close_below_one_another_are_two_lines():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
        bar(grey, x, 108)
    near(characters(grey), [[(x, y) for x in (60, 140, 220)] for y in (40, 108)])


def test_what_is_smaller_than_two_fifths_of_the_writing_is_no_line_of_its_own():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
    bar(grey, 150, 220, height=20, width=7)
    near(characters(grey), [[(60, 40), (140, 40), (220, 40)]])


def test_a_small_mark_beside_a_line_belongs_to_it():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
    bar(grey, 245, 80, height=20, width=9)
    near(characters(grey), [[(60, 40), (140, 40), (220, 40), (245, 80)]])


@pytest.mark.parametrize("drawn", ["a frame", "a ring", "three sides of a frame"])
def test_a_shape_drawn_around_a_digit_is_no_writing(drawn):
    grey = sheet()
    for x in (60, 250, 310):
        bar(grey, x, 100, width=14)
    if drawn == "a ring":
        cv2.circle(grey, (67, 130), 50, INK, 3)
    else:
        cv2.rectangle(grey, (20, 75), (114, 240), INK, 3)
    if drawn.startswith("three"):
        grey[60:80] = PAPER
    near(characters(grey), [[(60, 100), (250, 100), (310, 100)]])


def test_an_empty_shape_far_larger_than_the_writing_is_told_from_it():
    grey = sheet(400, 600)
    cv2.rectangle(grey, (320, 40), (560, 360), INK, 8)
    for x in (60, 120, 180):
        bar(grey, x, 100, height=50)
    parts = parts_of(opened(grey, "dark-on-light").full, Budget())
    able = parts.writing
    rest = without_largest(parts, able)
    assert able.sum() == 4 and rest.sum() == 3
    near(
        [[c.box[:2] for c in line.characters] for line in layout.lines(parts, rest)],
        [[(60, 100), (120, 100), (180, 100)]],
    )
    assert without_largest(parts, rest) is rest, "and nothing else is"


def test_the_edge_of_the_paper_at_the_pictures_side_is_no_writing():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 100)
    grey[40:, :12] = INK
    grey[-10:, 100:] = INK
    near(characters(grey), [[(60, 100), (140, 100), (220, 100)]])


def test_pale_writing_beside_something_black_keeps_its_palest_strokes():
    """The table's edge is black; of the pencil's rings the left halves are paler than the right ones."""
    grey = sheet()
    for x in (60, 160, 260):
        ring(grey, x, 100, ink=PAPER - 75)
        half = grey[90:170, x - 5 : x + 30]
        half[half < PAPER] = PAPER - 38
    grey[120:, -10:] = 0
    near(characters(grey), [[(60, 100), (160, 100), (260, 100)]])


def test_what_shows_through_from_the_papers_back_is_no_writing():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
    for x in (80, 160):
        bar(grey, x, 160, ink=PAPER - 70)
    near(characters(grey), [[(60, 40), (140, 40), (220, 40)]])


def test_a_grainy_photograph_has_the_lines_of_a_clean_one():
    grey = sheet()
    for x in (60, 140, 220):
        bar(grey, x, 40)
        bar(grey, x, 160)
    rng = np.random.default_rng(0)
    grainy = np.clip(grey * 0.4 + 110 + rng.normal(0, 16, grey.shape), 0, 255).astype(np.uint8)
    near(characters(grainy), [[(x, y) for x in (60, 140, 220)] for y in (40, 160)], by=5)


def test_specks_alone_are_no_line():
    grey = sheet()
    for x in (60, 140, 220):
        grey[100:104, x : x + 4] = INK
    assert characters(grey) == []
