"""Streamlit's own scripts, compressed once: a phone loads the first page with a quarter of the bytes.

Streamlit compresses what it computes but leaves its static folder to a proxy, and a classroom has none.
(Compressing at each request would keep a core busy; a file in that folder never changes while it keeps its
name, so each is compressed at most once per server.)
"""

import gzip
import threading

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.shared.whole_body import WholeBody

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

        def change(headers: MutableHeaders, body: bytes) -> bytes:
            headers["Content-Encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
            del headers["Accept-Ranges"]
            return self.compressed(scope["path"], body)

        await self.app(scope, receive, WholeBody(send, _is_worth, change))

    def compressed(self, path: str, body: bytes) -> bytes:
        """The compressed bytes of the file found at a path."""
        with self._mutex:
            if path not in self._kept:
                self._kept[path] = gzip.compress(body, compresslevel=6, mtime=0)
            return self._kept[path]


def _is_worth(status: int, headers: Headers) -> bool:
    kind, size = headers.get("content-type", ""), int(headers.get("content-length", 0))
    return status == 200 and size >= LEAST and any(part in kind for part in WORTH)
