"""Which language a visitor reads, and how a sentence, a plural and a number come to stand in it."""

import gettext
import threading

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks import languages
from digitcore import paths
from pages.shared import language, number_columns
from pages.shared.sentences import Templates


def app(**state):
    at = AppTest.from_file(str(paths.REPOSITORY / "app.py"), default_timeout=120)
    for name, value in state.items():
        at.session_state[name] = value
    return at


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de-AT", "de"), ("es_MX", "es"), ("en-GB", "en"), ("fr-FR", "en"), (None, "en"), ("", "en")],
)
def test_the_browsers_language_is_taken_where_there_is_one_here_and_english_elsewhere(locale, expected):
    assert language.of_locale(locale) == expected


@pytest.mark.parametrize(
    ("english", "spanish", "german"),
    [
        ("12,345.6", "12.345,6", "12.345,6"),
        ("1,234", "1234", "1.234"),
        ("1,234,567", "1.234.567", "1.234.567"),
        ("99.1%", "99,1\xa0%", "99,1\xa0%"),
        ("2026", "2026", "2026"),
        ("-0.5", "-0,5", "-0,5"),
    ],
)
def test_numbers_are_written_as_a_language_writes_them(english, spanish, german):
    assert language.written(english, "en") == english
    assert language.written(english, "es") == spanish
    assert language.written(english, "de") == german


def test_values_are_filled_in_and_only_numbers_change(monkeypatch):
    monkeypatch.setattr(language, "current", lambda: "de")
    said = language._("{name} has {n:,} at {share:.1%}, {yes}", name="a.b,c", n=12_345, share=0.5, yes=True)
    assert said == "a.b,c has 12.345 at 50,0\xa0%, True"


class Catalogue(gettext.NullTranslations):
    """A catalogue of three sentences of digitcore."""

    def __init__(self):
        super().__init__()
        known = {
            "{name} is empty.": "{name} ist leer.",
            "{name} has {n} pixels; at most {most} are read.": "{name}: {n} Pixel, höchstens {most}.",
            "the drawing": "die Zeichnung",
        }
        self._catalog = {f"digitcore\x04{text}": said for text, said in known.items()}

    def pgettext(self, context, message):
        return self._catalog.get(f"{context}\x04{message}", message)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a (1).png is empty.", "a (1).png ist leer."),
        ("b has 12,345 pixels; at most 1,000 are read.", "b: 12.345 Pixel, höchstens 1.000."),
        ("the drawing is empty.", "die Zeichnung ist leer."),
        ("Something else.", "Something else."),
    ],
)
def test_a_finished_sentence_is_recognised_by_its_template(said, expected):
    templates = Templates(Catalogue(), "digitcore")
    assert templates.translated(said, lambda text: language.written(text, "de")) == expected


def test_the_menu_changes_the_page_and_the_address_and_a_change_of_pages_keeps_it():
    at = app().run()
    assert at.segmented_control(key="language_menu").value == "en" and "lang" not in at.query_params

    at.segmented_control(key="language_menu").set_value("de").run()
    assert at.session_state[language.SESSION] == "de" and "de" in at.query_params["lang"]
    at.switch_page("pages/lessons.py").run()
    assert at.segmented_control(key="language_menu").value == "de" and "de" in at.query_params["lang"]
    assert at.title[0].value == language.catalogue("de").gettext("Lessons")

    at.segmented_control(key="language_menu").set_value("en").run()
    assert at.title[0].value == "Lessons"


def test_the_language_of_an_address_is_taken_and_an_unknown_one_taken_out():
    at = app()
    at.query_params["lang"] = "es"
    at.run()
    assert at.session_state[language.SESSION] == "es"
    at = app()
    at.query_params["lang"] = "klingon"
    at.run()
    assert at.session_state[language.SESSION] == "en" and "lang" not in at.query_params


def test_a_page_that_ends_itself_has_the_menu_too(monkeypatch):
    at = app()
    at.run().switch_page("pages/data.py").run()
    monkeypatch.setattr("digitcore.datasets.is_available", lambda name: False)
    at.run()
    assert at.info and at.segmented_control(key="language_menu")


def test_two_visitors_at_once_read_two_languages():
    def speak():
        import streamlit as st

        from pages.shared import language

        language.told("x")
        st.session_state["meeting"].wait(timeout=100)
        st.write(language.number(1234.5, ",.1f"))

    meeting = threading.Barrier(2)
    pages = {}

    def visit(code):
        at = AppTest.from_function(speak)
        at.session_state[language.SESSION] = code
        at.session_state["meeting"] = meeting
        pages[code] = at.run(timeout=120).markdown[0].value

    visitors = [threading.Thread(target=visit, args=(code,)) for code in ("en", "de")]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert pages == {"en": "1,234.5", "de": "1.234,5"}


def test_without_a_session_english_is_spoken():
    assert language.current() == "en" and language._("Draw a digit") == "Draw a digit"


@pytest.mark.parametrize("code", languages.translations())
def test_what_the_app_reads_is_what_the_catalogue_says(code):
    compiled = languages.mo_file(code).read_bytes()
    assert compiled == languages.as_mo(languages.translated(code)), "run python -m benchmarks.languages"


def test_a_script_gets_the_sentences_that_it_says_and_english_ones_none(monkeypatch):
    script = 'const a = _("Draw {what}", { what })\nnot_(“x”)\nother._("no")\n_(\n  "Say \\"it\\""\n)'
    assert language.script_sentences(script) == ["Draw {what}", 'Say "it"']
    assert language.words(script) == {"language": "en", "sentences": {}}
    monkeypatch.setattr(language, "current", lambda: "de")
    assert set(language.words(script)["sentences"]) == {"Draw {what}", 'Say "it"'}


@pytest.mark.parametrize(
    ("code", "cells", "column"),
    [
        ("en", None, "%.1f%%"),
        ("de", ["98,8\N{NO-BREAK SPACE}%", ""], None),
        ("es", ["98,8\N{NO-BREAK SPACE}%", ""], None),
    ],
)
def test_a_table_writes_its_percentages_as_the_language_writes_them(monkeypatch, code, cells, column):
    monkeypatch.setattr(number_columns, "current", lambda: code)
    monkeypatch.setattr(language, "current", lambda: code)
    frame = pd.DataFrame({"share": [98.76, None]})
    table = number_columns.written_table(frame, {"share": "%.1f%%"})
    assert number_columns.form("%.1f%%") == column
    if cells is None:
        assert table is frame
    else:
        written = table._translate(False, False)["body"]
        assert [row[1]["display_value"] for row in written] == cells
    assert number_columns.whole_percent() % 99 == ("99%" if code == "en" else "99\N{NO-BREAK SPACE}%")
