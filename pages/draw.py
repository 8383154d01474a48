"""Draw: a digit drawn by mouse or finger, read after every stroke."""

import streamlit as st

st.title("Draw a digit")
