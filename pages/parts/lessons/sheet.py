"""The teacher's sheet: all lessons as one HTML file for printing, one page per lesson."""

import html
import re

from pages.parts.lessons.cards import LESSONS, Lesson

_STYLE = """
body { font: 12pt/1.45 Georgia, serif; max-width: 17cm; margin: 1cm auto; color: #000 }
section { break-after: page }
h1 { font-size: 18pt; margin: 0 0 0.2cm }
.question { font-size: 14pt; font-style: italic }
dt { font-weight: bold; margin-top: 0.35cm }
dd { margin: 0 }
.teacher { border: 1px solid #666; padding: 0.3cm 0.5cm; margin-top: 0.6cm }
"""


def page() -> str:
    """The whole sheet as HTML that fetches nothing from elsewhere."""
    lessons = "".join(_lesson(number, lesson) for number, lesson in enumerate(LESSONS, 1))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Digit Lab: five lessons</title>'
        f"<style>{_STYLE}</style><body>{lessons}</body></html>"
    )


def _lesson(number: int, lesson: Lesson) -> str:
    steps = "".join(
        f"<dt>{name} ({step.minutes} minutes{f', on the page {step.page.title()}' if step.page else ''})</dt>"
        f"<dd>{_text(step.text)}</dd>"
        for name, step in lesson.steps
    )
    for_teachers = "".join(
        f"<dt>{name}</dt><dd>{_text(text)}</dd>"
        for name, text in (
            ("The answer", lesson.answer),
            ("Common mistake", lesson.pitfall),
            ("For quick students", lesson.further),
        )
    )
    return (
        f"<section><h1>{number}. {html.escape(lesson.title)}</h1>"
        f'<p class="question">{html.escape(lesson.question)}</p><dl>{steps}</dl>'
        f'<dl class="teacher">{for_teachers}</dl></section>'
    )


def _text(markdown: str) -> str:
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", html.escape(markdown))
