"""Compare: which network is better, by how much, on which digits, and whether it is more than chance."""

import streamlit as st

from digitcore import datasets
from digitcore.errors import DigitcoreError
from pages.parts.compare import cells, pair, robustness, table
from pages.parts.compare import entries as compare_entries
from pages.shared import data_sets
from pages.shared.language import N_, _, told

TABS = {
    N_("Figures"): table.show,
    N_("Two by two"): pair.show,
    N_("Confusion"): cells.show,
    N_("Changed digits"): robustness.show,
}
# Choices in one tab must survive a visit to another: Streamlit forgets widgets that are not drawn.
KEPT = (
    *("compare_kinds", "compare_class", "compare_first", "compare_second", "compare_group"),
    *("compare_confusion", "compare_cell", "compare_bearing", "compare_factors"),
)

with st.container(key="compare_page"):
    st.title(_("Compare"), anchor=False)
st.markdown(
    _("**Try this:** is the network with the fewest misses better, or just luckier? *Two by two* tells you.")
)
for name in st.session_state:
    if str(name).startswith(KEPT):
        st.session_state[name] = st.session_state[name]
entries, problems = compare_entries.everything()
for problem in problems:
    st.warning(problem)
present = {entry.dataset: None for entry in entries}
used = list({name: None for name in (*datasets.names(), *present) if name in present})
titles = data_sets.told_apart(used)
if not used:
    st.info(_("There is no network to compare yet: train one on the Train page."))
    st.stop()
dataset = used[0]
if len(used) > 1:
    dataset = st.segmented_control(
        _("Data set"),
        used,
        default=dataset,
        required=True,
        format_func=titles.get,
        wrap=True,
        key="compare_dataset",
    )
    st.caption(
        _("Only networks trained on the same data set can be compared, because they read the same pictures.")
    )
entries = [entry for entry in entries if entry.dataset == dataset]
# on_change makes Streamlit run only the tab that is open.
for tab, fill in zip(
    st.tabs([_(title) for title in TABS], key="compare_tabs", on_change="rerun"), TABS.values(), strict=True
):
    if tab.open:
        with tab:
            try:
                fill(entries if fill is table.show else [entry for entry in entries if not entry.hidden])
            except DigitcoreError as error:  # gone, damaged, or its pictures are not on this machine
                st.error(told(error))
