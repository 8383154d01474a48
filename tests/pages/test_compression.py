"""Streamlit's scripts come compressed, whole, and are compressed once."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from pages.shared import compression
from pages.shared.compression import CompressedScripts
from tests import event_loop
from tests.pages import asgi

SCRIPT = b"export const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];\n" * 200


@pytest.fixture
def get():
    """Asks an app that serves a few files behind the middleware, as a server would."""

    def answer(kind, body=SCRIPT, status=200):
        return lambda request: Response(body, status, media_type=kind)

    routes = [
        Route("/static/js/a.js", answer("text/javascript")),
        Route("/static/js/short.js", answer("text/javascript", b"1")),
        Route("/static/media/a.woff2", answer("font/woff2")),
        Route("/static/js/gone.js", answer("text/javascript", status=404)),
        Route("/media/a.js", answer("text/javascript")),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(CompressedScripts)])

    return lambda path, **headers: asgi.ask(app, path, **{"accept_encoding": "gzip, br"} | headers)


def encoding(response):
    return response.headers.get("content-encoding")


def test_a_script_comes_compressed_and_is_what_it_was(get):
    response = get("/static/js/a.js")
    assert encoding(response) == "gzip"
    assert int(response.headers["content-length"]) == len(response.body) < len(SCRIPT) / 4
    assert gzip.decompress(response.body) == SCRIPT
    assert "Accept-Encoding" in response.headers["vary"]


@pytest.mark.parametrize(
    "path", ["/static/js/short.js", "/static/media/a.woff2", "/static/js/gone.js", "/media/a.js"]
)
def test_what_is_small_packed_gone_or_not_streamlits_comes_as_it_is(get, path):
    assert encoding(get(path)) is None


def test_who_cannot_unpack_or_wants_a_part_gets_it_plain(get):
    assert encoding(get("/static/js/a.js", accept_encoding="identity")) is None
    assert encoding(get("/static/js/a.js", range="bytes=0-9")) is None


def test_a_script_is_compressed_once_a_server(get, monkeypatch):
    calls = []
    compress = gzip.compress
    monkeypatch.setattr(compression.gzip, "compress", lambda *a, **o: calls.append(a) or compress(*a, **o))
    for _ in range(3):
        assert gzip.decompress(get("/static/js/a.js").body) == SCRIPT
    assert len(calls) == 1


def test_what_is_no_request_passes():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    event_loop.run(CompressedScripts(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
