"""Documents come with our style in their head, whole; everything else comes as it is."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from digitcore import paths
from pages.shared.stylesheet import STYLE, OwnStyle
from tests.pages import asgi

PAGE = b"<html><head><title>Digit Lab</title></head><body></head></body></html>"
ETAG = {"ETag": '"1"'}


@pytest.fixture
def get():
    async def in_pieces():
        for start in range(0, len(PAGE), 10):
            yield PAGE[start : start + 10]

    routes = [
        Route("/", lambda request: Response(PAGE, media_type="text/html", headers=ETAG)),
        Route("/pieces", lambda request: StreamingResponse(in_pieces(), media_type="text/html")),
        Route("/packed", lambda request: Response(PAGE, 200, {"Content-Encoding": "br"}, "text/html")),
        Route("/gone", lambda request: Response(PAGE, 404, media_type="text/html")),
        Route("/data", lambda request: Response(PAGE, media_type="application/json", headers=ETAG)),
        Route("/encoding", lambda request: Response(repr(request.headers.get("accept-encoding")))),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(OwnStyle)])
    return lambda path, accept="text/html": asgi.ask(app, path, accept=accept, accept_encoding="gzip")


@pytest.mark.parametrize("path", ["/", "/pieces"])
def test_a_document_gets_the_style_at_the_end_of_its_first_head(get, path):
    reply = get(path)
    assert reply.body == PAGE.replace(b"</head>", b"<style>" + STYLE + b"</style></head>", 1)
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert "etag" not in reply.headers


@pytest.mark.parametrize("path", ["/packed", "/gone", "/data"])
def test_what_is_packed_gone_or_no_document_comes_as_it_is(get, path):
    assert get(path).body == PAGE


def test_who_wants_no_document_gets_what_there_is(get):
    reply = get("/", accept="*/*")
    assert reply.body == PAGE and reply.headers["etag"] == ETAG["ETag"]


def test_a_document_is_asked_for_uncompressed(get):
    assert get("/encoding").body == b"None"
    assert get("/encoding", accept="*/*").body == b"'gzip'"


def test_whatever_is_said_takes_no_room():
    pages = (file.read_text("utf-8") for file in (paths.REPOSITORY / "pages").rglob("*.py"))
    keys = {key for page in pages for key in re.findall(r'spoken\.say\(.*"(\w+)"\)', page)}
    assert keys
    assert [key for key in keys if f".st-key-spoken_{key}," not in STYLE.decode()] == []
