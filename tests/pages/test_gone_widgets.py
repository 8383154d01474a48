"""What a session keeps of widgets that are gone, and a server of threads that have ended."""

import threading

import cv2
from streamlit.testing.v1 import AppTest

from digitcore.paths import REPOSITORY
from pages.shared import server


def known(page: AppTest) -> int:
    """Of how many widgets the session knows what they are."""
    return len(page._session_state._state._new_widget_state.widget_metadata)


def keyed(page: AppTest) -> int:
    """Of how many widgets it knows the key."""
    return len(page._session_state._state._key_id_mapper.id_key_mapping)


def test_a_session_that_goes_to_and_fro_keeps_no_more_widgets():
    page = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30).run()

    def visit():
        page.switch_page("pages/upload.py").run()
        page.switch_page("pages/draw.py").run()

    visit(), visit()
    before = known(page), keyed(page)
    for _ in range(3):  # Draw has a new paper at each visit
        visit()
    assert (known(page), keyed(page)) == before


def test_a_new_drawing_has_the_switches_of_the_last_one():
    from pages.shared import strip

    def page():
        import streamlit as st

        from pages.shared import strip

        st.button("Clear", on_click=strip.put_back, args=("one",), key="clear")
        for step in strip.STEPS:
            st.toggle(step, value=True, key=strip._switch("one", step))

    def names(shown: AppTest) -> list[str]:
        return [toggle.key for toggle in shown.toggle]

    shown = AppTest.from_function(page).run()
    first = names(shown)
    shown.button(key="clear").click().run()
    assert names(shown) == first
    shown.toggle[0].set_value(False).run()
    shown.button(key="clear").click().run()
    assert names(shown) != first
    assert all(toggle.value for toggle in shown.toggle)
    assert len(shown.toggle) == len(strip.STEPS)


def test_what_outlives_its_page_outlives_being_forgotten():
    page = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30).run()
    page.switch_page("pages/lessons.py").run()
    chosen = page.button_group(key="lesson").options[2]
    page.button_group(key="lesson").set_value(chosen).run()
    for other in ("draw", "upload", "draw"):
        page.switch_page(f"pages/{other}.py").run()
    page.switch_page("pages/lessons.py").run()
    assert page.button_group(key="lesson").value == chosen


def test_opencv_works_in_the_thread_of_a_stroke_and_keeps_nothing_of_it():
    before = cv2.getNumThreads()
    server.forget()
    try:
        cv2.setNumThreads(2)
        AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30).run()
        seen = []
        thread = threading.Thread(target=lambda: seen.append(cv2.getNumThreads()))
        thread.start()
        thread.join()
        assert seen == [1]
    finally:
        cv2.setNumThreads(before)
        server.forget()
