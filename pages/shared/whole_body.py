"""A response that is held back until its body is whole, so that a middleware can change it."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send


class WholeBody:
    """Stands in for `send` during one response.

    concerns(status, headers): whether this response is to be changed; others pass as they come, and so does
    one whose body is encoded already. change(headers, body): the new body; it may change the headers too, of
    which Content-Length is set here.
    """

    def __init__(
        self,
        send: Send,
        concerns: Callable[[int, Headers], bool],
        change: Callable[[MutableHeaders, bytes], bytes],
    ) -> None:
        self._send, self._concerns, self._change = send, concerns, change
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._is_concerned(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    def _is_concerned(self, start: Message) -> bool:
        headers = Headers(raw=start["headers"])
        return "content-encoding" not in headers and self._concerns(start["status"], headers)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        body = self._change(headers, bytes(self._body))
        headers["Content-Length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
