"""Streamlit's own scripts, compressed once: a phone loads the first page with a quarter of the bytes.

Streamlit compresses what it computes but leaves its static folder to a proxy, and a classroom has none.
(Compressing at each request would keep a core busy; a file in that folder never changes while it keeps its
name, so each is compressed at most once per server.)
"""

import gzip
import threading

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "/static/"
WORTH = ("javascript", "css", "svg", "json")  # in content types; fonts and pictures are compressed already
LEAST = 1_000  # bytes


class CompressedScripts:
    """Starlette middleware, safe between threads; keeps the compressed files, some 2 MB for all pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[str, bytes] = {}
        self._mutex = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or FOLDER not in scope["path"]
            or "gzip" not in Headers(scope=scope).get("accept-encoding", "")
            or "range" in Headers(scope=scope)
        ):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Compressing(self, scope["path"], send))

    def compressed(self, path: str, body: bytes) -> bytes:
        """The compressed bytes of the file found at a path."""
        with self._mutex:
            if path not in self._kept:
                self._kept[path] = gzip.compress(body, compresslevel=6, mtime=0)
            return self._kept[path]


class _Compressing:
    """Replaces `send` during one response and holds it back until its body is complete."""

    def __init__(self, scripts: CompressedScripts, path: str, send: Send) -> None:
        self._scripts, self._path, self._send = scripts, path, send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._is_worth(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    @staticmethod
    def _is_worth(start: Message) -> bool:
        headers = Headers(raw=start["headers"])
        kind, size = headers.get("content-type", ""), int(headers.get("content-length", 0))
        plain = "content-encoding" not in headers
        return start["status"] == 200 and plain and size >= LEAST and any(part in kind for part in WORTH)

    async def _finish(self, start: Message) -> None:
        body = self._scripts.compressed(self._path, bytes(self._body))
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        headers.add_vary_header("Accept-Encoding")
        del headers["Accept-Ranges"]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
