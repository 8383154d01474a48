"""How pages write figures: shares, counts, and tables with intervals."""

from collections.abc import Iterable

import streamlit as st

from digitcore.evaluation.published import Row


def table(rows: Iterable[Row], read_as: str = "Read right") -> None:
    """Share read right, misses of n and 95% interval for each row, next to the usual way's share."""
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
    """98.4%; two decimals near 0 and 100, and 100% only if nothing was missed."""
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{min(share, 0.9999):.2%}" if share < 0.01 or share >= 0.99 else f"{share:.1%}"


def missing(name: str) -> None:
    """Shown in place of a part whose result file is missing."""
    st.caption(f"Not measured yet: run `python -m benchmarks.{name}`.")


def counted(n: int, what: str) -> str:
    """1, "drawing" -> "1 drawing"; 1200 -> "1,200 drawings"."""
    return f"{n:,} {what}{'s' * (n != 1)}"
