"""How pages write figures: shares, counts, and tables with intervals."""

from collections.abc import Iterable

import streamlit as st

from digitcore.evaluation.published import Row
from pages.shared.language import _, ngettext, number, told


def table(rows: Iterable[Row], read_as: str = "") -> None:
    """Share read right, misses of n and 95% interval for each row, next to the usual way's share."""
    rows = list(rows)
    compared = any(row.usual is not None for row in rows)
    head = ["", read_as or _("Read right"), *([_("The usual way")] if compared else [])]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        low, high = row.interval
        misses = ngettext("{n:,} miss of {total:,}", "{n:,} misses of {total:,}", row.misses, total=row.n)
        interval = _("({low} to {high})", low=percent(low), high=percent(high))
        ours = f"**{percent(row.accuracy)}** · {misses} :small[{interval}]"
        line = f"| **{told(row.name)}** :small[{told(row.what)}] | {ours} |"
        if compared:
            line += " |" if row.usual is None else f" {percent(1 - row.usual / row.n)} |"
        lines.append(line)
    st.markdown("\n".join(lines))


def percent(share: float) -> str:
    """98.4%; two decimals near 0 and 100, and 100% only if nothing was missed."""
    if share in (0, 1):
        return number(share, ".0%")
    return number(min(share, 0.9999), ".2%") if share < 0.01 or share >= 0.99 else number(share, ".1%")


def missing(name: str) -> None:
    """Shown in place of a part whose result file is missing."""
    st.caption(_("Not measured yet: run `python -m benchmarks.{name}`.", name=name))


def drawings(n: int) -> str:
    """ "1 drawing", "1,200 drawings"."""
    return ngettext("{n:,} drawing", "{n:,} drawings", n)
