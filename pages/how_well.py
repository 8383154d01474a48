"""How well does it read? Figures from the result files of commands, with n, misses and interval."""

import streamlit as st

from digitcore.networks import model_store
from pages.parts.how_well import right_figures, trust_figures
from pages.shared import downloads
from pages.shared.language import _

st.title(_("How well does it read?"), anchor=False)
st.markdown(_("**Try this:** guess which handwriting is the hardest, then look."))
card = model_store.card(model_store.shipped()[0])
st.markdown(
    _(
        "Each figure was measured by a program, on pictures that the network (**{network}**) had never seen.",
        network=card.get("title") or card["name"],
    )
)
right_figures.without_a_hint()
right_figures.handwriting(card)
right_figures.numbers()
right_figures.not_a_digit()
trust_figures.sureness(card)
trust_figures.robustness()
trust_figures.steps()
with st.expander(_("Take a network home"), icon=":material/download:"):
    name = st.selectbox(_("Network"), model_store.shipped(), key="network_to_take_home")
    downloads.downloads(name)
