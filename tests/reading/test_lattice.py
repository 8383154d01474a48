"""What a way through a knot costs, on made ink, with answers of a network that are made up too."""

from itertools import pairwise

import numpy as np
import pytest

from digitcore.networks.classifier import Answers
from digitcore.reading.budget import Budget
from digitcore.reading.knot import WIDEST, Knot
from digitcore.reading.lattice import Priced

HEIGHT = 20


def canvas(width=40):
    return np.zeros((24, width), np.float32)


def knot(*strokes, width=40):
    """A knot of one character for each list of (left, right, top, bottom) strokes."""
    inks = []
    for boxes in strokes:
        ink = canvas(width)
        for left, right, top, bottom in boxes:
            ink[top:bottom, left:right] = 1
        inks.append((ink, 0, 0))
    return Knot(inks, HEIGHT, Budget())


def told(made, single, joined, digitness=1.0):
    """Answers: runs of all segments are 0, as sure as `joined`; each segment alone a 1, a run in between
    a 7, as sure as `single`."""
    probabilities = np.full((len(made.runs), 10), 1e-4, np.float32)
    for number, (start, stop) in enumerate(made.runs):
        whole = stop - start == len(made.segments)
        label = 0 if whole else 1 if stop - start == 1 else 7
        probabilities[number, label] = joined if whole else single if label == 1 else 1e-3
    return Answers(probabilities, np.full(len(made.runs), digitness, np.float32))


BAR_LEFT, BAR_RIGHT = (4, 8, 2, 22), (18, 22, 2, 22)


def test_two_bars_with_a_gap_are_two_digits_although_together_they_look_like_one():
    made = knot([BAR_LEFT], [BAR_RIGHT])
    assert Priced(made, told(made, single=0.5, joined=0.9)).own_text() == (1, 1)


def test_two_bars_close_together_are_the_digit_that_they_look_like():
    made = knot([BAR_LEFT], [(9, 13, 2, 22)])
    assert Priced(made, told(made, single=0.5, joined=0.9)).own_text() == (0,)


def test_what_is_far_lower_than_the_line_is_a_part_of_its_neighbour():
    made = knot([BAR_LEFT], [(8, 12, 16, 22)])
    assert Priced(made, told(made, single=0.8, joined=0.4)).own_text() == (0,)
    made = knot([BAR_LEFT], [(8, 12, 2, 22)])
    assert Priced(made, told(made, single=0.8, joined=0.4)).own_text() == (1, 1), (
        "as high as the line, it is a digit"
    )


def test_a_digit_much_wider_than_its_kind_is_less_likely():
    shapes = []
    for right in (20, 34):  # a zero is about as wide as high, never half as wide again
        made = knot([(4, right, 2, 22)])
        answers = told(made, single=0.9, joined=0.9)
        (_, _, shape, _), _ = Priced(made, answers).cheapest_as((0,), np.array([(4 + right) / 2]))
        shapes.append(shape)
    assert shapes[1] > shapes[0] + 0.05


def test_a_text_is_laid_where_its_digits_were_read():
    """Three bars are read as two digits: which two of them belong together, the places tell."""
    made = knot([(4, 8, 2, 22)], [(10, 14, 2, 22)], [(16, 20, 2, 22)])
    answers = Answers(np.full((len(made.runs), 10), 0.1, np.float32), np.ones(len(made.runs), np.float32))
    priced = Priced(made, answers)
    for columns, joined in (((9.0, 18.0), (0, 2)), ((6.0, 15.0), (1, 3))):
        _, way = priced.cheapest_as((1, 1), np.array(columns))
        assert joined in [made.runs[number] for number in way]


def test_a_text_of_more_digits_than_there_are_segments_has_no_way():
    made = knot([BAR_LEFT], [BAR_RIGHT])
    priced = Priced(made, told(made, 0.9, 0.9))
    _, way = priced.cheapest_as((1,) * (len(made.segments) + 1), np.zeros(len(made.segments) + 1))
    assert way == []


def test_no_run_of_segments_is_wider_than_a_digit_may_be():
    made = knot(*[[(left, left + 4, 2, 22)] for left in range(4, 76, 8)], width=80)
    widths = [
        box[2] for (box, _), (start, stop) in zip(made.made, made.runs, strict=True) if stop - start > 1
    ]
    assert max(widths) == pytest.approx(WIDEST * HEIGHT, abs=8)
    assert max(widths) <= WIDEST * HEIGHT


def test_ways_lead_from_the_first_segment_to_the_last():
    made = knot([BAR_LEFT, BAR_RIGHT, (8, 18, 10, 13)], [(28, 32, 2, 22)])
    way = Priced(made, told(made, 0.8, 0.8)).cheapest()
    runs = [made.runs[number] for number in way]
    assert runs[0][0] == 0 and runs[-1][1] == len(made.segments)
    assert all(before[1] == after[0] for before, after in pairwise(runs))


def test_ink_is_reduced_to_the_height_at_which_paths_are_looked_for_and_boxes_are_not():
    small = knot([BAR_LEFT], [BAR_RIGHT])
    inks = [(np.kron(ink, np.ones((5, 5), np.float32)), 35, 10) for ink in (canvas(), canvas())]
    for (ink, *_), (left, right, top, bottom) in zip(inks, (BAR_LEFT, BAR_RIGHT), strict=True):
        ink[5 * top : 5 * bottom, 5 * left : 5 * right] = 1
    large = Knot(inks, 5 * HEIGHT, Budget())
    assert large.ink.shape[0] <= 60
    for (box, _), (other, _) in zip(small.made, large.made, strict=True):
        assert np.abs(np.array(other) - (5 * box[0] + 35, 5 * box[1] + 10, 5 * box[2], 5 * box[3])).max() <= 4
