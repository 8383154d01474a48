"""Measured figures as the pages show them: read from the files that commands under benchmarks/ left, never
typed. A file that is not there yet leaves its part out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from digitcore.evaluation.metrics import wilson_interval
from digitcore.paths import RESULTS


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
        return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def table(rows: Iterable[Row], read_as: str = "Read right") -> None:
    """Share read right, misses of n and 95% interval of each row, beside the usual way's share."""
    rows = list(rows)
    compared = any(row.usual is not None for row in rows)
    head = ["", read_as, *(["The usual way"] if compared else [])]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        low, high = row.interval
        misses = "1 miss" if row.misses == 1 else f"{row.misses:,} misses"
        ours = (
            f"**{percent(row.accuracy)}** · {misses} of {row.n:,} :small[({percent(low)} to {percent(high)})]"
        )
        line = f"| **{row.name}** :small[{row.what}] | {ours} |"
        if compared:
            line += " |" if row.usual is None else f" {percent(1 - row.usual / row.n)} |"
        lines.append(line)
    st.markdown("\n".join(lines))


def percent(share: float) -> str:
    """98.4%; two places next to none and all, and a hundred only where nothing was missed."""
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{min(share, 0.9999):.2%}" if share < 0.01 or share >= 0.99 else f"{share:.1%}"


def missing(name: str) -> None:
    """In place of a part whose file is not there."""
    st.caption(f"Not measured yet: `python -m benchmarks.{name}` does it.")


def counted(n: int, what: str) -> str:
    """1, "drawing" -> "1 drawing"; 1200 -> "1,200 drawings"."""
    return f"{n:,} {what}{'s' * (n != 1)}"
