"""Lessons: five of ten minutes each (predict, look, explain), on the app's own pages."""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.parts.lessons import sheet
from pages.parts.lessons.cards import LESSONS, Lesson

OPEN = "lesson"
ICONS = {
    "Predict": ":material/psychology_alt:",
    "Look": ":material/visibility:",
    "Explain": ":material/forum:",
}


def show(lesson: Lesson) -> None:
    """A lesson as a class sees it: its question and three steps, each with the page on which it is done."""
    st.subheader(lesson.question, anchor=False)
    for name, step in lesson.steps:
        with st.container(border=True):
            st.markdown(f"{ICONS[name]} **{name}** · {step.minutes} minutes\n\n{step.text}")
            if step.page:
                # Without app.py's navigation, as in a test, a page has no other page to link to.
                with contextlib.suppress(StreamlitPageNotFoundError):
                    st.page_link(f"pages/{step.page}.py", label=step.link, icon=":material/arrow_forward:")


st.title("Lessons", anchor=False)
st.markdown(
    "Five lessons of ten minutes each. **Try this:** project one, have everybody write down what they "
    "expect, and only then look."
)
names = [f"{number}. {lesson.title}" for number, lesson in enumerate(LESSONS, 1)]
st.session_state.setdefault(OPEN, names[0])
chosen = st.pills(
    "Lesson", names, key=OPEN, required=True, label_visibility="collapsed", persist_state="session"
)
show(LESSONS[names.index(chosen)])
st.download_button(
    "Teacher's sheet, to print",
    sheet.page(),
    "digit-lab-lessons.html",
    "text/html",
    icon=":material/print:",
    on_click="ignore",
    help="All five lessons, with the answers, common mistakes, and extra tasks for quick students",
)
