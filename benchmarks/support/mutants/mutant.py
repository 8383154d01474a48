"""Changes that no test may let pass: to constants and comparisons, and steps left out or in another order.

Each is what a typing mistake, or a simplification that went too far, would leave. `benchmarks.mutations`
makes them one at a time and runs the tests of their wing; a test of the default run checks that each one can
still be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from digitcore.paths import REPOSITORY


@dataclass(frozen=True)
class Mutant:
    """In a file (a path in the repository), a text that stands there exactly once becomes another."""

    file: str
    name: str
    text: str
    replacement: str

    @property
    def wing(self) -> str:
        """The folder of tests for the file: that of its wing of `digitcore`."""
        return self.file.split("/")[1]

    @property
    def tests(self) -> list[list[str]]:
        """What pytest is told, call by call: the file's own tests, if any, then the others of its wing."""
        own, wing = f"tests/{self.wing}/test_{PurePath(self.file).name}", f"tests/{self.wing}"
        return [[own], [wing, f"--ignore={own}"]] if (REPOSITORY / own).is_file() else [[wing]]

    def applied(self, source: str) -> str:
        """The changed source. ValueError where the text does not stand there exactly once."""
        if (found := source.count(self.text)) != 1:
            raise ValueError(
                f'{self.file} must hold the text of the change "{self.name}" once, got {found} times.'
            )
        return source.replace(self.text, self.replacement)


def of(file: str, *changes: tuple[str, str, str]) -> list[Mutant]:
    """Changes to one module of digitcore, each a name, a text and what replaces it."""
    return [Mutant(f"digitcore/{file}.py", *change) for change in changes]
