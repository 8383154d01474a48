"""What pages share. A sub-folder, so that Streamlit never takes it for a page.

Until app.py has run once, Streamlit takes the folder `pages/` for its older kind of multipage app. A
server whose first visitor comes by a deep link (a saved /train?key=… after a restart) would run that page
alone, without app.py and its navigation; so the first import of this package sends that visit back to app.py.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory and st.runtime.exists():
    PagesManager.uses_pages_directory = False
    st.rerun()
