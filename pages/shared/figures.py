"""How pages write figures: shares, counts and tables of rows with their intervals."""

from collections.abc import Iterable

import streamlit as st

from digitcore.evaluation.published import Row


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
