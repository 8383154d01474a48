"""Every sentence that the catalogue of the pages should hold, read from the sources: what stands in `_()`,
`ngettext()` and `N_()` of app.py, pages/ and its JavaScript, and what digitcore says to whoever uses it."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from digitcore import paths
from digitcore.evaluation import published
from digitcore.runs import store as run_store
from pages.shared import language

ROOT = paths.REPOSITORY
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
"""What marks a sentence -> how many of its arguments are sentences."""
# Wings whose errors never reach pages.
NOT_ON_PAGES = ("commands", "api", "cluster", "browser")
# Modules whose texts pages show besides what they raise: titles, verdicts, where a run stands, what a setting
# does, why a file is not read.
SHOWN = (
    *("classroom/classes", "classroom/store", "classroom/wall", "datasets/background", "datasets/storage"),
    *("errors", "evaluation/comparison", "evaluation/corruption", "evaluation/published"),
    *(
        "networks/classifier",
        "networks/ranges",
        "networks/settings",
        "networks/settings_query",
        "preprocessing/archives",
    ),
    *("preprocessing/drawing", "preprocessing/formats", "preprocessing/images", "preprocessing/strip"),
    *("preprocessing/strokes", "reading/budget", "reading/processes", "runs/admission", "runs/history"),
    *("runs/queue", "runs/state", "runs/turns", "training/fit"),
)
# Their sentences begin with the file's name, which is added later.
ABOUT_A_FILE = ("preprocessing/formats", "preprocessing/images")


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
    """What digitcore raises, with its gaps named after what fills them, the texts of modules that pages show,
    the names of the recorded runs, and what the published figures call the usual way."""
    for path in sorted((ROOT / "digitcore").rglob("*.py")):
        module = path.relative_to(ROOT / "digitcore").with_suffix("").as_posix()
        if module.split("/")[0] in NOT_ON_PAGES:
            continue
        texts = list(said_by(ast.parse(path.read_text(encoding="utf-8")), module in SHOWN))
        if module in ABOUT_A_FILE:
            texts = [
                f"{{name}} {text}" if text.startswith(("is ", "has ", "needs ")) else text for text in texts
            ]
        for text in dict.fromkeys(texts):
            yield Sentence(text, _relative(path), context=language.LIBRARY)
    for run in run_store.recorded():
        yield Sentence(run.name, _relative(run.file(paths.SETTINGS)), context=language.LIBRARY)
    usual = (published.read("handwriting") or {}).get("usual")
    if usual:
        yield Sentence(usual, _relative(paths.RESULTS / "handwriting.json"), context=language.LIBRARY)


def said_by(tree: ast.Module, all_of_it: bool = False) -> Iterator[str]:
    """The sentences that a module of digitcore raises, or all of its texts that may be meant for people."""
    if all_of_it:
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        yield from templates(tree, documentation)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = getattr(node.exc.func, "id", getattr(node.exc.func, "attr", ""))
            if name not in ("ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError"):
                for argument in node.exc.args:
                    yield from templates(argument)


def templates(node: ast.AST, left_out: Collection[int] = ()) -> Iterator[str]:
    """The texts for people among an expression's or a module's literals. left_out: ids of nodes."""
    inside: set[int] = set(left_out)
    for part in ast.walk(node):
        if id(part) in inside:
            continue
        if isinstance(part, ast.JoinedStr):
            # The literals within its gaps are texts of their own.
            inside.update(id(value) for value in part.values if isinstance(value, ast.Constant))
            inside.update(id(each) for value in part.values for each in ast.walk(_specification(value)))
            text = template(part)
        else:
            text = re.sub(r"\{:[^}]*\}", "{n}", literal(part) or "")  # for str.format
        if is_for_people(text):
            yield text


def _specification(value: ast.expr) -> ast.AST:
    found = value.format_spec if isinstance(value, ast.FormattedValue) else None
    return found or ast.Constant(None)


def is_for_people(text: str) -> bool:
    """Whether a literal of digitcore may be meant for people: words, and no statement in SQL, pattern, path
    or name of a field."""
    if re.fullmatch(r"[A-Z][a-z]{2,}\.?|[a-z]{4,} ", text):
        return True  # one word, written as a title is, or to be put into a sentence
    words = re.sub(r"\{\w*[^}]*\}", "", text)
    if re.match(r"\s*[A-Z]{3,} ", text) or re.search(r"[\\_|<>\[\]@]|\w\.\w|%s|= \?", words):
        return False
    return bool(re.search(r"[^\W\d_]{2,}.*[^\W\d_]{2,}", words)) and " " in text.strip()


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
