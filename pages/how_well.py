"""How well does it read? Every figure from the files that commands left, with n, misses and interval."""

import streamlit as st

from digitcore import model_store
from pages.shared import figures

st.title("How well does it read?", anchor=False)
st.markdown("**Try this:** guess which handwriting is the hardest before you look.")
card = model_store.card(model_store.shipped()[0])
test = card["test"]
st.markdown(
    f"Every figure on this page was counted by a command, on pictures that the network "
    f"**{card.get('title') or card['name']}** never learnt from."
)
figures.table([figures.Row("MNIST", "digits like those it learnt from", test["n"], test["misses"])])
