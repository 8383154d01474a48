"""The lines that `predict` prints: a table for people, CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digitcore.networks.classifier import Classifier
    from digitcore.reading.batch import Row

WIDEST_NAME = 60
"""Longest name in the table; longer ones show their end. --json and --csv have them in full."""


class Json:
    def __init__(self, names: Iterable[str], classifier: Classifier) -> None:
        pass

    def header(self) -> list[str]:
        return []

    def line(self, row: Row) -> str:
        from digitcore.reading.record import record

        return json.dumps(record(row))


class Csv:
    """The columns of Upload's download, except those that a person fills in there."""

    def __init__(self, names: Iterable[str], classifier: Classifier) -> None:
        self.class_names = classifier.class_names

    def header(self) -> list[str]:
        from digitcore.reading.tables import answer_columns

        return [_csv_line(["file", *answer_columns(), "error"])]

    def line(self, row: Row) -> str:
        from digitcore.reading.tables import answer_cells

        return _csv_line(
            [row.name, *answer_cells(row.digits, self.class_names, row.left_out.sentence), row.error]
        )


def _csv_line(cells: list[object]) -> str:
    from digitcore.reading.tables import csv_text

    return csv_text(cells, ()).removesuffix("\r\n")


class Table:
    def __init__(self, names: list[str], classifier: Classifier) -> None:
        self.class_names = classifier.class_names
        self.name_width = min(WIDEST_NAME, max([4, *map(len, names)]))
        self.text_width = max([8, *(len(name) + 1 for name in self.class_names)])

    def header(self) -> list[str]:
        return [f"{'File':{self.name_width}}  {'Text':{self.text_width}}  Confidence  Second guess"]

    def line(self, row: Row) -> str:
        name = "".join(c if c.isprintable() else "�" for c in row.name)
        if len(name) > self.name_width:
            name = "…" + name[1 - self.name_width :]
        if row.error is not None:
            return f"{name:{self.name_width}}  {'–':{self.text_width}}  {row.error}"
        least = min((digit.verdict for digit in row.digits), key=lambda verdict: verdict.order)
        sureness = least.sureness if least.is_digit else "–"
        if len(row.digits) == 1:
            answer = self.class_names[least.label] + ("" if least.accepted else "?")
            second = f"{self.class_names[least.second]} ({least.second_confidence:.1%})"
            if not least.is_digit:
                answer, second = "?", least.text
        else:
            answer, second = row.text.replace("\n", " / "), f"least sure of {len(row.digits)} digits"
            if not least.is_digit:
                others = sum(not digit.verdict.is_digit for digit in row.digits)
                second = f"{others} of {len(row.digits)} shapes no digit"
        if row.left_out.sentence:
            second += f". {row.left_out.sentence}"
        return f"{name:{self.name_width}}  {answer:{self.text_width}}  {sureness:>10}  {second}"
