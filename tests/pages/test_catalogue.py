"""Everything that a page says stands in the catalogue, and the catalogue is complete in every language."""

import ast
import functools
import re

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks import languages
from benchmarks.support import page_sentences
from pages.shared import language
from pages.shared.sentences import Templates

TITLE = re.compile(r"[A-Z][a-zé'’-]+[.…:?]?")
# Functions of Streamlit and their parameters that put a text on the page.
SHOWN_BY = {
    *("button", "caption", "checkbox", "error", "expander", "header", "info", "markdown", "metric"),
    *("multiselect", "number_input", "pills", "popover", "progress", "radio", "segmented_control"),
    *("select_slider", "selectbox", "slider", "spinner", "subheader", "success", "text", "text_input"),
    *("title", "toast", "toggle", "warning", "write", "download_button", "file_uploader", "camera_input"),
}
SHOWN_AS = {"help", "label", "placeholder", "alt", "title", "description"}
NOT_SHOWN_AS = {"key", "icon", "file_name", "mime"}
# What looks like a sentence or a title and is none: names, and texts that other programs read.
NAMES = {
    "Digit Lab": "the app's own name",
    "{title} - Digit Lab": "a page's title, translated, and the app's own name",
    "Predict": "the name of a lesson's step, as a key",
    "Look": "the name of a lesson's step, as a key",
    "Explain": "the name of a lesson's step, as a key",
    "English": "languages are listed by their own names",
    "Deutsch": "languages are listed by their own names",
    "LAMO TIRE BAFO": "a code, as an example",
    "Inside the network": "the key of an expander",
    "Run card": "the key of an expander",
    "Path": "a kind of object on the canvas",
    "Items": "the name of a type",
    "CSV": "the name of a format",
    "every step": "a key of a result file",
    "no ink": "a key of a result file",
    "no box": "a key of a result file",
    "no scale": "a key of a result file",
    "no centre of mass": "a key of a result file",
    "in rows": "a key of a result file",
    "learning rate": "the name of a measure and of an event; NAMES in curves.py says it",
    "more epochs": "the name of an event",
}
TO_PROGRAMS = re.compile(
    r"[;}]\s*\n|datum\.|^python -m |(position|outline|display|width):[^ ]|^\.[a-z]|\\[dw]"
)


def suspicious(tree: ast.Module) -> list[tuple[int, str]]:
    """Literals of a page's module that look like something to be read and are not marked for the
    catalogue."""
    left_out: set[int] = set()
    shown: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):  # documentation
                left_out.add(id(node.value))
            case ast.Call(func=ast.Name(id=name)) if name in (*page_sentences.MARKS, "told", "TypeVar"):
                left_out.update(id(each) for argument in node.args for each in ast.walk(argument))
            case ast.Call(func=ast.Attribute(attr=name)) if name in SHOWN_BY and node.args:
                shown.add(id(node.args[0]))
            case ast.keyword(arg=name) if name in NOT_SHOWN_AS:
                left_out.update(id(each) for each in ast.walk(node.value))
            case ast.keyword(arg=name) if name in SHOWN_AS:
                shown.add(id(node.value))
            case ast.MatchValue() | ast.Subscript(ctx=ast.Load() | ast.Del()):  # keys
                part = node.value if isinstance(node, ast.MatchValue) else node.slice
                left_out.update(id(each) for each in ast.walk(part))
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError" | "KeyError" | "TypeError"))):
                left_out.update(id(each) for each in ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            left_out.update(id(part) for part in node.values if isinstance(part, ast.Constant))
            text = page_sentences.template(node)
        else:
            text = page_sentences.literal(node) or ""
        words = re.sub(r"<[^>]*>|\{\w+\}", " ", text)
        alone = id(node) in shown and re.search(r"[^\W\d_]{2,}", words)
        if (page_sentences.is_sentence(words) or TITLE.fullmatch(text) or alone) and not harmless(text):
            found.append((node.lineno, text))
    return found


def harmless(text: str) -> bool:
    return bool(
        text.strip() in NAMES or text.startswith(":material/") or TO_PROGRAMS.search(text) or "<style" in text
    )


@pytest.mark.parametrize(
    "path", page_sentences.python_files(), ids=lambda path: path.relative_to(page_sentences.ROOT).as_posix()
)
def test_no_sentence_of_a_page_is_outside_the_catalogue(path):
    assert not suspicious(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        'st.write("Nothing here yet")',
        'st.write(f"{n} digits were read")',
        'st.button("Send")',
        'st.caption(f"{n} misread")',
        'st.selectbox(_("Order"), options, help="Least sure first")',
        'LABELS = {"seed": "Random seed"}',
        'return text if ok else "of another version"',
        "st.html(f'<p>Nobody is here: {n}</p>')",
        'tabs = st.tabs(["Wall"])',
        'contents["Teacher"] = show',
    ],
)
def test_a_sentence_that_is_not_marked_is_found(line):
    assert suspicious(ast.parse(line if not line.startswith("return") else f"def said():\n    {line}"))


def test_no_sentence_is_an_f_string_or_computed():
    for path in page_sentences.python_files():
        for call in page_sentences.marked(ast.parse(path.read_text(encoding="utf-8"))):
            number = page_sentences.MARKS[call.func.id]
            assert all(page_sentences.literal(text) is not None for text in call.args[:number]), path


@pytest.mark.parametrize(
    "path",
    sorted((page_sentences.ROOT / "pages").rglob("*.js")),
    ids=lambda path: path.relative_to(page_sentences.ROOT).as_posix(),
)
def test_no_sentence_of_a_script_is_outside_the_catalogue(path):
    source = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    marked = re.sub(r'(?<![\w$.])_\(\s*(?:"(?:[^"\\]|\\.)*"\s*\+?\s*)+', "_(", source)
    literals = re.findall(
        r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', re.sub(r"STYLE = `[^`]*`|class: [^,}]*", "", marked)
    )
    texts = [re.sub(r"\$\{.*?\}", " ", plain or filled) for plain, filled in literals]
    sentences = [text for text in texts if page_sentences.is_sentence(text)]
    assert not [
        text for text in sentences if not re.search(r"[:;>\[=]|sans-serif|live frame|stated sentence", text)
    ]


def test_the_template_holds_what_the_sources_say():
    assert languages.TEMPLATE.read_bytes() == languages.as_po(languages.template()), (
        "run python -m benchmarks.languages"
    )


@pytest.mark.parametrize("code", languages.translations())
def test_each_language_is_complete_and_nothing_is_guessed(code):
    catalogue = languages.translated(code)
    assert not languages.unfinished(catalogue)
    assert {(m.id, m.context) for m in catalogue if m.id} == {
        (m.id, m.context) for m in languages.template() if m.id
    }


@pytest.mark.parametrize("code", languages.translations())
def test_a_translation_has_the_gaps_of_its_sentence(code):
    for message in languages.translated(code):
        if message.id:
            forms = message.string if message.pluralizable else [message.string]
            source = message.id[-1] if message.pluralizable else message.id
            for form in forms:
                assert languages.gaps(form) == languages.gaps(source), source


@pytest.mark.parametrize("code", languages.translations())
def test_each_sentence_of_the_library_is_recognised_once_it_is_filled_in(code):
    catalogue = language.catalogue(code)
    templates = Templates(catalogue, language.LIBRARY)
    for sentence in page_sentences.of_library():
        if not re.search(r"\w{4}", re.sub(r"\{\w+\}", "", sentence.text)):
            continue
        filled = re.sub(r"\{\w+\}", "Q7x", sentence.text)
        expected = re.sub(r"\{\w+\}", "Q7x", catalogue.pgettext(language.LIBRARY, sentence.text))
        assert templates.translated(filled, lambda number: number) == expected


def cached_and_speaking(tree: ast.Module) -> list[str]:
    """Functions that are cached for everybody and say something, yet are not told in which language."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or not any(
            "cache" in ast.unparse(d) for d in node.decorator_list
        ):
            continue
        said = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        told = {"language", "_language"} & {argument.arg for argument in node.args.args}
        if said & {"_", "ngettext", "told", "number", "current"} and not told:
            found.append(node.name)
    return found


def test_nothing_that_is_cached_for_all_visitors_holds_a_sentence_of_one_language():
    for path in page_sentences.python_files():
        if path.name != "language.py":
            assert not cached_and_speaking(ast.parse(path.read_text(encoding="utf-8"))), path
    assert cached_and_speaking(ast.parse("@st.cache_data\ndef f(x):\n    return _('No')")) == ["f"]


PAGES = sorted(path.stem for path in (page_sentences.ROOT / "pages").glob("*.py"))


@functools.cache
def not_in(code):
    """The English sentences of the pages that are another text in a language."""
    translated = language.catalogue(code)
    english = {s.text for s in page_sentences.everything() if s.context is None and not s.plural}
    return {text for text in english if translated.gettext(text) != text}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_another_language_shows_no_sentence_in_english(name, code="de"):
    app = AppTest.from_file(str(page_sentences.ROOT / "app.py"), default_timeout=120)
    app.query_params["lang"] = code
    app.run()
    if name != "draw":
        app.switch_page(f"pages/{name}.py").run()
    english = not_in(code)
    texts = {text for block in walked(app._tree) for text in strings(block)}
    assert len(texts) > 20
    assert not texts & english
    everything = "\n".join(texts)
    assert not [text for text in english if text.count(" ") > 1 and text in everything]


def walked(block):
    """A block of AppTest's tree and everything in it."""
    yield block
    for child in getattr(block, "children", {}).values():
        yield from walked(child)


def strings(block):
    """The texts in a block's message; a component's data hold both languages, a link its page's address."""
    component = "bidi" in (getattr(block, "type", "") or "")
    message = "" if component else str(getattr(block, "proto", "") or "")
    message = re.sub(r'^page: ".*"$', "", message, flags=re.MULTILINE)
    for text in re.findall(r'"((?:[^"\\]|\\.)*)"', message):
        yield text.encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
