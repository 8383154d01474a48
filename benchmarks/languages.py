"""python -m benchmarks.languages: brings the catalogue of the pages' sentences up to date.

Reads all sentences from the sources (benchmarks/support/page_sentences.py), writes pages/languages/pages.pot,
adds new ones to each language's pages.po, drops those that nobody says any more, and compiles pages.mo, which
is what the app reads. Prints what is still to translate: a sentence without translation is shown in English.
"""

import io
import re
import string
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from benchmarks.support import page_sentences
from pages.shared import language

PROJECT = "Digit Lab"
HEADER = "# Sentences of Digit Lab's pages; `python -m benchmarks.languages` keeps this file up to date."
# The same on every machine at any time, so that a file changes only with its sentences.
DATE = datetime(2026, 11, 29, tzinfo=UTC)
TEMPLATE = language.FOLDER / "pages.pot"


def translations() -> list[str]:
    """The languages that there are besides the sources' own."""
    return [code for code in language.LANGUAGES if code != language.SOURCE]


def po_file(code: str) -> Path:
    return language.FOLDER / code / "LC_MESSAGES" / f"{language.DOMAIN}.po"


def mo_file(code: str) -> Path:
    return po_file(code).with_suffix(".mo")


def template() -> Catalog:
    """All sentences of the sources."""
    catalogue = _empty(None)
    for sentence in page_sentences.everything():
        catalogue.add(sentence.id, locations=[(sentence.file, None)], context=sentence.context)
    for message in catalogue:
        message.flags.discard("python-format")
    return catalogue


def translated(code: str) -> Catalog:
    """A language's catalogue as it stands in its file."""
    if not po_file(code).exists():
        return _empty(code)
    with po_file(code).open("rb") as file:
        return read_po(file, locale=code, domain=language.DOMAIN)


def as_po(catalogue: Catalog) -> bytes:
    """A catalogue as the text of its file."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """A catalogue compiled."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def unfinished(catalogue: Catalog) -> list[str]:
    """Sentences that are not translated, or only by guess."""
    return [
        _text(message.id)
        for message in catalogue
        if message.id
        and (message.fuzzy or not all(message.string if message.pluralizable else [message.string]))
    ]


def gaps(text: str) -> list[str]:
    """What a sentence has filled in, with its format, sorted: "{n:,} of {all}" -> ["all", "n:,"]."""
    fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    return sorted({f"{name}:{form}" if form else name for _, name, form, _ in fields})


def refreshed(code: str, newest: Catalog) -> Catalog:
    """A language's catalogue with exactly the sentences of the sources; nothing is guessed."""
    catalogue = translated(code)
    catalogue.update(newest, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = HEADER
    catalogue.revision_date = DATE
    return catalogue


def _empty(code: str | None) -> Catalog:
    return Catalog(
        locale=code,
        domain=language.DOMAIN,
        header_comment=HEADER,
        project=PROJECT,
        version="1",
        creation_date=DATE,
        revision_date=DATE,
        fuzzy=False,
    )


def _text(identity: str | tuple[str, ...]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def main() -> None:
    newest = template()
    TEMPLATE.write_bytes(as_po(newest))
    words = sum(len(re.findall(r"\w+", _text(message.id))) for message in newest)
    print(f"{len(newest)} sentences, {words:,} words")
    for code in translations():
        catalogue = refreshed(code, newest)
        po_file(code).parent.mkdir(parents=True, exist_ok=True)
        po_file(code).write_bytes(as_po(catalogue))
        catalogue = translated(code)
        mo_file(code).write_bytes(as_mo(catalogue))
        left = unfinished(catalogue)
        print(f"{code}: {len(left)} to translate" + "".join(f"\n  {text}" for text in left))


if __name__ == "__main__":
    main()
