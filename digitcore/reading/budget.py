"""What reading one picture may take: known before it is paid; beyond it one sentence says what to do.

Whoever reads keeps one Budget a picture. Each step takes from it what it is about to do, and asks between its
parts whether to go on: whether there is time left, and whether anybody still waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from digitcore.errors import Abandoned, TooMuchError

SECONDS = 3.0
"""Of one core: three times what the limits below come to, for machines that are slower."""


@dataclass(frozen=True)
class Limits:
    """By hand, with `python -m benchmarks.reading_budget`, so that a picture up to them takes about a second
    of one core. The fullest page of the development sets that is read rightly takes three quarters of the
    columns.

    marks: pieces of ink as large as a digit. characters: what they make when put together. area, pixels: of
    all boxes around pieces, each time that they are looked at, and around characters. columns, rows: of
    touching characters, at the height at which they are cut, the rows counted for each. pieces: of those,
    that the network is shown.
    """

    marks: int = 1000
    characters: int = 300
    area: int = 40_000_000
    pixels: int = 8_000_000
    columns: int = 2000
    rows: int = 5000
    pieces: int = 1000


LIMITS = Limits()


@dataclass
class Budget:
    """stop: whether nobody waits any more. clock: seconds, by default those of this thread on a core."""

    stop: Callable[[], bool] | None = None
    clock: Callable[[], float] = time.thread_time
    seconds: float = SECONDS
    limits: Limits = LIMITS
    _taken: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def most(self, what: str, number: int) -> None:
        """As `take`, of what costs little each time: it counts by itself."""
        self._taken[what] = 0
        self.take(what, int(number))

    def take(self, what: str, number: int) -> None:
        """Before so many of one of Limits are worked on. Raises TooMuchError, or as `look`."""
        self.look()
        self._taken[what] = self._taken.get(what, 0) + number
        most = getattr(self.limits, what)
        if self._taken[what] > most:
            raise TooMuchError(f"{_SAID[what].format(most)} can be read at once: crop to the digits.")

    def look(self) -> None:
        """Raises TooMuchError where the time is over, and Abandoned where nobody waits."""
        if self.stop is not None and self.stop():
            raise Abandoned("Nobody waits for this picture any more.")
        if self.clock() > self._end:
            raise TooMuchError("There is more here than can be read at once: crop to the digits.")


_SAID = {
    "marks": "Here are more than the {:,} marks that",
    "characters": "Here are more than the {:,} characters that",
    "area": "More marks lie around one another here than",
    "pixels": "More marks lie around one another here than",
    "rows": "More marks touch one another here than",
    "columns": "More marks touch one another here than",
    "pieces": "More marks touch one another here than",
}
