"""The data sets that a visitor may choose from: everybody's, then their own."""

from __future__ import annotations

from collections.abc import Iterable

from digitcore import datasets
from digitcore.runs import own_data
from pages.shared import run_list, visitor


def choices() -> dict[str, str]:
    """The name of each data set that this visitor may learn from, and its title as `told_apart` gives it."""
    return told_apart((*datasets.names(), *own_data.names(visitor.key())))


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """Data sets' names and their titles as Markdown, all different: browsers tell options by their text."""
    titles: dict[str, str] = {}
    for name in names:
        number, title = 1, datasets.describe(name).title
        while title in titles.values():
            number += 1
            title = f"{datasets.describe(name).title} ({number})"
        titles[name] = title
    return {name: run_list.as_typed(title) for name, title in titles.items()}
