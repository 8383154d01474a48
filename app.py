"""Digit Lab's router: the page's frame and the list of pages, nothing else.

streamlit run app.py
"""

from pathlib import Path

import streamlit as st

from pages.shared import visitor

# A file of our own: Streamlit's named icons are fetched from a server of Google's.
ICON = str(Path(__file__).with_name("pages") / "shared" / "icon.png")

st.set_page_config(page_title="Digit Lab", page_icon=ICON, layout="centered")

pages = [
    st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
]
for path, title, icon in [
    ("pages/upload.py", "Upload", ":material/upload_file:"),
    ("pages/train.py", "Train", ":material/model_training:"),
    ("pages/data.py", "Data", ":material/dataset:"),
]:
    if Path(__file__).with_name("pages").joinpath(Path(path).name).exists():
        pages.append(st.Page(path, title=title, icon=icon))
page = st.navigation(pages, position="top")
visitor.keep()
page.run()
