"""Measured figures as the pages show them: read from the files that commands under benchmarks/ left, never
typed. A file that is not there yet leaves its part out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from digitcore.evaluation import wilson_interval

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"


@dataclass(frozen=True)
class Row:
    """One set of pictures: what it is, and how many of its n were misread, by us and by the usual way."""

    name: str
    what: str
    n: int
    misses: int
    usual: int | None = None


def read(name: str) -> dict[str, Any] | None:
    """The figures of benchmarks/results/<name>.json; None where it has not been written yet."""
    try:
        return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def table(rows: Iterable[Row], usual: str = "The usual way") -> None:
    """Sets of pictures with the share read right, n, misses and interval, beside the usual way's."""
    rows = list(rows)
    compared = any(row.usual is not None for row in rows)
    lines = [
        "| | Digit Lab |" + (f" {usual} |" if compared else ""),
        "|---|---|" + ("---|" if compared else ""),
    ]
    for row in rows:
        line = f"| **{row.name}**: {row.what} | {_ours(row)} |"
        if compared:
            line += " |" if row.usual is None else f" {1 - row.usual / row.n:.1%} |"
        lines.append(line)
    st.markdown("\n".join(lines))


def _ours(row: Row) -> str:
    low, high = wilson_interval(row.n - row.misses, row.n)
    misses = "1 miss" if row.misses == 1 else f"{row.misses:,} misses"
    interval = f":small[(95% interval: {low:.1%} to {high:.1%})]"
    return f"**{1 - row.misses / row.n:.1%}**, {misses} of {row.n:,} {interval}"
