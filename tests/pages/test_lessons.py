"""The lessons: each ten minutes, each step on a page that exists, and one sheet that prints them all."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from digitcore import paths
from pages.parts.lessons import sheet
from pages.parts.lessons.cards import LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_a_lesson_takes_ten_minutes_and_its_pages_are_there(lesson):
    assert lesson.minutes == 10
    for _, step in lesson.steps:
        assert not step.page or (paths.REPOSITORY / "pages" / f"{step.page}.py").is_file()
        assert bool(step.page) == bool(step.link)
    assert lesson.look.page, "something of the app is looked at"


@pytest.mark.parametrize("number", range(len(LESSONS)))
def test_each_lesson_is_shown_with_its_three_steps(number):
    at = AppTest.from_file(str(paths.REPOSITORY / "pages" / "lessons.py"), default_timeout=120)
    at.session_state["lesson"] = f"{number + 1}. {LESSONS[number].title}"
    at.run()
    assert at.subheader[0].value == LESSONS[number].question
    texts = " ".join(text.value for text in at.markdown)
    for name, step in LESSONS[number].steps:
        assert f"**{name}**" in texts and step.text in texts


def test_the_sheet_holds_every_lesson_and_what_only_teachers_read_and_fetches_nothing():
    page = sheet.page()
    assert page.count("<section>") == len(LESSONS)
    for lesson in LESSONS:
        assert lesson.question in page.replace("&#x27;", "'").replace("&quot;", '"')
    assert page.count("Common mistake") == len(LESSONS)
    assert not re.search(r"https?://|src=|\*", page)
