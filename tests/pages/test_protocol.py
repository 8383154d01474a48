"""What a client may send that no browser would: messages of Streamlit's own protocol, to a real server."""

import asyncio
import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.support import driving, visitor_client
from benchmarks.support.canvas_messages import canvas_png, canvas_state
from benchmarks.support.visitor_client import Visitor
from digitcore.classroom import attempts
from tests import event_loop
from tests.pages.test_draw import SEVEN, png
from tests.pages.test_draw import sent as sent_by_canvas

GUESS = "BABO BABO BABO"
LOOKED_UP = "no class with this code"
LIMITS = {"DIGITLAB_UNREAD_MEGABYTES": "3", "DIGITLAB_UNREAD_MEGABYTES_IN_ALL": "8"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("protocol")
    environment = {"DIGITLAB_RUNS": str(folder / "runs"), "FORWARDED_ALLOW_IPS": "127.0.0.1", **LIMITS}
    with driving.server(environment=environment, log=folder / "log.txt") as running:
        yield running


def together(talk):
    """A conversation with the server, within a time that no healthy server needs."""
    return event_loop.run(asyncio.wait_for(talk, 120))


@contextlib.asynccontextmanager
async def visit(url, **headers):
    visitor = Visitor(url, headers)
    await visitor.open()
    try:
        yield visitor
    finally:
        await visitor.close()


async def clear_cache(visitor):
    message = BackMsg()
    message.clear_cache = True
    await visitor._send_message(message)


async def try_code(visitor, code=GUESS):
    """Open a class; what the page says to it."""
    state = visitor.page.state("Code of the class", {"string_value": code})
    visitor.page.states[state.id] = state
    await visitor.touch("Open", trigger_value=True)
    return visitor.page.alerts()[-1]


def test_no_client_renews_its_guesses_by_clearing_the_servers_cache(server):
    async def guesses():
        async with visit(server.url, **{"X-Forwarded-For": "198.51.100.1"}) as visitor:
            await visitor.goto("Class")
            said = []
            while not said or LOOKED_UP in said[-1]:
                said.append(await try_code(visitor))
                await clear_cache(visitor)
                await visitor.goto("Class")
            return said

    started = time.monotonic()
    said = together(guesses())
    come_back = (time.monotonic() - started) * 8 / (5 * attempts.MINUTE)
    assert 8 < len(said) <= 10 + come_back
    assert "many wrong codes" in said[-1]


def test_new_sessions_guess_no_more_than_their_address_may_and_others_get_in(server):
    async def guess(address):
        async with visit(server.url, **{"X-Forwarded-For": address}) as visitor:
            await visitor.goto("Class")
            said = []
            while len(said) < 8 and (not said or LOOKED_UP in said[-1]):
                said.append(await try_code(visitor))
            return said

    async def many():
        said = []
        while not said or LOOKED_UP in said[-1]:
            said += await guess("198.51.100.2")
        return said, await guess("203.0.113.2")

    started = time.monotonic()
    said, others = together(many())
    come_back = (time.monotonic() - started) * 120 / (5 * attempts.MINUTE)
    assert 120 < len(said) <= 122 + come_back
    assert "came from this network" in said[-1]
    assert len(others) == 8 and all(LOOKED_UP in answer for answer in others)


def test_a_client_that_clears_the_servers_cache_starts_no_further_dispatchers(server):
    async def train_and_clear(times):
        async with visit(server.url) as visitor:
            for _ in range(times):
                await visitor.goto("Train")
                await clear_cache(visitor)

    process = psutil.Process(server.process.pid)
    together(train_and_clear(3))
    before = process.num_threads()
    together(train_and_clear(12))
    assert process.num_threads() < before + 6, "one dispatcher each would be twelve threads"


def test_a_press_counts_though_a_run_of_the_whole_page_is_asked_for_behind_it(server):
    """As when the browser says which keys it keeps, or somebody goes to another page."""

    async def press(waits):
        async with visit(server.url) as visitor:
            await visitor.goto("Train")
            await visitor.touch("own_digit_box", bool_value=True)
            key = visitor.page.numbered("own_digit_canvas_")
            strokes = driving.STROKES[4]
            state = canvas_state(strokes, canvas_png(strokes), visitor.page.ground(key))
            await visitor.touch(key, json_value=state)
            keep = visitor.page.state("own_digit_keep", {"trigger_value": True})
            if waits:  # until this run of the same part of the page has ended
                await visitor._send(fragment=visitor.page.fragments[keep.id])
            await visitor._send(keep)
            await visitor._send()
            while not any("(1 of 5)" in text for text in visitor.page.texts()):
                await visitor._wait(time.perf_counter(), None)

    together(press(waits=False))
    together(press(waits=True))


async def put(visitor, megabytes):
    """Upload a file that no page asks for; the answer's status."""
    message = BackMsg()
    request = message.file_urls_request
    request.request_id, request.session_id = f"r{megabytes}", visitor.session_id
    request.file_names.append("a.png")
    await visitor._send_message(message)
    while request.request_id not in visitor._files:
        await asyncio.sleep(0.01)
    address = visitor._files.pop(request.request_id).upload_url
    content = bytes(int(megabytes * 2**20) - 2_000)
    try:
        await asyncio.to_thread(visitor_client._put, server_url(visitor), address, "a.png", content)
    except urllib.error.HTTPError as error:
        return error.code
    return 204


def server_url(visitor):
    return visitor.url


def test_what_a_session_uploads_without_a_page_reading_it_is_bounded_in_bytes(server):
    async def fill():
        async with visit(server.url) as first:
            held = [await put(first, 1) for _ in range(20)]
            async with visit(server.url) as second:
                return held, [await put(second, 1) for _ in range(20)], [await put(second, 0.01)]

    first, second, little = together(fill())
    assert (first.count(204), set(first[3:])) == (3, {413})
    # An address may hold half of what the server may: 4 MB, of which the first session has 3.
    assert (second.count(204), set(second[1:])) == (1, {413})
    assert little == [413]


def test_what_a_visitor_took_goes_with_the_session_or_when_a_page_has_read_it(server):
    async def again():
        for _ in range(3):
            async with visit(server.url) as visitor:
                await visitor.goto("Upload")
                for _ in range(3):
                    key = visitor.page.numbered("upload_files_")
                    await visitor.upload(key, "a.png", bytes(2_000_000))
                assert not visitor.exceptions

    together(again())


def test_an_address_with_a_key_is_told_to_no_other_site_and_kept_in_no_cache(server):
    for path in ("/", "/train?key=AAAAAAAAAAAAAAAAAAAAAA", "/_stcore/health", "/media/none.png"):
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        connection.request("GET", path)
        headers = connection.getresponse().headers
        connection.close()
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
    with urllib.request.urlopen(server.url) as answer:
        script = answer.read().decode().partition('src="./')[2].partition('"')[0]
    with urllib.request.urlopen(f"{server.url}/{script}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_forwarded_address_counts_only_from_a_proxy_that_is_named(tmp_path):
    environment = {"DIGITLAB_RUNS": str(tmp_path / "runs"), "FORWARDED_ALLOW_IPS": "192.0.2.254"}

    async def make_class(url, address):
        async with visit(url, **{"X-Forwarded-For": address}) as visitor:
            await visitor.goto("Class")
            await visitor.touch("Make a class", trigger_value=True)
            return visitor.page.alerts()

    async def many(url):
        return [await make_class(url, f"198.51.100.{number}") for number in range(11)]

    with driving.server(environment=environment, log=tmp_path / "log.txt") as running:
        said = together(many(running.url))
    refused = ["Many classes were made from this network" in " ".join(alerts) for alerts in said]
    assert refused == [False] * 10 + [True], "to the server all came from one address"


UNREADABLE = "Your browser sent something that no page of this app sends; reload the page."
PNG = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    "sent",
    [
        "not json",
        '{"drawing": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"drawing": {"raw": {"objects": [' + "[" * 900 + "]" * 900 + f']}}, "data": "{PNG}"}}}}',
        "[1]",
        '{"drawing": 1}',
        '{"drawing": NaN}',
        f'{{"drawing": {{"raw": {{"objects": ["\\ud800"]}}, "data": "{PNG}"}}}}',
    ],
    ids=range(7),
)
def test_a_canvas_that_sends_what_no_canvas_sends_gets_a_sentence_and_then_reads_a_drawing(server, sent):
    async def talk():
        async with visit(server.url) as visitor:
            await visitor.touch(visitor.page.numbered("draw_canvas_"), json_value=sent)
            said = [*visitor.page.headings(), *visitor.page.alerts()]
            assert {"No digit found", "Nothing drawn yet", UNREADABLE} & set(said)
            visitor.page.states.clear()
            if UNREADABLE not in said:
                await visitor.touch("Clear", trigger_value=True)
                await visitor.goto("Draw")
                key = visitor.page.numbered("draw_canvas_")
                state = sent_by_canvas(png(SEVEN), [SEVEN])
                state["drawing"]["raw"]["background"] = visitor.page.ground(key)
                await visitor.touch(key, json_value=json.dumps(state))
                assert visitor.page.headings()[-1].startswith("7")
            assert not visitor.exceptions

    together(talk())
