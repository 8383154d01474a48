"""However many ask at once, a few pictures are read at a time, and a body is bounded in bytes and seconds."""

import asyncio
import json
import threading

import pytest

from digitcore.errors import TooLargeError
from digitcore.networks import model_store
from tests import event_loop, lazily

app = lazily.Module("digitcore.api.app")
bodies = lazily.Module("digitcore.api.bodies")
bounded = lazily.Module("digitcore.api.readers")


def test_only_so_many_are_read_at_once_and_all_are_read():
    readers, inside, most, lock = bounded.Readers(at_once=2), 0, 0, threading.Lock()
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
    readers = bounded.Readers(at_once=1, most_requests=2)

    async def three():
        async with readers.place("a"), readers.place("b"):
            with pytest.raises(bounded.Busy):
                async with readers.place("c"):
                    pass
        async with readers.place("c"):
            return readers.requests

    assert event_loop.run(three()) == 1
    assert readers.requests == 0


def test_one_address_has_half_of_the_places_and_leaves_the_rest_to_others():
    readers = bounded.Readers(at_once=1, most_requests=4)

    async def many():
        async with readers.place("a"), readers.place("a"):
            with pytest.raises(bounded.Busy):
                async with readers.place("a"):
                    pass
            async with readers.place("b"):
                pass
        async with readers.place("a"), readers.place("a"):
            return readers.requests

    assert event_loop.run(many()) == 2


def test_what_is_left_of_many_drawings_is_not_read_once_their_client_has_gone(monkeypatch):
    seven = {"strokes": [[[70, 60], [200, 60], [120, 230]]]}
    body = json.dumps({"drawings": [seven] * 9}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    read, gone = [], threading.Event()

    def answer(*_):
        read.append(1)
        if len(read) == 3:
            gone.set()
        return {}

    async def receive():
        if messages:
            return messages.pop()
        if not gone.is_set():
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    monkeypatch.setattr("digitcore.api.app.answer", answer)
    scope = {"type": "http", "method": "POST", "path": "/read", "query_string": b"", "client": ("a", 1)}
    headers = [(b"content-type", b"application/json")]
    made = app.make(model_store.load("digitnet-nano"), at_once=1)
    event_loop.run(made(scope | {"headers": headers}, receive, send))
    assert len(read) == 3


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
