"""A page that crashes fails the test that ran it, whatever the test then looks at."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.running import PageCrashed

CRASHES_WHEN_PRESSED = """
import streamlit as st
st.title("Here")
if st.button("Press"):
    len(0)
st.text_input("Name", on_change=lambda: [].pop())
"""


def test_a_page_that_crashes_at_once_fails_its_test_with_the_error_and_its_place():
    with pytest.raises(PageCrashed, match=r"no such thing.\n.*line 3(.*\n)+.*raise KeyError"):
        AppTest.from_string("import streamlit as st\nst.title('Here')\nraise KeyError('no such thing')").run()


def test_a_page_that_crashes_upon_a_click_or_a_value_fails_its_test():
    page = AppTest.from_string(CRASHES_WHEN_PRESSED).run()
    with pytest.raises(PageCrashed, match="no len"):
        page.button[0].click().run()
    page = AppTest.from_string(CRASHES_WHEN_PRESSED).run()
    with pytest.raises(PageCrashed, match="empty list"):
        page.text_input[0].set_value("a").run()
