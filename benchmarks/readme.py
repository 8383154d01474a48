"""python -m benchmarks.readme

Writes the figures of all READMEs from the files that commands left.
The files are models/*.json and benchmarks/results/*.json. Each figure stands between <!-- name --> and <!--
/name -->; tests/test_readme.py fails when one is out of date, and when a measured figure stands anywhere
else.
"""

from __future__ import annotations

import re

from benchmarks.support.readme_blocks import BLOCKS
from digitcore import paths

README = paths.REPOSITORY / "README.md"
WINGS = ("api", "classroom", "cluster", "training")
FOLDERS = (".", ".streamlit", "benchmarks", *(f"digitcore/{wing}" for wing in WINGS))
READMES = tuple(paths.REPOSITORY / folder / "README.md" for folder in FOLDERS)


def main() -> None:
    for file in READMES:
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"{file.relative_to(paths.REPOSITORY)} holds the figures of now.")


def filled(text: str) -> str:
    """The text with every block written again; KeyError for a block that nothing writes."""

    def write(match: re.Match[str]) -> str:
        name, body = match["name"], BLOCKS[match["name"]]()
        separator = "\n" if "\n" in match[0] else ""
        return f"<!-- {name} -->{separator}{body}{separator}<!-- /{name} -->"

    return re.sub(r"<!-- (?P<name>[a-z-]+) -->.*?<!-- /(?P=name) -->", write, text, flags=re.DOTALL)


if __name__ == "__main__":
    main()
