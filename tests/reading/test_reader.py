"""Several digits: one stays one, numbers and sheets come in reading order, what is no digit is left out."""

import cv2
import numpy as np
import pytest

from digitcore import datasets
from digitcore.networks import model_store
from digitcore.preprocessing import normalisation
from digitcore.reading import cut_paths, reader
from digitcore.reading.figure import with_boxes

SIDE = 84


@pytest.fixture(scope="module")
def network():
    return model_store.load("deeper-cnn")


@pytest.fixture(scope="module")
def clear(network):
    """{0..9: a validation digit (SIDE, SIDE) of which the network is sure}."""
    digits, labels = datasets.load("mnist", "validation")
    sure = network.predict(digits[:300].astype(np.float32) / 255).max(1) > 0.999
    first = {int(label): i for i, label in reversed(list(enumerate(labels[:300]))) if sure[i]}
    return {
        label: cv2.resize(digits[i], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        for label, i in first.items()
    }


def page(clear, rows, step=90, slope=0.0):
    """Rows of text, dark on white, `step` pixels from one digit to the next, falling by `slope`."""
    longest = max(map(len, rows))
    fall = round(abs(slope) * step * longest)
    ink = np.zeros((len(rows) * 120 + 80 + fall, longest * step + 80), np.uint8)
    for row, text in enumerate(rows):
        for column, name in enumerate(text):
            top, left = 40 + row * 120 + round(slope * step * column), 40 + column * step
            top += fall if slope < 0 else 0
            part = ink[top : top + SIDE, left : left + SIDE]
            np.maximum(part, clear[int(name)], out=part)
    return 255 - ink


def text_of(grey, network):
    return reader.text(reader.read(grey, network), network.class_names)


def test_a_number_is_read_from_left_to_right_with_a_box_for_each_digit(clear, network):
    digits = reader.read(page(clear, ["2026"]), network)
    assert reader.text(digits, network.class_names) == "2026"
    for n, digit in enumerate(digits):
        x, y, w, h = digit.box
        assert 40 + 90 * n <= x < x + w <= 40 + 90 * n + SIDE
        assert 40 <= y < y + h <= 40 + SIDE
        assert digit.accepted


def test_rows_are_read_from_top_to_bottom_on_either_ground(clear, network):
    grey = page(clear, ["314", "15", "926"])
    assert text_of(grey, network) == text_of(255 - grey, network) == "314\n15\n926"


@pytest.mark.parametrize("slope", [-0.15, 0.15])
def test_lines_may_slope(clear, network, slope):
    assert text_of(page(clear, ["314159", "265358"], slope=slope), network) == "314159\n265358"


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
    assert text_of(grey, network) == "353"


def test_frames_specks_and_a_line_through_the_page_are_left_out(clear, network):
    grey = page(clear, ["27", "18"], step=200)
    cv2.rectangle(grey, (30, 30), (134, 134), 0, 3)
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(grey.shape[1], size=30), rng.integers(grey.shape[0], size=30), strict=True):
        grey[y : y + 2, x : x + 2] = 60
    assert text_of(grey, network) == "27\n18"


def test_what_the_network_is_not_sure_of_is_a_question_mark(clear, network, monkeypatch):
    digits = reader.read(page(clear, ["12"]), network)
    monkeypatch.setattr(network, "threshold", 1.1)
    doubted = reader.answered_again(digits, network)
    assert reader.text(doubted, network.class_names) == "??"
    assert reader.text(doubted, network.class_names, unsure=None) == "12"


def test_a_network_of_other_things_is_shown_one(clear, network, monkeypatch):
    monkeypatch.setattr(network, "class_names", tuple("abcdefghij"))
    assert len(reader.read(page(clear, ["20"]), network)) == 1


def test_touching_shapes_are_cut_where_they_touch():
    ink = np.zeros((24, 40), np.float32)
    cv2.circle(ink, (11, 12), 9, 1.0, 2)
    cv2.circle(ink, (29, 12), 9, 1.0, 2)
    paths = cut_paths.cuts(ink, 20)
    path, crossed = min(paths, key=lambda cut: abs(cut[0][12] - 20))
    assert abs(path[12] - 20) <= 2
    assert crossed < 0.5
    order = cut_paths.segments(ink.shape, [path])
    assert (order[:, :18] == 0).all()
    assert (order[:, 23:] == 1).all()


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
    doubted = with_boxes(small, size, reader.answered_again(digits, network), network.class_names)
    assert (doubted == orange).all(-1).any()
