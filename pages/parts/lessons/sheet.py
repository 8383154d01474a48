"""The teacher's sheet: all lessons as one HTML file for printing, one page per lesson."""

import html
import re

from pages.parts.lessons.cards import LESSONS, Lesson, Step
from pages.shared import language
from pages.shared.language import N_, _

PAGES = {
    "draw": N_("Draw"),
    "inside": N_("Inside"),
    "upload": N_("Upload"),
    "train": N_("Train"),
    "compare": N_("Compare"),
    "classroom": N_("Class"),
    "data": N_("Data"),
    "how_well": N_("How well does it read?"),
}
"""The pages as the navigation calls them."""
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
        f'<!doctype html><html lang="{language.current()}"><meta charset="utf-8">'
        f"<title>{html.escape(_('Digit Lab: five lessons'))}</title>"
        f"<style>{_STYLE}</style><body>{lessons}</body></html>"
    )


def _lesson(number: int, lesson: Lesson) -> str:
    steps = "".join(
        f"<dt>{html.escape(_heading(name, step))}</dt><dd>{_text(_(step.text))}</dd>"
        for name, step in lesson.steps
    )
    for_teachers = "".join(
        f"<dt>{name}</dt><dd>{_text(_(text))}</dd>"
        for name, text in (
            (_("The answer"), lesson.answer),
            (_("Common mistake"), lesson.pitfall),
            (_("For quick students"), lesson.further),
        )
    )
    return (
        f"<section><h1>{number}. {html.escape(_(lesson.title))}</h1>"
        f'<p class="question">{html.escape(_(lesson.question))}</p><dl>{steps}</dl>'
        f'<dl class="teacher">{for_teachers}</dl></section>'
    )


def _heading(name: str, step: Step) -> str:
    if not step.page:
        return _("{step} ({n} minutes)", step=_(name), n=step.minutes)
    return _(
        "{step} ({n} minutes, on the page {page})", step=_(name), n=step.minutes, page=_(PAGES[step.page])
    )


def _text(markdown: str) -> str:
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", html.escape(markdown))
