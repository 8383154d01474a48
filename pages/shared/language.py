"""The language of a visitor: sentences from the catalogue in pages/languages, and numbers as that language
writes them.

How a page says something: `_("Read {n:,} pictures", n=count)`, and `ngettext("{n} picture", "{n} pictures",
count)` where a number decides the words (it is `n`). The sentence is a literal, no f-string; its values come
as keywords, and numbers among them are written as the language writes them, by the format that stands in the
sentence. `N_("...")` only marks a sentence that stands in a constant: `_(CONSTANT)` says it later, for each
visitor anew. What digitcore says (an error's sentence, a title) goes through `told`, a number alone through
`number`. A page's JavaScript writes `_("...")` too, and gets `words(SCRIPT)` in its data (words.js). Then
`python -m benchmarks.languages` brings the catalogue up to date; the .mo files it writes are what the app
reads.

The language belongs to the session, in its state, and to nothing else: thirty visitors, thirty threads. So
nothing that is cached for everybody may hold a sentence.
"""

import gettext
import numbers
import re
import string
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared.sentences import Templates

FOLDER = Path(__file__).parents[1] / "languages"
DOMAIN, SOURCE = "pages", "en"
LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch"}
"""Code -> its own name, for everyone who looks for it."""
SESSION = "language"
LIBRARY = "digitcore"
"""The catalogue's context for what digitcore says; pages' own sentences have none."""
_NO_BREAK = "\N{NO-BREAK SPACE}"


def current() -> str:
    """The code of this session's language; English where there is no session."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or SESSION not in context.session_state:
        return SOURCE
    return context.session_state[SESSION]


def of_locale(locale: str | None) -> str:
    """The language of a browser's locale ("de-AT", "es_MX") or of what it accepts ("de-DE,de;q=0.9"), as far
    as there is one here; else English."""
    code = re.split(r"[-_,;]", locale or "", maxsplit=1)[0].lower()
    return code if code in LANGUAGES else SOURCE


def _(sentence: str, **values: Any) -> str:
    """A sentence in the visitor's language, with its values filled in."""
    language = current()
    return _filled(catalogue(language).gettext(sentence) if sentence else "", language, values)


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """The sentence for a number of things, which stands in it as `n`."""
    language = current()
    return _filled(catalogue(language).ngettext(one, many, int(n)), language, {"n": n, **values})


def N_(sentence: str) -> str:
    """Marks a sentence that `_` is given later."""
    return sentence


def told(said: object) -> str:
    """What digitcore says (a text, or an error, whose text it is), in the visitor's language; in English
    where the catalogue does not know it."""
    language, text = current(), str(said)
    return text if language == SOURCE or not text else _told(language, text)


def number(value: numbers.Real, specification: str = "") -> str:
    """A number by a format like ",", ".1%" or ".3f", as the visitor's language writes it."""
    return written(format(value, specification), current())


def written(text: str, language: str) -> str:
    """A number as Python writes it, as a language writes it.

    >>> written("12,345.6", "de"), written("1,234", "es"), written("99.1%", "de")
    ('12.345,6', '1234', '99,1\\xa0%')
    """
    if language == SOURCE:
        return text
    if language == "es":  # Spanish groups from five digits on
        text = re.sub(r"(?<![\d,])(\d),(\d{3})(?![\d,])", r"\1\2", text)
    return text.translate(str.maketrans(",.", ".,")).replace("%", f"{_NO_BREAK}%")


def words(script: str, *more: str) -> dict[str, Any]:
    """What a page's JavaScript needs to say its sentences: `{"language": code, "sentences": {English: ours}}`
    for each `_("...")` in the scripts."""
    language = current()
    return {"language": language, "sentences": _words(language, (script, *more))}


def plotly_separators() -> str:
    """Plotly's `separators`: how it writes decimals and thousands."""
    return {"es": ",.", "de": ",."}.get(current(), ".,")


def percent_sign() -> str:
    """The sign as it follows a number: "%" in English, with a space before it in other languages."""
    return "%" if current() == SOURCE else f"{_NO_BREAK}%"


def vega_locale() -> dict[str, Any]:
    """Vega's `config.locale`: how Altair's charts write numbers."""
    if current() == SOURCE:
        return {}
    return {
        "number": {
            **{"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
            "percent": f"{_NO_BREAK}%",
        }
    }


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The sentences of a language, read once; they are the same for all visitors and nobody changes them."""
    if language == SOURCE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, FOLDER, [language])


@cache
def _templates(language: str) -> Templates:
    return Templates(catalogue(language), LIBRARY)


@lru_cache(maxsize=4096)
def _told(language: str, text: str) -> str:
    return _templates(language).translated(text, lambda value: written(value, language))


@cache
def _words(language: str, scripts: tuple[str, ...]) -> dict[str, str]:
    if language == SOURCE:
        return {}
    said = {match for script in scripts for match in script_sentences(script)}
    return {sentence: catalogue(language).gettext(sentence) for sentence in sorted(said)}


def script_sentences(script: str) -> list[str]:
    """Each literal in `_("...")` of a JavaScript source, joined where it is written in pieces, in order."""
    said = re.findall(r'(?<![\w$.])_\(\s*((?:"(?:[^"\\]|\\.)*"\s*\+?\s*)+)', script)
    pieces = [re.findall(r'"((?:[^"\\]|\\.)*)"', sentence) for sentence in said]
    return [re.sub(r"\\(.)", r"\1", "".join(piece)) for piece in pieces]


class _Values(string.Formatter):
    """Fills values in, numbers as a language writes them."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        return written(text, self.language) if is_number else text


def _filled(sentence: str, language: str, values: dict[str, Any]) -> str:
    return _Values(language).vformat(sentence, (), values) if values else sentence
