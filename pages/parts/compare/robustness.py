"""Networks on digits that are turned, moved, thinned and so on, measured on demand. Validation digits,
because such curves are for choosing by; the networks alone, without the reading pipeline.
"""

import functools
import math
import time
from collections.abc import Callable

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.errors import DigitcoreError
from digitcore.evaluation import corruption, metrics
from digitcore.evaluation.corruption import FACTORS
from digitcore.networks.classifier import Classifier
from digitcore.preprocessing.levels import scaled
from digitcore.runs.history import duration
from pages.parts.compare.entries import CHUNK, Entry
from pages.parts.compare.progress import Bar
from pages.shared import figure_charts
from pages.shared import networks as shared_networks
from pages.shared.language import _, told

N = 1_000
TRIED = 64  # digits, enough to estimate how long the others take
FIRST = ("rotation", "shift", "noise", "pen")
MOST = 6  # networks at a time: more curves cannot be told apart
ASKED = "compare_asked"
NETWORKS, CHANGES = "compare_bearing", "compare_factors"


def show(entries: list[Entry]) -> None:
    by_choice = {entry.choice: entry for entry in entries}
    before = st.session_state.get(NETWORKS)
    if before is None or (before and not set(before) & set(by_choice)):  # chosen for another data set
        before = list(by_choice)[:4]
    st.session_state[NETWORKS] = [choice for choice in before if choice in by_choice]  # a run may be gone
    st.session_state.setdefault(CHANGES, list(FIRST))
    chosen = st.multiselect(
        _("Networks"),
        list(by_choice),
        format_func=lambda choice: by_choice[choice].title,
        max_selections=MOST,
        key=NETWORKS,
    )
    others = [name for name in FACTORS if name not in FIRST]
    factors = st.multiselect(
        _("Changes"),
        [*FIRST, *others],
        format_func=lambda name: told(FACTORS[name].title),
        key=CHANGES,
    )
    loaded = _loaded([by_choice[choice] for choice in chosen])
    if not loaded or not factors:
        st.info(_("Choose at least one network and one change."))
        return
    asked = st.session_state.setdefault(ASKED, set())
    missing = {(entry.identity, factor) for entry, _network in loaded for factor in factors} - asked
    dataset = loaded[0][0].dataset
    if missing:
        seconds = _estimate(dataset, loaded, factors, missing)
        st.markdown(
            _(
                "Reads {n:,} validation pictures at each step of each change, with each network: at "
                "most **about {time}** on this machine at its present load. The result is kept for "
                "everyone, and you may use other pages meanwhile without losing what is done.",
                n=N,
                time=told(duration(max(1, seconds))),
            )
        )
        if not st.button(_("Measure"), icon=":material/play_arrow:", type="primary", key="compare_bear"):
            missing_factors = {factor for _identity, factor in missing}
            factors = [factor for factor in factors if factor not in missing_factors]
        else:
            asked |= missing
    curves = measure(dataset, loaded, factors)
    for factor, series in curves.items():
        kind = FACTORS[factor]
        st.subheader(told(kind.title), anchor=False)
        figure_charts.curve(
            list(kind.levels), series, f"{told(kind.title)} ({told(kind.unit)})", f"compare_{factor}"
        )
    if curves:
        best = max(max(series) for each in curves.values() for series in each.values())
        low, high = metrics.wilson_interval(round(best * N), N)
        st.caption(
            _(
                "Each point is {n:,} validation pictures, read by the network alone. With so many, "
                "{best:.1%} means {low:.1%} to {high:.1%}: smaller differences may be chance. The "
                "app's reading pipeline undoes shifts and sizes before a network sees them; “How well "
                "does it read?” shows both at work.",
                n=N,
                best=best,
                low=low,
                high=high,
            )
        )


def _loaded(entries: list[Entry]) -> list[tuple[Entry, Classifier]]:
    loaded = []
    for entry in entries:
        try:
            loaded.append((entry, shared_networks.classifier(entry.choice)))
        except DigitcoreError as error:
            st.warning(f"{told(error)} {_('It is left out.')}")
    return loaded


def measure(
    dataset: str, loaded: list[tuple[Entry, Classifier]], factors: list[str]
) -> dict[str, dict[str, list[float]]]:
    """{factor: {title: accuracy by level}}; a bar shows the time left."""
    images, labels = datasets.load(dataset, "validation") if factors else (np.empty(0), np.empty(0))
    images, labels = images[:N], labels[:N]
    points = sum(len(FACTORS[factor].levels) for factor in factors) * len(loaded)
    bar, done, curves = Bar(_("Reading")), 0, {}
    for factor in factors:
        curves[factor] = {entry.title: [] for entry, _network in loaded}
        for level in FACTORS[factor].levels:
            # Made only if a network has not read them yet, and dropped after the last one.
            spoil = functools.cache(functools.partial(corruption.corrupt, images, factor, level))
            for entry, network in loaded:
                misses = _misses(entry.identity, dataset, factor, level, network, spoil, labels)
                curves[factor][entry.title].append(1 - misses / N)
                done += 1
                bar.tell(done / points)
    return curves


@st.cache_data(max_entries=10_000, show_spinner=False)  # a number each
def _misses(
    identity: str,
    dataset: str,
    factor: str,
    level: float,
    _network: Classifier,
    _spoil: Callable[[], np.ndarray],
    _labels: np.ndarray,
) -> int:
    pictures = _spoil()
    return sum(
        metrics.misses(_network.predict(scaled(pictures[k : k + CHUNK])), _labels[k : k + CHUNK])
        for k in range(0, len(_labels), CHUNK)
    )


def _estimate(
    dataset: str, loaded: list[tuple[Entry, Classifier]], factors: list[str], missing: set[tuple[str, str]]
) -> float:
    """Upper estimate of the seconds that the missing figures take, from trying a few digits."""
    seconds = 0.0
    for factor in factors:
        networks = [(entry, network) for entry, network in loaded if (entry.identity, factor) in missing]
        a_picture = sum(_reading_time(entry.identity, dataset, network) for entry, network in networks)
        a_picture += _spoiling_time(dataset, factor) if networks else 0
        seconds += a_picture * N * len(FACTORS[factor].levels)
    return math.ceil(seconds)


@st.cache_data(max_entries=256, ttl=60, show_spinner=False)  # a machine is busier at times
def _reading_time(identity: str, dataset: str, _network: Classifier) -> float:
    images = scaled(datasets.load(dataset, "validation")[0][:TRIED])
    _network.predict(images)  # allocates for batches of this size
    started = time.perf_counter()
    _network.predict(images)
    return (time.perf_counter() - started) / TRIED


@st.cache_data(max_entries=64, ttl=60, show_spinner=False)
def _spoiling_time(dataset: str, factor: str) -> float:
    images = datasets.load(dataset, "validation")[0][:TRIED]
    started = time.perf_counter()
    corruption.corrupt(images, factor, FACTORS[factor].levels[0])
    return (time.perf_counter() - started) / TRIED
