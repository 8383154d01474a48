"""Pages of handwritten numbers as people photograph and scan them, made here, with their true text.

    make       digits (MNIST's), a kind and a seeded generator -> picture, true text, layout
    KINDS      what is on the page besides the digits: frames, cells, edges, light, signs, words …

For measuring how pages are read (`benchmarks.pages`), so that a rule is judged by hundreds of pages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.support import camera, page_lines, page_rows
from benchmarks.support.page_writer import Page, Writer

KINDS: dict[str, tuple[Callable[[Writer], Page], frozenset[str]]] = {
    "number": (page_lines.number_alone, frozenset()),
    "rows": (page_rows.rows, frozenset({"light"})),
    "small number": (page_rows.small_number, frozenset({"light"})),
    "table edge": (page_rows.rows, frozenset({"light", "table edge"})),
    "small, table edge": (page_rows.small_number, frozenset({"light", "table edge"})),
    "fingers": (page_rows.rows, frozenset({"light", "fingers"})),
    "binder holes": (page_rows.rows, frozenset({"light", "holes"})),
    "framed": (page_rows.framed, frozenset({"light"})),
    "boxes in a row": (page_rows.boxes_in_a_row, frozenset()),
    "sudoku": (lambda w: page_rows.table(w, 9, 9, w.rng.uniform(0.3, 1)), frozenset({"light", "slant"})),
    "score table": (
        lambda w: page_rows.table(w, int(w.rng.integers(2, 7)), int(w.rng.integers(2, 5)), 0.85, 2),
        frozenset({"light"}),
    ),
    "comb": (page_rows.comb, frozenset()),
    "underlined": (page_lines.underlined, frozenset()),
    "on its line": (page_lines.touching_its_line, frozenset()),
    "struck": (page_lines.struck, frozenset()),
    "boxed": (page_lines.boxed, frozenset()),
    "circled": (page_lines.circled, frozenset()),
    "print through": (page_rows.rows, frozenset({"light", "print through"})),
    "glare": (page_lines.number_alone, frozenset({"glare"})),
    "perspective": (page_rows.rows, frozenset({"light", "perspective"})),
    "sideways": (page_rows.rows, frozenset({"light", "sideways"})),
    "sheet on a table": (page_lines.number_alone, frozenset({"light", "on a table"})),
    "chalk board": (page_lines.number_alone, frozenset({"board"})),
    "equal brightness": (page_lines.number_alone, frozenset({"colour"})),
    "words": (page_lines.words, frozenset()),
    "separators": (page_lines.separators, frozenset()),
    "tight": (page_lines.tight, frozenset({"no margin"})),
    "stacked": (page_rows.stacked, frozenset()),
    "pale digit": (page_lines.pale_digit, frozenset()),
    "few pixels": (page_lines.few_pixels, frozenset({"no margin"})),
    "codes": (page_lines.code, frozenset()),
    "signs as high": (page_lines.signs_as_high, frozenset()),
    "struck noughts": (page_lines.struck_noughts, frozenset()),
}
"""For each kind: what is on the page, and what happens to its picture (`camera.photograph`)."""


def make(
    kind: str, digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, str, str]:
    """(picture (h, w, 3) uint8 RGB, true text, layout) of one of KINDS.

    digits: (n, 28, 28) uint8, labels: (n,).
    """
    page_of, events = KINDS[kind]
    page = page_of(Writer(digits, labels, rng))
    return camera.photograph(page.ink, events, rng), page.truth, page.layout
