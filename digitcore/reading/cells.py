"""The digits of a table, cell by cell.

table_of    the table on a page, if there is one
digits_in   the digits in its cells
"""

from __future__ import annotations

from dataclasses import replace

from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.ink import InkMap
from digitcore.reading import characters, layout, line_reader, marks
from digitcore.reading.digit import Cell, Digit
from digitcore.reading.grid import Grid, grid_of
from digitcore.reading.lines import count_sure, digits_of
from digitcore.reading.parts import Parts, parts_of


def table_of(inks: InkMap, parts: Parts) -> Grid | None:
    """The table on a page, None where there is none. Its lines may run from one side of the picture to the
    other, and be taken for ruled paper: ink is looked at with and without ruled lines."""
    if inks.ruled is inks.above:
        return grid_of(parts)
    return grid_of(parts_of(replace(inks, above=inks.ruled), parts.budget)) or grid_of(parts)


def digits_in(table: Grid, classifier: Classifier) -> tuple[Digit, ...]:
    """The digits of a table, cell by cell; none where the network is sure of fewer than two."""
    lines, places = [], []
    for place in sorted(table.cells):
        able = table.cells[place]
        able = able & ~marks.is_mark(table.parts.labels, table.parts.boxes, able)
        for line in layout.lines(table.parts, able):
            lines.append(line)
            places.append(place)
    read = characters.read_lines(table.parts, lines, classifier.answer, line_reader.shipped())
    if count_sure(read) < 2:
        return ()
    found = []
    for (row, column), pieces in zip(places, read, strict=True):
        cell = Cell(column, table.columns, table.rows)
        for digit in digits_of([pieces], table.parts.scale, classifier):
            found.append(replace(digit, row=row, cell=cell))
    return tuple(found)
