"""The test is for the end: until a class's teacher reveals it, its students' runs show validation only, to
their owners too, on every page.

Whoever sees test accuracies while choosing has chosen by them, and a board of thirty would be a board of
luck. It concerns the runs that a student starts from joining until the board is closed, on the board's data
set.
"""

import contextlib
import threading
import time
from typing import Any

from digitcore.classroom import board
from digitcore.classroom.students import Students
from digitcore.errors import DigitcoreError
from digitcore.runs import cards
from digitcore.runs.run_folder import Run
from pages.shared import membership, visitor
from pages.shared.language import N_

SENTENCE = N_(
    "Your class chooses by the validation digits. The 10,000 test digits are for the end: what they "
    "say of this run is shown when your teacher reveals the test."
)
# Thirty pages ask about each of their runs every second.
REMEMBERED_SECONDS = 1.0
_known: dict[str, tuple[float, list[tuple[float, float]]]] = {}
_mutex = threading.Lock()


def hides(run: Run) -> bool:
    """Whether what the test digits say of this run is not to be shown now."""
    key = visitor.key()
    if run.recorded or key is None:
        return False
    try:
        if run.settings.dataset != board.DATASET:
            return False
        created = run.created
        return any(since <= created <= until for since, until in _times(key))
    except DigitcoreError:  # a class file that cannot be read hides nothing for ever, but does so now
        return True


def card(run: Run) -> dict[str, Any] | None:
    """A run's card as it may be shown: without what the test says while that is hidden. None where it has
    none; RunError where it is damaged."""
    found = cards.read(run)
    return without_test(found) if found and hides(run) else found


def without_test(card: dict[str, Any]) -> dict[str, Any]:
    """A card without any figure of the test digits: its own, and those of each exported file."""
    kept = {name: value for name, value in card.items() if name != "test"}
    if isinstance(kept.get("exports"), dict):
        kept["exports"] = {
            file: {name: value for name, value in about.items() if name != "test"}
            for file, about in kept["exports"].items()
        }
    return kept


def _times(key: str) -> list[tuple[float, float]]:
    now = time.monotonic()
    with _mutex:
        at, times = _known.get(key, (float("-inf"), []))
        if now - at < REMEMBERED_SECONDS:
            return times
    times = Students(membership.rooms()).unrevealed(key)
    with _mutex, contextlib.suppress(KeyError):
        _known[key] = (now, times)
        while len(_known) > 1_000:
            del _known[next(iter(_known))]
    return times
