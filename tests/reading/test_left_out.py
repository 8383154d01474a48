"""What is not read is said: every piece of ink is in an answer's box or counted."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading import batch, reader
from digitcore.reading.left_out import LeftOut, left_out_of
from digitcore.reading.parts import parts_of
from digitcore.reading.record import record
from tests.reading.sheets import page


def png(grey):
    return cv2.imencode(".png", grey)[1].tobytes()


def row_of(grey, network):
    (row,) = batch.read_pictures([("a.png", png(grey))], network)
    return row


def test_nothing_left_out_is_said_by_no_sentence():
    assert LeftOut().sentence == "" and LeftOut().counts == {}


def test_one_and_several_are_said_in_one_sentence():
    assert LeftOut(marks=1).sentence == "Left out: 1 mark that is no digit."
    assert LeftOut(marks=2, cut=1).sentence == (
        "Left out: 2 marks that are no digits, 1 piece that the picture's side cuts."
    )
    assert LeftOut(letters=1200).counts == {"letters": 1200}


def test_all_ink_outside_of_the_boxes_is_counted():
    grey = np.full((200, 400), 255, np.uint8)
    cv2.rectangle(grey, (60, 60), (100, 140), 0, 8)  # a shape that a box is given for
    cv2.line(grey, (160, 60), (190, 140), 0, 8)
    cv2.rectangle(grey, (220, 98), (280, 108), 0, -1)
    cv2.rectangle(grey, (392, 90), (399, 130), 0, -1)
    parts = parts_of(opened(grey).full)
    assert left_out_of(parts, [(50, 50, 60, 100)]) == LeftOut(marks=1, cut=1, others=1)
    assert left_out_of(parts, [(0, 0, 400, 200)]) == LeftOut()


def test_the_edge_of_a_sheet_around_a_corner_of_the_picture_is_no_writing(clear, default):
    grey = np.pad(page(clear, ["257"]), ((0, 200), (0, 60)), constant_values=255)
    grey[-10:, 300:] = grey[250:, -8:] = 40
    parts = parts_of(opened(grey).full)
    assert np.count_nonzero(parts.seen) == 3
    found = reader.find(grey, default)
    assert [digit.verdict.label for digit in found.several] == [2, 5, 7]


def test_a_number_alone_leaves_nothing_out(clear, default):
    found = reader.find(page(clear, ["2473"]), default)
    assert found.left_out == LeftOut()


@pytest.mark.parametrize("rows", [["25 47"]])
def test_a_dash_is_left_out_and_said_wherever_the_answer_goes(rows, clear, default):
    grey = page(clear, rows)
    y = int(np.flatnonzero((grey < 128).any(1)).mean())
    grey[y - 4 : y + 5, 235:285] = 0
    row = row_of(grey, default)
    assert row.text == "2547"
    assert row.left_out == LeftOut(marks=1)
    told = record(row)
    assert told["left_out"] == {"marks": 1} and told["note"] == "Left out: 1 mark that is no digit."


def test_a_digit_that_the_side_cuts_is_said(clear, default):
    grey = page(clear, ["257"])
    columns = np.flatnonzero((grey < 128).any(0))
    middle = (columns[-1] + columns[np.flatnonzero(np.diff(columns) > 5)[-1] + 1]) // 2
    row = row_of(np.ascontiguousarray(grey[:, : middle - 4]), default)
    assert row.text.startswith("25") and (len(row.text) == 3 or row.left_out.cut >= 1)


@pytest.mark.parametrize("strength", [0.15, 0.2])
def test_a_digit_too_faint_to_be_read_is_said(strength, clear, default):
    grey = page(clear, ["2573"])
    grey[:, 310:] = 255 - np.rint(strength * (255 - grey[:, 310:].astype(float))).astype(np.uint8)
    row = row_of(grey, default)
    assert row.text == "257"
    assert row.left_out == LeftOut(others=1)


def test_what_is_beside_the_one_digit_that_a_picture_comes_down_to_is_said(clear, default):
    grey = page(clear, ["2"])
    _, y, _, h = cv2.boundingRect((grey < 128).view(np.uint8))
    grey = np.pad(grey, ((0, 0), (160, 0)), constant_values=255)
    grey[y + 30 : y + 40, 30:80] = 0  # a minus, and a 1 that leans and is broken
    cv2.line(grey, (100, y + h - 5), (118, y + h // 2 + 6), 0, 6)
    cv2.line(grey, (124, y + h // 2 - 6), (145, y + 4), 0, 6)
    row = row_of(grey, default)
    assert row.text.endswith("2")
    assert len(row.text) > 1 or row.left_out.marks + row.left_out.others == 3
