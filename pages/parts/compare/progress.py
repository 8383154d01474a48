"""A bar for work that may take long, with the time left; work that is soon done shows none."""

import time

import streamlit as st

from digitcore.runs.history import duration
from pages.shared.language import _, told

PATIENCE = 0.4  # seconds of waiting that need no bar


class Bar:
    """A place in the page where the bar appears, once the work has taken `PATIENCE`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = st.empty()
        self.started = time.monotonic()

    def tell(self, done: float) -> None:
        """done: the share of the work that is done, 0 to 1."""
        passed = time.monotonic() - self.started
        if done >= 1:
            self.place.empty()
        elif passed > PATIENCE and done > 0:
            left = told(duration(passed / done * (1 - done)))
            self.place.progress(done, _("{work}: about {time} left", work=self.text, time=left))
