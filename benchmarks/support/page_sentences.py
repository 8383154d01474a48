"""Every sentence that the catalogue of the pages should hold, read from the sources: what stands in `_()`,
`ngettext()` and `N_()` of app.py, pages/ and its JavaScript, and what digitcore says to whoever uses it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from digitcore import paths
from pages.shared import language

ROOT = paths.REPOSITORY
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
"""What marks a sentence -> how many of its arguments are sentences."""
# Wings whose words reach pages. Not here: the command line, the HTTP API, and what only a developer reads.
NOT_ON_PAGES = ("commands", "api", "cluster", "browser")


@dataclass(frozen=True)
class Sentence:
    """text: as it stands in the source. plural: the other form, or "". context: language.LIBRARY or None.
    file: where it stands, relative to the repository."""

    text: str
    file: str
    plural: str = ""
    context: str | None = None

    @property
    def id(self) -> str | tuple[str, str]:
        """As Babel's catalogues name a message."""
        return (self.text, self.plural) if self.plural else self.text


def python_files() -> list[Path]:
    """app.py and everything of pages/."""
    return [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


def everything() -> list[Sentence]:
    """All of them, each once for each file it stands in, in the order of files."""
    return [*of_pages(), *of_scripts(), *of_library()]


def of_pages() -> Iterator[Sentence]:
    for path in python_files():
        for call in marked(ast.parse(path.read_text(encoding="utf-8"))):
            texts = [literal(argument) for argument in call.args[: MARKS[call.func.id]]]
            if None in texts:
                raise ValueError(f"{path}:{call.lineno}: expected a literal in {call.func.id}()")
            if texts[0]:
                yield Sentence(texts[0], _relative(path), texts[1] if len(texts) > 1 else "")


def marked(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that mark a sentence, but for those whose sentence is a constant marked elsewhere."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS):
            continue
        if node.args and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
            yield node


def literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def of_scripts() -> Iterator[Sentence]:
    for path in sorted((ROOT / "pages").rglob("*.js")):
        for text in language.script_sentences(path.read_text(encoding="utf-8")):
            yield Sentence(text, _relative(path))


def of_library() -> Iterator[Sentence]:
    """What digitcore raises, with its gaps named after what fills them, and sentences of modules whose texts
    pages show."""
    for path in sorted((ROOT / "digitcore").rglob("*.py")):
        wing = path.relative_to(ROOT / "digitcore").parts[0]
        if wing not in NOT_ON_PAGES:
            for text in dict.fromkeys(said_by(ast.parse(path.read_text(encoding="utf-8")))):
                yield Sentence(text, _relative(path), context=language.LIBRARY)


def said_by(tree: ast.Module) -> Iterator[str]:
    """The sentences of one module of digitcore."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = getattr(node.exc.func, "id", getattr(node.exc.func, "attr", ""))
            if name not in ("ValueError", "TypeError", "KeyError"):
                for argument in node.exc.args:
                    yield from templates(argument)


def templates(node: ast.AST) -> Iterator[str]:
    """The sentences among an expression's literals: of two words or more."""
    inside: set[ast.AST] = set()
    for part in ast.walk(node):
        if part in inside:
            continue
        if isinstance(part, ast.JoinedStr):
            inside.update(value for value in part.values if isinstance(value, ast.Constant))
            text = template(part)
        else:
            text = literal(part) or ""
        if is_sentence(text):
            yield text


def is_sentence(text: str) -> bool:
    """Whether text has two words of its own."""
    return bool(re.search(r"[^\W\d_]{2,}[^\w{}<>/=]*\s+[^\W\d_]", re.sub(r"\{\w+\}", " 0 ", text)))


def template(joined: ast.JoinedStr) -> str:
    """An f-string as a template: f"{file.name!r} has {n:,} rows" -> "{name} has {n} rows"."""
    used: dict[str, str] = {}
    text = ""
    for part in joined.values:
        if isinstance(part, ast.Constant):
            text += part.value
            continue
        source = ast.unparse(part)
        if source not in used:
            name = _name(part.value)
            while name in used.values():
                name += "_"
            used[source] = name
        text += f"{{{used[source]}}}"
    return text


def _name(value: ast.expr) -> str:
    """What a gap is called: after the last name in its expression."""
    if isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    names = [
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(value)
        if isinstance(node, ast.Name | ast.Attribute)
    ]
    return names[0].lower().strip("_") if names else "value"


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
