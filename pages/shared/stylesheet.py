"""Our own style in the document that Streamlit serves, so that places are kept from the first moment on.

What a page writes by `st.html` comes with the page's other elements, and some of them late: by then the
browser has laid out what it has, and everything jumps. The style is style.css.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

END_OF_HEAD = b"</head>"
STYLE = Path(__file__).with_name("style.css").read_bytes()


class OwnStyle:
    """Starlette middleware: each HTML document gets STYLE at the end of its head."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _wants_a_document(scope):
            await self.app(scope, receive, send)
            return
        # What comes compressed has no head to be found.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, _Styling(send))


def _wants_a_document(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


class _Styling:
    """Stands for `send` during one response: holds a document back until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        style = b"<style>" + STYLE + b"</style>"
        body = bytes(self._body).replace(END_OF_HEAD, style + END_OF_HEAD, 1)
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Length"] = str(len(body))
        for name in ("ETag", "Last-Modified", "Accept-Ranges"):  # those of the file without it
            del headers[name]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_document(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    plain = "content-encoding" not in headers
    return start["status"] == 200 and plain and "text/html" in headers.get("content-type", "")
