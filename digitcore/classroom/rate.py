"""A token bucket for each asker, counted in one process: so much at once, refilled over time.

The buckets are module-level objects and are never kept in a session or in Streamlit's cache: a new session or
key renews nothing, and any client may ask Streamlit to clear its cache.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# How many askers are remembered. The one that asked longest ago is forgotten first.
REMEMBERED = 20_000


class Rate:
    """At most `most` at once, refilled evenly within `seconds`: a token bucket for each asker.

    Safe to share between threads. clock: monotonic seconds, so that setting the machine's clock renews
    nothing.
    """

    def __init__(self, most: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds, self.clock = float(most), float(seconds), clock
        self._used: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # asker -> (used, when)
        self._mutex = threading.Lock()

    def take(self, who: Hashable, amount: float = 1.0) -> float:
        """Take an amount and return 0.0, or take nothing and return the seconds until it is available.

        An amount beyond `most` is never available: infinity.
        """
        with self._mutex:
            used = self._now_used(who)
            if amount > self.most:
                return float("inf")
            missing = used + amount - self.most
            if missing > 1e-9:
                return missing * self.seconds / self.most
            self._keep(who, used + amount)
            return 0.0

    def give_back(self, who: Hashable, amount: float = 1.0) -> None:
        """Give back an amount that turned out not to count."""
        with self._mutex:
            self._keep(who, max(0.0, self._now_used(who) - amount))

    def used(self, who: Hashable) -> float:
        """How much an asker has used that has not been refilled yet."""
        with self._mutex:
            return self._now_used(who)

    def _now_used(self, who: Hashable) -> float:
        used, when = self._used.get(who, (0.0, 0.0))
        return max(0.0, used - (self.clock() - when) * self.most / self.seconds) if used else 0.0

    def _keep(self, who: Hashable, used: float) -> None:
        self._used[who] = (used, self.clock())
        self._used.move_to_end(who)
        while len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
