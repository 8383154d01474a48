"""Cells cut out of tables with their borders: the digit is read, whatever of the frame came with it."""

import cv2
import numpy as np
import pytest

from digitcore.networks import model_store
from digitcore.preprocessing import frame, ink, normalisation
from digitcore.reading import reader

SIDE = 90


def sheet(digit):
    """A table of three by three cells of 80 pixels with that digit in the middle one."""
    grey = np.full((300, 300), 225, np.uint8)
    for at in (30, 110, 190, 270):
        thick = 5 if at in (30, 190) else 2
        cv2.line(grey, (30, at), (270, at + 3), 40, thick, cv2.LINE_AA)
        cv2.line(grey, (at + 2, 30), (at - 2, 270), 40, thick, cv2.LINE_AA)
    cv2.putText(grey, digit, (133, 172), cv2.FONT_HERSHEY_DUPLEX, 1.7, 50, 4, cv2.LINE_AA)
    return grey


def cell(digit, left, top):
    """What is cut out at (left, top): with two, three or four of the cell's borders."""
    return sheet(digit)[top : top + SIDE, left : left + SIDE]


@pytest.mark.parametrize("corner", [(104, 104), (116, 104), (104, 116), (112, 100), (100, 112), (116, 100)])
@pytest.mark.parametrize("digit", "23578")
def test_a_frame_that_came_with_the_cell_is_no_part_of_the_digit(digit, corner):
    (found,) = reader.read(cell(digit, *corner), model_store.load())
    assert found.verdict.label == int(digit)
    w, h = found.box[2:]
    assert w < 50 and h < 60


@pytest.mark.parametrize("digit", "237")
def test_a_digit_that_fills_its_picture_is_no_frame(digit):
    whole = sheet(digit)[126:180, 128:172]
    assert normalisation.locate(ink.opened(whole)).box[3] > 30


def test_straight_lines_along_the_sides_are_a_frame_and_strokes_in_the_middle_are_not():
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[:, 8:13] = labels[4:8, 8:] = 1
    labels[30:70, 40:46] = 2
    boxes = np.array([(0, 0, SIDE, SIDE), (8, 0, SIDE - 8, SIDE), (40, 30, 6, 40)])
    assert frame.pieces(labels, boxes, labels.shape).tolist() == [False, True, False]


def test_a_thick_shade_at_the_sides_is_no_frame():
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[:, :15] = labels[:15] = 1
    boxes = np.array([(0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE)])
    assert not frame.pieces(labels, boxes, labels.shape).any()


def test_the_edge_of_a_sheet_around_a_corner_is_no_writing_and_a_digit_in_the_corner_is():
    labels = np.zeros((300, 200), np.int32)
    labels[288:, 140:] = labels[150:, 188:] = 1
    labels[:120, :15] = labels[100:120, :60] = 2  # reaches two sides, and turns away from them
    boxes = np.array([(0, 0, 200, 300), (140, 150, 60, 150), (0, 0, 60, 120)])
    assert not frame.pieces(labels, boxes, labels.shape).any(), "too short for a piece of a frame"
    assert frame.corners(labels, boxes, labels.shape).tolist() == [False, True, False]
