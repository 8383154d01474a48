"""A table is read cell by cell, its empty cells kept."""

import cv2
import numpy as np
import pytest

from digitcore.preprocessing.ink import opened
from digitcore.reading import reader
from digitcore.reading.digit import text_of
from digitcore.reading.grid import grid_of
from digitcore.reading.parts import parts_of

CELL = 120


def table(clear, rows, margin=30, lacking=()):
    """A page with a ruled table; "" is an empty cell. lacking: which level lines are not drawn."""
    columns = len(rows[0])
    ink = np.zeros((len(rows) * CELL + 2 * margin, columns * CELL + 2 * margin), np.uint8)
    right, bottom = columns * CELL + margin, len(rows) * CELL + margin
    for row in range(len(rows) + 1):
        if row not in lacking:
            cv2.line(ink, (margin, margin + row * CELL), (right, margin + row * CELL), 255, 3)
    for column in range(columns + 1):
        cv2.line(ink, (margin + column * CELL, margin), (margin + column * CELL, bottom), 255, 3)
    for row, cells in enumerate(rows):
        for column, name in enumerate(cells):
            if name:
                top, left = margin + row * CELL + 18, margin + column * CELL + 18
                part = ink[top : top + 84, left : left + 84]
                np.maximum(part, clear[int(name)], out=part)
    return 255 - ink


ROWS = [["9", "2", "", "7"], ["", "", "", ""], ["6", "", "1", "5"]]


def read(grey, network):
    return text_of(reader.find(grey, network).several, network.class_names)


def test_cells_are_separated_by_commas_and_empty_ones_kept(network, clear):
    assert read(table(clear, ROWS), network) == "9,2,,7\n,,,\n6,,1,5"


def test_a_line_that_is_missing_is_put_between_the_others(network, clear):
    rows = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["2", "4", ""]]
    assert read(table(clear, rows, lacking=(2,)), network) == "1,2,3\n4,5,6\n7,8,9\n2,4,"


def test_the_outermost_line_of_a_table_is_added_where_bent_paper_hides_it(network, clear):
    rows = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["2", "4", "7"]]
    page = table(clear, rows)
    bottom = 30 + 4 * CELL
    page[bottom - 4 : bottom + 5] = 255
    for column in range(0, page.shape[1] - 60):
        y = bottom + round(10 * np.sin(column / 22))
        page[y : y + 3, 30 + column : 32 + column] = 0
    assert read(page, network) == "1,2,3\n4,5,6\n7,8,9\n2,4,7"


def test_of_two_tables_the_one_with_more_writing_is_read(network, clear):
    rows = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]
    page, empty = table(clear, rows), table(clear, [[""] * 4] * 4)
    tall = max(len(page), len(empty))
    both = [np.pad(each, ((0, tall - len(each)), (0, 0)), constant_values=255) for each in (empty, page)]
    assert read(np.hstack(both), network) == "1,2,3\n4,5,6\n7,8,9"


def test_a_table_cut_off_by_the_picture_s_sides_keeps_its_outer_cells(network, clear):
    grey = np.ascontiguousarray(table(clear, ROWS)[:, 35:-35])
    assert read(grey, network) == "9,2,,7\n,,,\n6,,1,5"


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_without_a_table_has_no_grid(rows, clear):
    grey = np.full((400, 500), 255, np.uint8)
    for row in range(rows):
        cv2.line(grey, (20, 100 + 100 * row), (480, 100 + 100 * row), 0, 3)
        grey[10 + 100 * row : 94 + 100 * row, 40:124] -= clear[3]
    assert grid_of(parts_of(opened(grey).full)) is None
