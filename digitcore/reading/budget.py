"""How much work reading one picture may take; beyond that, one sentence says what to do.

Each picture has a Budget of its own. A step first takes from it what it is about to do, and looks in between
whether to go on: whether there is time left, and whether anybody is still waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from digitcore.errors import Abandoned, TooMuchError

SECONDS = 3.0
"""Of one core: three times what reading up to the limits below takes, for slower machines."""


@dataclass(frozen=True)
class Limits:
    """The most of each kind of work. Chosen by hand, with `python -m benchmarks.reading_budget`, so that a
    picture that reaches them takes about a second of one core. The fullest page of the development sets that
    is read correctly uses three quarters of the columns.

    marks: pieces of ink as large as a digit. characters: what those pieces make when they are put together.
    area: pixels of the boxes around pieces, counted each time they are looked at. pixels: of the boxes around
    characters. columns, rows: of touching characters, at the height at which they are cut; rows are counted
    for each character. pieces: of touching characters, shown to the network.
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
    """stop: says whether nobody is waiting any more. clock: in seconds, by default the time that this thread
    has spent on a core."""

    stop: Callable[[], bool] | None = None
    clock: Callable[[], float] = time.thread_time
    seconds: float = SECONDS
    limits: Limits = LIMITS
    _taken: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def afresh(self) -> Budget:
        """Another one for the same picture, turned: its limits are whole, its time goes on."""
        other = Budget(self.stop, self.clock, self.seconds, self.limits)
        other._end = self._end
        return other

    def most(self, what: str, number: int) -> None:
        """As `take`, for work that is cheap each time: only this call counts, not the ones before it."""
        self._taken[what] = 0
        self.take(what, int(number))

    def allow(self, what: str, number: int) -> None:
        """As `take`, before those are looked at that will be taken later: it counts nothing."""
        taken = self._taken.get(what, 0)
        self.most(what, number)
        self._taken[what] = taken

    def take(self, what: str, number: int) -> None:
        """Call before `number` more of what one of Limits counts are worked on. Raises TooMuchError, or as
        `look`."""
        self.look()
        self._taken[what] = self._taken.get(what, 0) + number
        most = getattr(self.limits, what)
        if self._taken[what] > most:
            raise TooMuchError(f"{_SAID[what].format(most)} can be read at once: crop to the digits.")

    def look(self) -> None:
        """Raises TooMuchError when the time is up, and Abandoned when nobody is waiting."""
        if self.stop is not None and self.stop():
            raise Abandoned("Nobody is waiting for this picture any more.")
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
