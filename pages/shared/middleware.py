"""What sits between the network and Streamlit: headers, and a limit on uploads that wait unread in memory.

`st.App` takes these as Starlette middleware; app.py hands them over.
"""

import asyncio
import contextlib
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import cli_util, config
from streamlit.runtime import Runtime
from streamlit.runtime.pages_manager import PagesManager

from digitcore import limits, paths
from pages.shared import language, visitor, whole_presses
from pages.shared.compression import CompressedScripts
from pages.shared.language import _
from pages.shared.refused_uploads import TOO_MANY
from pages.shared.stylesheet import OwnStyle

# Files whose names change with their content and that are the same for everybody.
SHARED_BY_ALL = ("/static/", "/_stcore/bidi-components/")
UPLOADS = "/_stcore/upload_file/"


def mend_streamlit() -> None:
    """Keep presses whole, and stop Streamlit from treating pages/ as its older kind of multipage app, as it
    would until app.py has run once: a first visitor who follows a deep link (/train after a restart) would
    get that page without the navigation."""
    whole_presses.keep()
    PagesManager.uses_pages_directory = False


@contextlib.asynccontextmanager
async def opening_a_browser(_app: object) -> AsyncIterator[None]:
    """Open a browser, as `streamlit run` does unless told not to; for an `st.App` it leaves that to the
    app."""
    if not config.get_option("server.headless"):
        host = config.get_option("browser.serverAddress")
        loop = asyncio.get_running_loop()
        # The port is known, and open, only once the server has started.
        loop.call_later(
            1.0, lambda: cli_util.open_browser(f"http://{host}:{config.get_option('server.port')}")
        )
    yield


def unreadable_state(error: Exception) -> bool | None:
    """Explain in a sentence that the browser sent a widget state that Streamlit itself cannot read (no JSON,
    or JSON nested too deeply), which happens before any of our code runs. None for every other error."""
    files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)} - {whole_presses.__file__}
    ours = any(paths.REPOSITORY in Path(file).parents and "site-packages" not in file for file in files)
    if ours or not isinstance(error, (ValueError, RecursionError)):
        return None
    st.error(_("Your browser sent something that no page of this app sends; reload the page."))
    return True


class PrivateHeaders:
    """Headers that protect a visitor's key in the address: no other site sees it, and no cache keeps what
    belongs to it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
                if not any(part in scope["path"] for part in SHARED_BY_ALL):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


@dataclass(frozen=True)
class Upload:
    """A file on its way or in memory. address: whose budget it uses. began: seconds on a monotonic clock."""

    session: str
    file: str
    address: str
    size: int
    began: float


class UnreadUploads:
    """Refuses an upload if its session, its address or the server already holds too much that no page has
    read.

    Streamlit keeps every file that a browser sends until its session ends, whether or not a page ever asks
    for it. Pages read within seconds, so files older than READ_WITHIN seconds, or from a closed tab, are
    dropped when room is needed. The limits are limits.unread_megabytes (a session) and
    unread_megabytes_in_all (the server; an address may hold half of it: a school's thirty photographs of 5 MB
    fit on every host but the smallest).
    """

    READ_WITHIN = 120.0

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._known: dict[tuple[str, str], Upload] = {}
        self._arrived: set[tuple[str, str]] = set()
        self._mutex = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOADS not in scope["path"]:
            await self.app(scope, receive, send)
            return
        session, file = PurePosixPath(scope["path"]).parts[-2:]
        client = scope.get("client") or ("",)
        upload = Upload(session, file, visitor.network_of(client[0]), _size(scope), time.monotonic())
        if not self._take(upload):
            await _let_go_by(receive, upload.size)
            # No page runs here that would know the session's language.
            spoken = language.of_locale(Headers(scope=scope).get("accept-language"))
            sentence = language.catalogue(spoken).gettext(TOO_MANY)
            await PlainTextResponse(sentence, 413)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self._end(upload)

    def _take(self, upload: Upload) -> bool:
        """Reserve room for it; False if there is none."""
        with self._mutex:
            self._forget_what_was_read()
            if not self._fits(upload):
                self._drop_what_nobody_reads()
                if not self._fits(upload):
                    return False
            self._known[upload.session, upload.file] = upload
            return True

    def _end(self, upload: Upload) -> None:
        """It is in memory now, or Streamlit refused it and the next look forgets it."""
        with self._mutex:
            self._arrived.add((upload.session, upload.file))

    def _fits(self, upload: Upload) -> bool:
        allowed = limits.current()
        everybody = self._known.values()
        whole = allowed.unread_megabytes_in_all
        for held, most in (
            ((other for other in everybody if other.session == upload.session), allowed.unread_megabytes),
            ((other for other in everybody if other.address == upload.address), whole / 2),
            (everybody, whole),
        ):
            if _bytes(held) + upload.size > most * 2**20:
                return False
        return True

    def _forget_what_was_read(self) -> None:
        held = _files()
        now = time.monotonic()
        for name, upload in list(self._known.items()):
            read = name in self._arrived and name[1] not in held.get(name[0], ())
            stuck = name not in self._arrived and now - upload.began > self.READ_WITHIN
            if read or stuck:
                del self._known[name]
        self._arrived &= set(self._known)

    def _drop_what_nobody_reads(self) -> None:
        runtime, now = Runtime.instance(), time.monotonic()
        for name, upload in list(self._known.items()):
            late = now - upload.began > self.READ_WITHIN or not runtime.is_active_session(upload.session)
            if name in self._arrived and late:
                runtime.uploaded_file_mgr.remove_file(*name)
        self._forget_what_was_read()


async def _let_go_by(receive: Receive, size: int) -> None:
    """Read and discard the body: a browser that is answered before it has sent everything reports a broken
    connection instead of the answer."""
    more = True
    while more and size >= 0:
        message = await receive()
        size -= len(message.get("body", b""))
        more = message.get("more_body", False)


def _size(scope: Scope) -> int:
    """The size that the request states; if it states none, the most that Streamlit accepts."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdigit() else config.get_option("server.maxUploadSize") * 2**20


def _bytes(uploads: Iterable[Upload]) -> int:
    return sum(upload.size for upload in uploads)


def _files() -> dict[str, dict[str, object]]:
    """Session -> file id -> file, for everything that Streamlit holds."""
    storage = Runtime.instance().uploaded_file_mgr.file_storage
    return {session: dict(files) for session, files in list(storage.items())}


STACK = (
    Middleware(PrivateHeaders),
    Middleware(UnreadUploads),
    Middleware(CompressedScripts),
    Middleware(OwnStyle),
)
