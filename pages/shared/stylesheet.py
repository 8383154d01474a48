"""Our own style in the document that Streamlit serves, so that places are kept from the first moment on.

What a page writes by `st.html` comes with the page's other elements, and some of them late: by then the
browser has laid out what it has, and everything jumps. The style is style.css.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.shared.whole_body import WholeBody

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
        await self.app({**scope, "headers": plain}, receive, WholeBody(send, _is_document, _styled))


def _wants_a_document(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _is_document(status: int, headers: Headers) -> bool:
    return status == 200 and "text/html" in headers.get("content-type", "")


def _styled(headers: MutableHeaders, body: bytes) -> bytes:
    for name in ("ETag", "Last-Modified", "Accept-Ranges"):  # those of the file without it
        del headers[name]
    style = b"<style>" + STYLE + b"</style>"
    return body.replace(END_OF_HEAD, style + END_OF_HEAD, 1)
