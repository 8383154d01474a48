"""A picture's ink taken apart: each of its two maps once, however many steps of reading look at it.

TakenApart   Ink -> its Parts at both sizes, as they are and without drawn lines
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from digitcore.preprocessing.ink import Ink
from digitcore.reading import characters, layout
from digitcore.reading.budget import Budget
from digitcore.reading.form import without_lines
from digitcore.reading.parts import Parts, parts_of


class TakenApart:
    """The parts of a picture, made when they are first asked for. Asking raises as `ink.opened` and as the
    budget do."""

    def __init__(self, ink: Ink, budget: Budget) -> None:
        self.ink, self.budget = ink, budget

    @cached_property
    def quick(self) -> Parts:
        """Those of the quick map."""
        return parts_of(self.ink.quick, self.budget)

    @cached_property
    def quick_without_lines(self) -> Parts:
        """Those of the quick map that are no drawn lines."""
        return without_lines(self.quick)

    @cached_property
    def full(self) -> Parts:
        """Those of the full map, which is the quick map of a small picture."""
        return self.quick if self.ink.is_small else parts_of(self.ink.full, self.budget)

    @cached_property
    def full_without_lines(self) -> Parts:
        """Those of the full map that are no drawn lines."""
        return self.quick_without_lines if self.ink.is_small else without_lines(self.full)

    @cached_property
    def quick_characters(self) -> np.ndarray:
        """(n, 28, 28) float32: the characters of the quick map before any is cut."""
        return self._characters(self.quick_without_lines)

    @cached_property
    def characters(self) -> np.ndarray:
        """(n, 28, 28) float32: the characters of the full map before any is cut."""
        return self.quick_characters if self.ink.is_small else self._characters(self.full_without_lines)

    def forget_full(self) -> None:
        """Let go of the parts of the full map, which on a large picture take some 20 MB."""
        for name in ("full", "full_without_lines"):
            self.__dict__.pop(name, None)

    def _characters(self, parts: Parts) -> np.ndarray:
        """(n, 28, 28) float32: the characters of these parts before any is cut."""
        lines = layout.lines(parts, parts.writing)
        return characters.as_they_came(parts, lines, self.budget.afresh())
