"""The Compare page's charts: networks as points with their intervals."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.parts.compare.entries import KINDS, Entry
from pages.shared.language import _
from pages.shared.probabilities import FIGURE
from pages.shared.vega import localised

HEIGHT = 380
TICKS = [0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9]
SHAPES = ["circle", "diamond", "square"]
# How figures at an axis are written, as Vega expressions: 300k, 0.3, 30 s and 5 min.
SHORT, PLAIN = "format(datum.value, '~s')", "format(datum.value, '~g')"
TIME = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : "
    "datum.value / 3600 + ' h'"
)
TIMES = [1, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 36_000, 108_000]
LADDER = [step * 10.0**power for power in range(-4, 9) for step in (1, 3)]
# A phone's plot and letters in pixels: a name is shown only if it would fit there.
PLOT, LETTER, LINE, LONGEST = (280, 230), 6.4, 14, 24
PLACES = {
    "right": {"align": "left", "dx": 9, "dy": 0},
    "left": {"align": "right", "dx": -9, "dy": 0},
    "above": {"align": "center", "dx": 0, "dy": -13},
    "below": {"align": "center", "dx": 0, "dy": 14},
}


def scatter(entries: list[Entry], x: dict[str, float], title: str, key: str, labels: str) -> None:
    """Test accuracy against a quantity given by entry's choice, on a logarithmic axis labelled as `labels`
    says.

    The accuracy axis is that of the share missed, reversed: on a plain one 99.5 % and 99.7 % would coincide,
    although the better one misses almost half as many.
    """
    rows = []
    for entry in entries:
        if not x.get(entry.choice):
            continue
        found, n = entry.figures, entry.figures["n"]
        rows.append(
            {
                "network": entry.title,
                "kind": _(entry.kind),
                "x": x[entry.choice],
                "missed": max(found["misses"], 0.5) / n,
                "worst": 1 - found["low"],
                "best": max(1 - found["high"], 0.1 / n),
                "text": _(
                    "{accuracy:.2%}, {misses:,} misses of {n:,}",
                    accuracy=found["accuracy"],
                    misses=found["misses"],
                    n=n,
                ),
            }
        )
    if not rows:
        return
    frame = pd.DataFrame(rows)
    low, high = frame["best"].min() / 1.15, frame["worst"].max() * 1.15
    across = [frame["x"].min() / 1.5, frame["x"].max() * 1.5]
    steps = [step for step in (TIMES if labels == TIME else LADDER) if across[0] <= step <= across[1]]
    y_axis = alt.Axis(
        title=_("test accuracy"),
        values=[tick for tick in TICKS if low <= tick <= high],
        labelExpr="format(1 - datum.value, '.2~%')",
    )
    y_scale = alt.Scale(type="log", reverse=True, domain=[low, high], nice=False)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "x:Q",
            scale=alt.Scale(type="log", domain=across, nice=False),
            axis=alt.Axis(title=title, values=steps, labelExpr=labels),
        ),
        tooltip=[
            alt.Tooltip("network:N", title=_("network")),
            alt.Tooltip("text:N", title=_("test digits")),
            alt.Tooltip("x:Q", title=title, format=",.4~g"),
        ],
    )
    whiskers = base.mark_rule(strokeWidth=2, color=FIGURE, opacity=0.7).encode(
        y=alt.Y("best:Q", scale=y_scale, axis=y_axis), y2="worst:Q"
    )
    kinds = [_(kind) for kind in KINDS if _(kind) in set(frame["kind"])]
    legend = alt.Legend(orient="top", title=None)
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=alt.Y("missed:Q", scale=y_scale, axis=y_axis),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds), legend=legend),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=SHAPES[: len(kinds)]), legend=legend),
    )
    texts = [
        alt.Chart(part)
        .mark_text(fontSize=12, color=FIGURE, **PLACES[place])
        .encode(x="x:Q", y=alt.Y("missed:Q", scale=y_scale, axis=y_axis), text="name:N")
        for place, part in _placed(frame, across, (low, high)).groupby("place")
    ]
    chart = alt.layer(whiskers, points, *texts).properties(
        height=HEIGHT, description=_("Test accuracy with its 95% interval, against {title}", title=title)
    )
    st.altair_chart(localised(chart), key=key, width="stretch")


def _placed(frame: pd.DataFrame, across: list[float], along: tuple[float, float]) -> pd.DataFrame:
    """The rows whose names have room, each with the name and where it goes."""
    width, height = PLOT
    x = width * np.log(frame["x"] / across[0]) / np.log(across[1] / across[0])
    y = height * np.log(frame["missed"] / along[0]) / np.log(along[1] / along[0])
    taken = [(a - 7, b - 7, a + 7, b + 7) for a, b in zip(x, y, strict=True)]
    rows = []
    for i, title in enumerate(frame["network"]):
        name = title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
        for place, at in PLACES.items():
            long = LETTER * len(name)
            left = x.iloc[i] + at["dx"] - {"left": 0, "right": long, "center": long / 2}[at["align"]]
            top = y.iloc[i] + at["dy"] - LINE / 2
            box = (left, top, left + long, top + LINE)
            others = taken[:i] + taken[i + 1 :]
            if left >= 0 and box[2] <= width and not any(_overlap(box, other) for other in others):
                taken.append(box)
                rows.append(frame.iloc[i].to_dict() | {"name": name, "place": place})
                break
    return pd.DataFrame(rows, columns=[*frame.columns, "name", "place"])


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
