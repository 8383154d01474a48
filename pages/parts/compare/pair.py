"""Two networks on the same test pictures: what each misses, whether the difference is more than chance, and
the pictures."""

import numpy as np
import streamlit as st

from digitcore import datasets
from digitcore.evaluation import comparison
from digitcore.evaluation.comparison import SIGNIFICANT, Pair
from pages.parts.compare import entries as compare_entries
from pages.parts.compare.entries import Entry
from pages.shared import split_pictures
from pages.shared.language import _, number, told
from pages.shared.paging import a_page
from pages.shared.run_list import as_typed


def show(entries: list[Entry]) -> None:
    if len(entries) < 2:
        st.info(_("There is only one network: train another on the Train page, then compare the two here."))
        return
    with st.container(horizontal=True):
        first = compare_entries.choose(_("Network A"), entries, "compare_first", 0)
        second = compare_entries.choose(_("Network B"), entries, "compare_second", 1)
    if first.choice == second.choice:
        st.info(_("Choose two different networks."))
        return
    labels = datasets.load_labels(first.dataset, "test")
    answers = [compare_entries.test_answers(entry) for entry in (first, second)]
    _say(comparison.pair(labels, *answers), as_typed(first.title), as_typed(second.title))
    _pictures(first, labels, answers)


def _say(pair: Pair, first: str, second: str) -> None:
    """The verdict, and what it is based on."""
    verdict = told(pair.verdict)
    st.markdown(f"### {verdict[0].upper()}{verdict[1:]}")
    with st.container(horizontal=True):
        st.metric(_("Only A misses"), number(pair.only_first, ","), width="content")
        st.metric(_("Only B misses"), number(pair.only_second, ","), width="content")
        st.metric(_("Both miss"), number(pair.both, ","), width="content")
        st.metric(_("Both read right"), number(pair.n - sum(pair.misses) + pair.both, ","), width="content")
    text = _(
        "A, {first}, misses {of_first:,} of {n:,}; B, {second}, {of_second:,}.",
        first=first,
        second=second,
        n=pair.n,
        of_first=pair.misses[0],
        of_second=pair.misses[1],
    )
    differ = pair.only_first + pair.only_second
    if differ:
        text += " " + _(
            "Which is better depends on the {differ:,} that only one of them misses. {p} "
            "(McNemar's exact test; below p = {significant:g} we call a difference real, and one "
            "in twenty comparisons of equals gets there by luck). This is about these two files "
            "only: trained from another seed, either would miss other pictures.",
            differ=differ,
            p=_chance(pair.p),
            significant=SIGNIFICANT,
        )
    st.markdown(text)


def _chance(p: float) -> str:
    if p > 0.999:
        return _("Two equally good networks would always differ by at least this much.")
    if p < 0.0005:
        return _("Two equally good networks would differ by this much less than once in 2,000 comparisons.")
    of = 100 if p >= 0.1 else 1000
    return _(
        "Two equally good networks would differ by at least this much in {n} of {of:,} comparisons.",
        n=round(of * p),
        of=of,
    )


def _pictures(entry: Entry, labels: np.ndarray, answers: list[np.ndarray]) -> None:
    """The pictures that they read differently, starting with the mistakes made most confidently."""
    names = entry.card["class_names"]
    places = comparison.disagreements(labels, *answers)
    a, b = (probabilities.argmax(1)[places] for probabilities in answers)
    true = labels[places]
    groups = {
        _("They read differently"): np.ones(len(places), bool),
        _("Only A misses"): (a != true) & (b == true),
        _("Only B misses"): (a == true) & (b != true),
        _("Both miss, differently"): (a != true) & (b != true),
    }
    if not len(places):
        st.info(_("They give the same answer for every test picture."))
        return
    group = st.selectbox(
        _("Pictures"),
        list(groups),
        format_func=lambda name: f"{name}: {number(np.count_nonzero(groups[name]), ',')}",
        key="compare_group",
    )
    chosen = np.flatnonzero(groups[group])
    if not len(chosen):
        st.info(_("There is no such picture."))
        return
    here = a_page(chosen, f"compare_pair_page_{group}")
    captions = [f"{names[true[i]]} → {names[a[i]]} / {names[b[i]]}" for i in here]
    split_pictures.show(entry.dataset, places[here], captions)
    st.caption(_("What it is → what A read / what B read; the most confident mistakes first."))
