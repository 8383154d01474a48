"""Several digits: one stays one, numbers and sheets come in reading order, what is no digit is left out."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.support import sheets
from digitcore import datasets
from digitcore.errors import TooMuchError
from digitcore.preprocessing import normalisation, polarity
from digitcore.reading import line_reader, reader, taken_apart
from digitcore.reading.digit import answered_again, text_of
from digitcore.reading.figure import with_boxes
from tests.reading.sheets import SIDE, page


def read_as(grey, network):
    return text_of(reader.read(grey, network), network.class_names)


def test_a_number_is_read_from_left_to_right_with_a_box_for_each_digit(clear, network):
    digits = reader.read(page(clear, ["2026"]), network)
    assert text_of(digits, network.class_names) == "2026"
    for n, digit in enumerate(digits):
        x, y, w, h = digit.box
        assert 40 + 90 * n <= x < x + w <= 40 + 90 * n + SIDE
        assert 40 <= y < y + h <= 40 + SIDE
        assert digit.accepted


def test_rows_are_read_from_top_to_bottom_on_either_ground(clear, network):
    grey = page(clear, ["314", "15", "926"])
    assert read_as(grey, network) == read_as(255 - grey, network) == "314\n15\n926"


@pytest.mark.parametrize("slope", [-0.15, 0.15])
def test_lines_may_slope(clear, network, slope):
    assert read_as(page(clear, ["314159", "265358"], slope=slope), network) == "314159\n265358"


def test_one_digit_is_read_as_the_pipeline_alone_reads_it(clear, network):
    for label in range(10):
        grey = page(clear, [str(label)])
        (digit,) = reader.read(grey, network)
        alone = normalisation.read(grey)
        assert digit.box == alone.located.box_in_picture()
        assert digit.picture.tobytes() == alone.picture.tobytes()
        assert digit.verdict.label == label


def test_a_small_bitmap_is_one_digit_whatever_is_in_it(clear, network):
    small = cv2.resize(page(clear, ["11"]), (30, 28), interpolation=cv2.INTER_AREA)
    assert len(reader.read(small, network)) == 1


def test_a_five_and_its_hat_stay_one(clear, network):
    grey = page(clear, ["353"])
    top = np.flatnonzero((grey[:, 130:214] < 128).any(1))[0]
    five = grey[:, 130:214]
    # A white cut a few pixels below the hat.
    five[top + 14 : top + 19][five[top + 14 : top + 19] < 255] = 255
    assert cv2.connectedComponents((five < 128).view(np.uint8))[0] > 2, "the hat is apart"
    assert read_as(grey, network) == "353"


def test_frames_specks_and_a_line_through_the_page_are_left_out(clear, network):
    grey = page(clear, ["27", "18"], step=200)
    cv2.rectangle(grey, (30, 30), (134, 134), 0, 3)
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(grey.shape[1], size=30), rng.integers(grey.shape[0], size=30), strict=True):
        grey[y : y + 2, x : x + 2] = 60
    assert read_as(grey, network) == "27\n18"


def test_what_the_network_is_not_sure_of_is_a_question_mark(clear, network, monkeypatch):
    digits = reader.read(page(clear, ["12"]), network)
    monkeypatch.setattr(network, "threshold", 1.1)
    doubted = answered_again(digits, network)
    assert text_of(doubted, network.class_names) == "??"
    assert text_of(doubted, network.class_names, unsure=None) == "12"


def test_a_network_of_other_things_is_shown_one(clear, network, monkeypatch):
    monkeypatch.setattr(network, "class_names", tuple("abcdefghij"))
    assert len(reader.read(page(clear, ["20"]), network)) == 1


def test_boxes_are_drawn_in_the_colour_of_their_sureness(clear, network, monkeypatch):
    grey = page(clear, ["20"])
    digits = reader.read(grey, network)
    size = grey.shape[::-1]
    blue, orange = (0, 114, 178), (213, 94, 0)
    drawn = with_boxes(grey, size, digits, network.class_names)
    assert drawn.shape == (*grey.shape, 3)
    assert (drawn == blue).all(-1).any()
    assert not (drawn == orange).all(-1).any()
    small = cv2.resize(grey, None, fx=0.5, fy=0.5)
    monkeypatch.setattr(network, "threshold", 1.1)
    doubted = with_boxes(small, size, answered_again(digits, network), network.class_names)
    assert (doubted == orange).all(-1).any()


def test_digits_in_a_column_are_as_many_however_close(clear, network):
    assert read_as(page(clear, ["2", "3", "6"], line=70), network) == "2\n3\n6"


def test_two_rings_that_nearly_touch_are_an_eight_whose_waist_is_missing(clear, network):
    grey = np.full((230, 160), 240, np.uint8)
    cv2.ellipse(grey, (80, 72), (26, 34), 0, 0, 360, 20, 9)
    cv2.ellipse(grey, (80, 158), (30, 36), 0, 0, 360, 20, 9)
    assert read_as(grey, network) == "8"


def test_a_small_digit_beside_a_large_one_is_seen(clear, network):
    grey = page(clear, ["3 "])
    small = cv2.resize(clear[7], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    grey[80:122, 135:177] = np.minimum(grey[80:122, 135:177], 255 - small)
    assert read_as(grey, network) == "37"


def test_the_boxes_of_a_large_picture_are_in_its_own_pixels(clear, network):
    grey = page(clear, ["26"])
    large = cv2.resize(grey, None, fx=8, fy=8, interpolation=cv2.INTER_LINEAR)
    digits = reader.read(large, network)
    assert text_of(digits, network.class_names) == "26"
    for digit, other in zip(digits, reader.read(grey, network), strict=True):
        assert np.abs(np.array(digit.box) - 8 * np.array(other.box)).max() <= 16


def test_a_dot_between_digits_is_left_out(clear, network):
    grey = page(clear, ["314"])
    cv2.circle(grey, (128, 100), 6, 0, -1)
    assert read_as(grey, network) == "314"


def test_a_dash_between_digits_is_left_out(clear, network):
    grey = page(clear, ["27"], step=140)
    ink = np.flatnonzero((grey < 128).any(0))
    gap = int(np.argmax(np.diff(ink)))
    start, stop = ink[gap] + 21, ink[gap + 1] - 21
    assert stop - start > 20
    grey[78:86, start:stop] = 0
    assert read_as(grey, network) == "27"


def test_a_mark_as_high_as_half_a_digit_of_the_page_is_left_out_between_digits_twice_as_large(clear, default):
    grey = page(clear, ["314159", "265358", "314159", "", ""])
    for label, x in ((2, 60), (7, 360)):
        large = cv2.resize(clear[label], (150, 150), interpolation=cv2.INTER_CUBIC)
        grey[410:560, x : x + 150] = np.minimum(grey[410:560, x : x + 150], 255 - large)
    cv2.drawMarker(grey, (290, 490), 0, cv2.MARKER_TILTED_CROSS, 30, 5)
    assert read_as(grey, default) == "314159\n265358\n314159\n27"


@pytest.mark.parametrize(("label", "kept"), [(0, 44), (2, 30), (3, 36), (5, 44), (7, 36)])
def test_what_the_pictures_side_cuts_is_left_out(label, kept, clear, default):
    grey = page(clear, [f"314{label}"])[:, : 40 + 3 * 90 + kept]
    assert (grey[:, -1] < 128).any()
    assert read_as(grey, default) == "314"


def test_a_line_of_signs_is_no_line_of_digits(clear, default):
    grey = page(clear, ["271", "   "])
    for x in (70, 150, 230):
        cv2.drawMarker(grey, (x, 210), 0, cv2.MARKER_CROSS, 55, 6)
    assert read_as(grey, default) == "271"


@pytest.mark.parametrize("text", ["2573", "4596"])
def test_digits_on_a_line_that_they_touch_are_no_frame_around_one_that_does_not(text, clear, default):
    grey = page(clear, [text[0] + " " + text[2:]])
    for left in (40, 220, 310):
        rows = np.flatnonzero((grey[:, left : left + SIDE] < 128).any(1))
        grey[:, left : left + SIDE] = np.roll(grey[:, left : left + SIDE], 122 - rows[-1], axis=0)
    small = cv2.resize(clear[int(text[1])], (50, 50), interpolation=cv2.INTER_AREA)
    grey[66:116, 147:197] -= small
    cv2.line(grey, (20, 122), (grey.shape[1] - 20, 122), 0, 4)
    assert cv2.connectedComponents((grey < 128).view(np.uint8))[0] - 1 == 2
    assert read_as(grey, default) == text


def test_a_large_page_that_looks_like_one_doubtful_digit_is_read_with_ink_and_ground_swapped(
    clear, default, monkeypatch
):
    grey = np.pad(page(clear, ["247", "358", "921"]), 60, constant_values=255)
    light = np.linspace(1, 0.7, grey.shape[1])
    grey = np.uint8(grey * light * 0.98 + np.random.default_rng(0).uniform(0, 4, grey.shape))
    assert grey.size > reader.WAITS
    monkeypatch.setattr(polarity, "polarity_of", lambda _: "light-on-dark")
    assert read_as(grey, default) == "247\n358\n921"


class Confuses:
    """A network or a line reader that cannot tell some digits from one another; else it is as it was."""

    def __init__(self, inner, labels):
        self._inner, self._labels = inner, labels

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def answer(self, pictures):
        answers = self._inner.answer(pictures)
        probabilities = answers.probabilities.copy()
        probabilities[:, self._labels] = probabilities[:, self._labels].mean(1, keepdims=True)
        return replace(answers, probabilities=probabilities)

    def views(self, *asked):
        found = self._inner.views(*asked)
        for view in found:
            same = np.exp(view.frames[:, self._labels]).mean(1, keepdims=True)
            view.frames[:, self._labels] = np.log(same)
        return found


@pytest.mark.parametrize(("step", "shapes"), [(90, 4), (46, 3)], ids=["whole", "cut from its neighbour"])
def test_a_digit_that_may_be_one_of_three_is_a_question_mark(step, shapes, clear, network, monkeypatch):
    labels = [3, 5, 8]
    shipped = line_reader.shipped()
    monkeypatch.setattr(line_reader, "shipped", lambda: Confuses(shipped, labels))
    grey = np.hstack([page(clear, ["27"]), page(clear, ["43"], step=step)[:, 30:]])
    assert cv2.connectedComponents((grey < 128).view(np.uint8))[0] - 1 == shapes
    digits = reader.read(grey, Confuses(network, labels))
    assert text_of(digits, network.class_names) == "274?"
    assert digits[-1].verdict.label in labels


def test_a_small_picture_far_wider_than_high_may_hold_a_number_cut_tight(clear, default):
    """Bitmaps of data sets are square; here digits are 15 rows high and touch all sides."""
    ink = page(clear, ["32"], step=70)[40:124]
    y, x = np.nonzero(ink < 128)
    tight = ink[y.min() : y.max() + 1, x.min() : x.max() + 1]
    factor = 15 / len(tight)
    small = cv2.resize(tight, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert max(small.shape) <= 32
    assert text_of(reader.read(small, default), default.class_names) == "32"


def struck(number):
    """(a made page whose digits a ruled line strikes, as grey; its true text)"""
    rng = np.random.default_rng((4711, 14, number))
    picture, truth, _ = sheets.make("struck", *datasets.load("mnist", "validation"), rng)
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), truth


def test_digits_joined_by_a_line_on_the_reduced_picture_only_are_several(default):
    """The quick look sees one piece of ink; at its full size the line is found and taken out."""
    grey, truth = struck(5)
    assert text_of(reader.read(grey, default), default.class_names) == truth == "14329"


def test_a_sure_digit_vouches_for_its_doubtful_neighbour(default):
    """A six beside a nine whose loop has come open: "6?", and not one doubtful digit."""
    grey, truth = struck(23)
    assert truth == "69"
    assert text_of(reader.read(grey, default), default.class_names) == "6?"


def test_the_digit_beside_a_blotted_one_is_not_left_out(default):
    rng = np.random.default_rng((4711, list(sheets.KINDS).index("sheet on a table"), 13))
    picture, truth, _ = sheets.make("sheet on a table", *datasets.load("mnist", "validation"), rng)
    read = text_of(reader.read(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), default), default.class_names)
    assert truth == "87" and read in ("87", "8?")


def test_a_page_that_is_too_much_to_read_in_another_turn_is_read_as_it_came(clear, default, monkeypatch):
    grey = page(clear, ["314159", "265358", "979323"])
    read_through, turned = reader._looked_through, []

    def looked_through(apart, classifier):
        if apart.ink.turned.shape == grey.shape:
            return read_through(apart, classifier)
        turned.append(apart)
        raise TooMuchError("Too much.")

    monkeypatch.setattr(reader, "_looked_through", looked_through)
    monkeypatch.setattr(reader.turns, "likeliest", lambda *args, **kwargs: 1)
    assert read_as(grey, default) == "314159\n265358\n979323"
    assert len(turned) == 1


def test_the_ink_of_a_large_page_is_taken_apart_once_at_each_size(clear, default, monkeypatch):
    rows = ["314159", "265358", "979323"]
    grey = page(clear, rows)
    take, taken = taken_apart.parts_of, []
    monkeypatch.setattr(
        taken_apart, "parts_of", lambda inks, budget: taken.append(inks) or take(inks, budget)
    )
    assert grey.size > reader.WAITS
    assert read_as(grey, default) == "\n".join(rows)
    assert len(taken) == 2 and taken[0].scale < taken[1].scale
