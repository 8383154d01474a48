"""One visitor of the app without a browser, who speaks Streamlit's websocket protocol as its front end does.

Two cores cannot run thirty Chromiums beside the server that is measured; thirty of these visitors take a few
per cent. What the front end does by itself is done here too: it polls fragments that run again by themselves
(`run_every`), keeps the query of the address, sends the state of every widget on the page with each rerun,
and uploads files by PUT. It never says which messages it has cached, so the server sends each one whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import urllib.request
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from benchmarks.support.shown_page import Page, is_answer

LONGEST_RUN_SECONDS = 90.0
LARGEST_MESSAGE = 64 * 2**20
WENT_WELL = ("FINISHED_SUCCESSFULLY", "FINISHED_EARLY_FOR_RERUN", "FINISHED_FRAGMENT_RUN_SUCCESSFULLY")


class Lost(Exception):
    """The server is gone, or has closed the connection."""


class AppError(Exception):
    """The app showed an exception, or did not answer."""


class Visitor:
    """A session. `open` it, then `goto` pages and touch their widgets; each call waits until the script has
    run."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        """headers: sent along with the handshake, such as X-Forwarded-For."""
        self.url = url
        self.headers = headers or {}
        self.query = ""
        self.page = Page()
        self.exceptions: list[str] = []
        self.session_id = ""
        self._pages: dict[str, str] = {}  # its title -> the hash of its script
        self._finished = 0  # runs of the page's script or of a fragment
        self._finished_pages = 0
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task] = []
        self._polls: dict[str, asyncio.Task] = {}
        self._files: dict[str, Any] = {}
        self._socket: Any = None

    async def open(self) -> None:
        """Connect and show the first page, with the query of before. Lost where nobody answers."""
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            self._socket = await connect(
                address,
                subprotocols=["streamlit"],
                max_size=LARGEST_MESSAGE,
                open_timeout=30,
                additional_headers=self.headers,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise Lost from error
        self.page = Page()
        self._tasks = [asyncio.create_task(self._listen())]
        await self.rerun()

    async def close(self) -> None:
        """Leave, as by closing the tab."""
        for task in (*self._tasks, *self._polls.values()):
            task.cancel()
        self._polls.clear()
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.close()

    @property
    def is_lost(self) -> bool:
        """Whether the server has gone."""
        return self._tasks[0].done()

    async def goto(self, title: str) -> None:
        """Another page, by its title in the navigation."""
        for task in self._polls.values():
            task.cancel()
        self._polls.clear()
        self.page = Page(script_hash=self._pages[title])
        # Not `rerun`, which would take the end of the previous page's last poll for the end of this run.
        begun, finished = time.perf_counter(), self._finished_pages
        await self._send()
        while self._finished_pages == finished:
            await self._wait(begun, None)

    async def touch(self, key: str, **value: Any) -> float:
        """Give a widget a value, e.g. bool_value=True, and wait for what comes of it; returns the seconds.

        key: as the app names the widget, or the label of a button.
        """
        return await self.rerun(self.page.state(key, value))

    async def answer_to(self, key: str, title: str, **value: Any) -> float:
        """As `touch`, but until a heading comes that does not begin with `title`; returns the seconds."""
        for place, element in list(self.page.elements.items()):
            if element.WhichOneof("type") == "heading" or is_answer(element):
                del self.page.elements[place]
        begun = time.perf_counter()
        finished = self._finished
        await self._send(self.page.state(key, value))
        while not any(text and not text.startswith(title) for text in self.page.headings()):
            await self._wait(begun, finished)
        seconds = time.perf_counter() - begun
        while self._finished == finished:
            await self._wait(begun, finished)
        return seconds

    async def rerun(self, touched: WidgetState | None = None) -> float:
        """Run the page's script, or the touched widget's fragment; returns the seconds that it took."""
        begun, finished = time.perf_counter(), self._finished
        await self._send(touched)
        while self._finished == finished:
            await self._wait(begun, finished)
        return time.perf_counter() - begun

    async def upload(self, key: str, name: str, content: bytes) -> float:
        """Put a file into an uploader and wait until the page has dealt with it; returns the seconds."""
        begun = time.perf_counter()
        message = BackMsg()
        request = message.file_urls_request
        request.request_id, request.session_id = secrets.token_hex(8), self.session_id
        request.file_names.append(name)
        await self._send_message(message)
        while request.request_id not in self._files:
            await self._wait(begun, None)
        info = self._files.pop(request.request_id)
        await asyncio.to_thread(_put, self.url, info.upload_url, name, content)
        state = WidgetState(id=self.page.id_of(key))
        uploaded = state.file_uploader_state_value.uploaded_file_info.add()
        uploaded.name, uploaded.size, uploaded.file_id = name, len(content), info.file_id
        uploaded.file_urls.CopyFrom(info)
        await self.rerun(state)
        return time.perf_counter() - begun

    async def _send(self, touched: WidgetState | None = None, fragment: str = "") -> None:
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_script_hash = self.query, self.page.script_hash
        client.is_auto_rerun = bool(fragment)
        client.context_info.url, client.context_info.locale = self.url, "en-US"
        client.context_info.timezone = "UTC"
        if touched is not None:
            fragment = self.page.fragments.get(touched.id, "")
            if not touched.HasField("trigger_value"):
                self.page.states[touched.id] = touched
            else:
                client.widget_states.widgets.append(touched)
        client.fragment_id = fragment
        client.widget_states.widgets.extend(self.page.states.values())
        await self._send_message(message)

    async def _send_message(self, message: BackMsg) -> None:
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise Lost from error

    async def _wait(self, begun: float, finished: int | None) -> None:
        """Until something came; AppError where nothing does for long, Lost where the server has gone."""
        if self.is_lost:
            raise Lost
        left = begun + LONGEST_RUN_SECONDS - time.perf_counter()
        try:
            await asyncio.wait_for(self._changed.wait(), max(0.0, left))
        except TimeoutError as error:
            raise AppError(f"No answer within {LONGEST_RUN_SECONDS:.0f} s.") from error
        self._changed.clear()

    async def _listen(self) -> None:
        try:
            async for data in self._socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self._take(message)
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self._changed.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._show(message)
        elif kind == "delta" and message.delta.add_block.expandable.id:
            self.page.boxes.add(message.delta.add_block.expandable.id)
        elif kind == "new_session":
            self.session_id = message.new_session.initialize.session_id
            self.page.script_hash = message.new_session.page_script_hash or self.page.script_hash
        elif kind == "navigation":
            self._pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
            self.page.script_hash = message.navigation.page_script_hash or self.page.script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "file_urls_response":
            self._files[message.file_urls_response.response_id] = message.file_urls_response.file_urls[0]
        elif kind == "auto_rerun":
            self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "script_finished":
            status = ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)
            if status not in WENT_WELL:
                self.exceptions.append(status)
            if status != "FINISHED_EARLY_FOR_RERUN":
                self._finished += 1
                self._finished_pages += status == "FINISHED_SUCCESSFULLY"

    def _show(self, message: ForwardMsg) -> None:
        element, place = message.delta.new_element, tuple(message.metadata.delta_path)
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
        if kind is None:
            self.page.elements.pop(place, None)
            return
        self.page.elements[place] = element
        number = getattr(getattr(element, kind), "id", "")
        if number:
            self.page.fragments[number] = message.delta.fragment_id

    def _poll(self, fragment: str, seconds: float) -> None:
        if fragment in self._polls:
            return
        self._polls[fragment] = asyncio.create_task(self._rerun_often(fragment, seconds, self.page))

    async def _rerun_often(self, fragment: str, seconds: float, page: Page) -> None:
        """As the front end does: the next one some time after this one was asked for."""
        with contextlib.suppress(Lost):
            while self.page is page:
                await asyncio.sleep(seconds)
                await self._send(fragment=fragment)


def _put(url: str, path: str, name: str, content: bytes) -> None:
    """Upload as the front end does: a form with one file, and the token against forged requests."""
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=30) as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    token = next((cookie.split(";")[0] for cookie in cookies if cookie.startswith("_streamlit_xsrf=")), "")
    boundary = secrets.token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
    body = f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content
    request = urllib.request.Request(
        url + path,
        data=body + f"\r\n--{boundary}--\r\n".encode(),
        method="PUT",
        headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Cookie": token,
            "X-Xsrftoken": token.partition("=")[2].strip('"'),
        },
    )
    with urllib.request.urlopen(request, timeout=60):
        pass
