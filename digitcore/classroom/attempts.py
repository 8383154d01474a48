"""How many classes, guesses at codes and bytes of drawings are allowed per address.

How the numbers were chosen. A school is one address (thirty students behind one router), and so are all
visitors of a host whose proxy is not named (see .streamlit/README.md): an address must be able to do what two
classes do in their first minutes. There are 2^30 codes, so a guesser within these limits finds nothing:

    120 wrong codes at once, then 24 a minute per address    60 students mistype twice each. A guesser tries
                                                             35,000 a day: one of 10 classes in 8 years.
    1,000 at once, then 200 a minute per server              From many addresses at once: one of 10 classes in
                                                             a year. While they are used up, an address with
                                                             fewer than 20 wrong codes still gets in.
    8 in five minutes per session                            A student mistypes; one who guesses for fun is
                                                             stopped before the school's share is used.
    10 classes at once, then one an hour per address         Ten teachers of one school on the first morning.
    30 MB of drawings at once, then 30 MB a day per address  Two classes' 6,000 drawings take 10 MB.

An invitation (`Room.invitation`: QR code and link) holds 40 bits besides the code. It cannot be guessed and
is never throttled, so a guesser at a school cannot keep the school's students out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic

from digitcore.classroom.rate import Rate
from digitcore.errors import ClassError

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
EVERYBODY = "everybody"
CLEAN = 20
"""An address with no more wrong codes than this is not taken for a guesser's."""


class Guesses:
    """The wrong codes of sessions, of addresses and of everybody together; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.of_session = Rate(8, 5 * MINUTE, clock)
        self.of_address = Rate(120, 5 * MINUTE, clock)
        self.of_server = Rate(1_000, 5 * MINUTE, clock)

    def take(self, session: Hashable, address: Hashable) -> None:
        """Call before a code is looked up, so that simultaneous tries count too; call `give_back` if the code
        was right. ClassError if the guesser has to wait."""
        wait = self.of_session.take(session)
        if wait:
            raise ClassError(f"Too many wrong codes; try the next one in {_seconds(wait)}.")
        wait = self.of_address.take(address)
        if not wait and self.of_server.take(EVERYBODY) and self.of_address.used(address) > CLEAN:
            self.of_address.give_back(address)
            wait = self.of_server.seconds / self.of_server.most
        if wait:
            self.of_session.give_back(session)
            raise ClassError(
                f"Many wrong codes came from this network; try again in {_seconds(wait)}, or "
                "open the class by your teacher's QR code or link."
            )

    def give_back(self, session: Hashable, address: Hashable) -> None:
        """The code was right."""
        self.of_session.give_back(session)
        self.of_address.give_back(address)
        self.of_server.give_back(EVERYBODY)


class Makers:
    """The classes made by each address; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.of_address = Rate(10, 10 * HOUR, clock)

    def take(self, address: Hashable) -> None:
        """ClassError if this address has made many classes."""
        wait = self.of_address.take(address)
        if wait:
            raise ClassError(
                f"Many classes were made from this network; the next in {max(1, round(wait / 60))} minutes."
            )


class Senders:
    """The bytes of drawings from each address; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.of_address = Rate(30 * 2**20, DAY, clock)

    def take(self, address: Hashable, size: int) -> None:
        """ClassError if that is more bytes than this address may add now."""
        if self.of_address.take(address, size):
            raise ClassError("Very many drawings came from this network today; carry on tomorrow.")


def _seconds(wait: float) -> str:
    seconds = max(1, round(wait))
    return "a second" if seconds == 1 else f"{seconds} seconds"


GUESSES, MAKERS, SENDERS = Guesses(), Makers(), Senders()
"""Those of this server."""
