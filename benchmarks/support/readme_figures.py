"""Figures as the READMEs write them: 95.7 -> "96 s", 0.31 -> "0.31 ms", three names -> "a, b and c"."""

from __future__ import annotations

from typing import Any


def duration(value: float) -> str:
    """95.7 -> '96 s'; 1245 -> '21 minutes'."""
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} minutes"


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def mb(value: float) -> str:
    return f"{value:.0f} MB"


def ms(row: dict[str, Any]) -> str:
    value = row["fastest_milliseconds"]
    return f"{value:.3f} ms" if value < 0.1 else f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def times(row: dict[str, Any]) -> str:
    return f"{row['times_slower_at_the_fastest']:,.0f} times"


def machine(figures: dict[str, Any]) -> str:
    """The machine on which something was measured, and when."""
    facts = figures["machine"]
    return f"on {facts['cores']} cores of {facts['processor']}, {figures['date']}."


def listed(names: list[str], last: str = "and") -> str:
    """'a, b and c'."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
