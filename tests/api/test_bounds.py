"""However many ask at once, a few pictures are read at a time, and a body is bounded in bytes and seconds."""

import asyncio
import threading

import pytest

from digitcore.api import bodies
from digitcore.api.readers import Busy, Readers
from digitcore.errors import TooLargeError
from tests import event_loop


def test_only_so_many_are_read_at_once_and_all_are_read():
    readers, inside, most, lock = Readers(at_once=2), 0, 0, threading.Lock()
    together = threading.Barrier(2, timeout=100)

    def work(number):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        together.wait()  # passes only where two are inside
        with lock:
            inside -= 1
        return number

    async def all_of_them():
        return await asyncio.gather(*(readers.do(work, number) for number in range(20)))

    assert event_loop.run(all_of_them()) == list(range(20))
    assert most == 2


def test_a_request_beyond_the_bound_is_told_at_once_and_places_come_back():
    readers = Readers(at_once=1, most_requests=2)

    async def three():
        async with readers.place(), readers.place():
            with pytest.raises(Busy):
                async with readers.place():
                    pass
        async with readers.place():
            return readers.requests

    assert event_loop.run(three()) == 1
    assert readers.requests == 0


def received(messages, **bounds):
    """What an application behind `Bounded` receives of these messages."""
    found = []

    async def application(scope, receive, send):
        while not found or found[-1].get("more_body"):
            found.append(await receive())

    async def receive():
        message = messages.pop(0) if messages else None
        return message if message else await asyncio.Event().wait()

    event_loop.run(bodies.Bounded(application, **bounds)({"type": "http"}, receive, None))
    return found


def part(size, more=True):
    return {"type": "http.request", "body": bytes(size), "more_body": more}


def test_a_body_within_its_bounds_comes_through_as_it_is():
    messages = [part(60), part(40, more=False)]
    assert received(list(messages), most=100, seconds=20) == messages


def test_a_body_too_long_is_taken_to_its_end_and_then_refused():
    messages = [part(60), part(60), part(60), part(60, more=False)]
    with pytest.raises(TooLargeError):
        received(messages, most=100, seconds=20)
    assert not messages


def test_a_body_that_does_not_come_is_given_up():
    with pytest.raises(bodies.Slow):
        received([part(60)], most=100, seconds=0.05)


def test_a_client_that_breaks_off_is_told_from_one_that_is_done():
    with pytest.raises(bodies.Gone):
        received([part(60), {"type": "http.disconnect"}], most=100, seconds=20)
