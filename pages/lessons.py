"""Lessons: five of ten minutes each (predict, look, explain), on the app's own pages."""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.parts.lessons import sheet
from pages.parts.lessons.cards import LESSONS, Lesson
from pages.shared.language import _

OPEN = "lesson"
ICONS = {
    "Predict": ":material/psychology_alt:",
    "Look": ":material/visibility:",
    "Explain": ":material/forum:",
}


def show(lesson: Lesson) -> None:
    """A lesson as a class sees it: its question and three steps, each with the page on which it is done."""
    st.subheader(_(lesson.question), anchor=False)
    for name, step in lesson.steps:
        with st.container(border=True):
            st.markdown(f"{ICONS[name]} **{_(name)}** · {_('{n} minutes', n=step.minutes)}\n\n{_(step.text)}")
            if step.page:
                # Without app.py's navigation, as in a test, a page has no other page to link to.
                with contextlib.suppress(StreamlitPageNotFoundError):
                    st.page_link(f"pages/{step.page}.py", label=_(step.link), icon=":material/arrow_forward:")


st.title(_("Lessons"), anchor=False)
st.markdown(
    _(
        "Five lessons of ten minutes each. **Try this:** project one, have everybody write down what they "
        "expect, and only then look."
    )
)
names = [f"{number}. {lesson.title}" for number, lesson in enumerate(LESSONS, 1)]
st.session_state.setdefault(OPEN, names[0])
chosen = st.pills(
    _("Lesson"),
    names,
    format_func=lambda name: f"{names.index(name) + 1}. {_(LESSONS[names.index(name)].title)}",
    key=OPEN,
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
show(LESSONS[names.index(chosen)])
st.download_button(
    _("Teacher's sheet, to print"),
    sheet.page(),
    "digit-lab-lessons.html",
    "text/html",
    icon=":material/print:",
    on_click="ignore",
    help=_("All five lessons, with the answers, common mistakes, and extra tasks for quick students"),
)
