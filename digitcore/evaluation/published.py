"""The published figures, which pages and README show: read from the files that the commands under benchmarks/
leave in `paths.RESULTS`, never typed. If a file is not there yet, its part is left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from digitcore import paths
from digitcore.evaluation.metrics import wilson_interval

# What each kind is, and which sets of benchmarks.handwriting it consists of.
KINDS = {
    "USPS": ("zip codes on American envelopes, small and stretched", ("usps_test",)),
    "Tiny digits": ("8 × 8 pixels each (UCI)", ("uci_8x8",)),
    "Drawings": ("by mouse, pen or finger on a screen", ("hwd1000", "paint", "canvas")),
    "Photographs": ("paper, taken with a phone", ("photo", "crops")),
    "Scans": ("paper, from a scanner", ("scan",)),
    "Scanned forms": ("coloured pens, 1 and 7 as in Europe", ("anzemur_boxes",)),
}
CELLS = {"Cells": ("cut out of a table, with its lines", ("sudoku_cells",))}
"""Read as they are sent only: one digit among lines."""

NUMBERS = {
    "apart": ("Numbers", "five digits with paper between them"),
    "touching": ("Touching digits", "five digits, each touches the next"),
}
PHOTOGRAPHED = {
    "in rows": ("Photographed", "whole lines and sheets"),
    "free": ("Scattered", "in no order, in and out of shapes"),
}
OTHERS = {
    "Fashion-MNIST": ("Clothes", "shoes, bags, shirts"),
    "notMNIST without I": ("Letters", "A to J in many fonts"),
}
LEARNT = "as learnt"  # the kind that networks learn to reject: no measure of other non-digits


@dataclass(frozen=True)
class Row:
    """Pictures of one kind: what they are, and how many of the n were misread by us and by the usual way."""

    name: str
    what: str
    n: int
    misses: int
    usual: int | None = None

    @property
    def accuracy(self) -> float:
        return 1 - self.misses / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.n - self.misses, self.n)


def read(name: str) -> dict[str, Any] | None:
    """The figures in benchmarks/results/<name>.json; None if it has not been written yet."""
    try:
        return json.loads((paths.RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def counted_in_a_browser(sha256: str) -> dict[str, Any] | None:
    """What benchmarks.one_file measured for the network with this fingerprint: {"misses", "n", …}, or
    None."""
    rows = (read("one_file") or {"networks": []})["networks"]
    return next((row for row in rows if row["sha256"] == sha256), None)


def kinds(sets: dict[str, Any], reader: str) -> list[Row]:
    """How one network reads each kind of handwriting that was measured."""
    rows = []
    for name, (what, members) in KINDS.items():
        parts = [sets[member] for member in members if reader in sets.get(member, {}).get("readers", {})]
        if parts:
            ours, usual = (sum(part["readers"][who]["misses"] for part in parts) for who in (reader, "usual"))
            rows.append(Row(name, what, sum(part["n"] for part in parts), ours, usual))
    return rows


def as_sent(found: dict[str, Any]) -> list[Row]:
    """How pictures of each kind are read as a visitor sends them, without a hint (benchmarks.as_read): misses
    are all that do not come out right and sure, and nothing but that."""
    sets, rows = found["sets"], []
    for name, (what, members) in (KINDS | CELLS).items():
        parts = [sets[member] for member in members if member in sets]
        if parts:
            n = sum(part["n"] for part in parts)
            rows.append(Row(name, what, n, n - sum(part["right and sure"] for part in parts)))
    return rows


def wrong_and_sure(found: dict[str, Any]) -> tuple[int, int, int]:
    """(single digits read as another one with no "?", those read as several without one, of how many) in what
    benchmarks.as_read counted."""
    sets = found["sets"].values()
    return tuple(sum(each[key] for each in sets) for key in ("wrong and sure", "several and sure", "n"))


def counted(name: str, what: str, parts: list[dict[str, Any]]) -> Row:
    """Several counts of benchmarks.not_a_digit as one row."""
    n = sum(part["n"] for part in parts)
    return Row(name, what, n, n - sum(part["count"] for part in parts))
