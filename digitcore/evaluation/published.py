"""The published figures: what the commands under benchmarks/ measured, as the pages and the README show it.

Read from the files that they left in `paths.RESULTS`, never typed. A file that is not there yet leaves its
part out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from digitcore import paths
from digitcore.evaluation.metrics import wilson_interval

# What each kind is, and the sets of benchmarks.handwriting that make it up.
KINDS = {
    "USPS": ("zip codes on American envelopes, small and stretched", ("usps_test",)),
    "Tiny digits": ("8 × 8 pixels each (UCI)", ("uci_8x8",)),
    "Drawings": ("by mouse, pen or finger on a screen", ("hwd1000", "paint", "canvas")),
    "Photographs": ("paper, taken with a phone", ("photo", "crops")),
    "Scans": ("paper, from a scanner", ("scan",)),
    "Scanned forms": ("coloured pens, 1 and 7 as in Europe", ("anzemur_boxes",)),
}
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
LEARNT = "as learnt"  # pictures of the kind that networks learn to refuse: no measure of others


@dataclass(frozen=True)
class Row:
    """Pictures of one kind: what they are, and how many of the n were misread, by us and by the usual way."""

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
    """The figures of benchmarks/results/<name>.json; None where it has not been written yet."""
    try:
        return json.loads((paths.RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def counted_in_a_browser(sha256: str) -> dict[str, Any] | None:
    """What benchmarks.one_file counted with the network of this fingerprint: {"misses", "n", …}, or None."""
    rows = (read("one_file") or {"networks": []})["networks"]
    return next((row for row in rows if row["sha256"] == sha256), None)


def kinds(sets: dict[str, Any], reader: str) -> list[Row]:
    """The kinds of handwriting as one network reads them, as far as it was measured."""
    rows = []
    for name, (what, members) in KINDS.items():
        parts = [sets[member] for member in members if reader in sets.get(member, {}).get("readers", {})]
        if parts:
            ours, usual = (sum(part["readers"][who]["misses"] for part in parts) for who in (reader, "usual"))
            rows.append(Row(name, what, sum(part["n"] for part in parts), ours, usual))
    return rows


def counted(name: str, what: str, parts: list[dict[str, Any]]) -> Row:
    """Several counts of benchmarks.not_a_digit as one row."""
    n = sum(part["n"] for part in parts)
    return Row(name, what, n, n - sum(part["count"] for part in parts))
