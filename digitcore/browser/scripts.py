"""The JavaScript of this folder as text, to be put where only one script can go: into a component, or a page
that is one file."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)


def script(*names: str) -> str:
    """The modules of these names ("network", "picture"), one after another, without `export`: what they
    export can be used by whatever follows, and none of their other names can collide with it.

    Raises ValueError for a module that is not here.
    """
    return "\n".join(enclosed(source(name)) for name in names)


def enclosed(module: str) -> str:
    """An ES module that imports nothing -> a statement that defines what it exports.

    Without an address a module cannot be imported: each of Streamlit's components is one text, and a page
    that is one file has nothing beside it.
    """
    exported = ", ".join(_EXPORT.findall(module))
    return f"const {{ {exported} }} = (() => {{\n{_EXPORT.sub('', module)}\nreturn {{ {exported} }}\n}})()\n"


def source(name: str) -> str:
    """The text of a file in this folder, unchanged. ValueError where there is none of that name."""
    path = FOLDER / f"{name}.js"
    if not path.is_file():
        there = ", ".join(sorted(path.stem for path in FOLDER.glob("*.js")))
        raise ValueError(f"script: expected some of {there}, got {name!r}")
    return path.read_text(encoding="utf-8")
