"""A request's body -> what is to be read, within bounds on bytes, seconds and pictures. Large bodies are kept
on disk."""

from __future__ import annotations

import asyncio
import codecs
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from fastapi import Request
from fastapi.datastructures import FormData
from fastapi.exceptions import StarletteHTTPException
from pydantic import ValidationError
from python_multipart.multipart import parse_options_header

from digitcore.api.schema import MOST_PICTURES, PICTURE_TYPES, Drawing, Drawings
from digitcore.errors import FormatError, ImageError, TooLargeError
from digitcore.preprocessing import drawing, images

MOST_BYTES = 64 * 2**20
"""Of one request: two of the largest pictures, or two hundred small ones."""

MOST_SECONDS = 60
"""How long a request's body may take to arrive."""

MOST_JSON = 4 * 2**20
"""Bytes of drawings as JSON: parsing them in memory takes ten times as much."""

IN_MEMORY = 2**20
"""Bytes of a body that are kept in memory; a larger body waits its turn on disk."""

NAMES_IN = ("utf-8", "ascii", "iso8859-1")
"""Encodings of the names in a form. Python has others that make text of which no answer can be written, or
that fail in ways that the form's parser does not expect."""

EXPECTED = "a picture (image/png, …), a form of files (multipart/form-data) or strokes (application/json)"


class Slow(Exception):
    """A body that took too long to arrive."""


class Gone(Exception):
    """A client that disconnected before its body was complete, or before all that it sent was read."""


@dataclass(frozen=True)
class Item:
    """One picture to read: either file, its bytes, or drawing, its strokes."""

    name: str
    file: BinaryIO | None = None
    drawing: Drawing | None = None


class Bounded:
    """ASGI middleware. While a body is read, it raises TooLargeError for more than `most` bytes, Slow where
    it takes more than `seconds`, and Gone where it breaks off."""

    def __init__(self, app: Any, most: int = MOST_BYTES, seconds: float = MOST_SECONDS) -> None:
        self.app, self.most, self.seconds = app, most, seconds

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self.seconds
        taken, whole = 0, False

        async def bounded() -> dict[str, Any]:
            nonlocal taken, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
                    taken += len(message.get("body", b""))
                    too_large = taken > self.most
                    # The rest is read and dropped: a client that is still sending would not see the answer.
                    while too_large and message.get("more_body"):
                        message = await receive()
            except TimeoutError:
                raise Slow from None
            if message["type"] == "http.disconnect":
                raise Gone
            whole = not message.get("more_body")
            if too_large:
                raise TooLargeError(
                    f"This request has more than {self.most // 2**20} MB, the most that are read at once: "
                    "send fewer or smaller pictures."
                )
            return message

        await self.app(scope, bounded, send)


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[tuple[list[Item], bool]]:
    """(what is to be read, whether it was sent as several); the files are closed afterwards.

    Raises FormatError where the body is of a type that is not read, TooLargeError, or ImageError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise FormatError("The body must be sent as it is, without a Content-Encoding.")
    if kind in PICTURE_TYPES or kind.startswith("image/"):
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            async for chunk in request.stream():
                file.write(chunk)
            file.seek(0)
            yield [Item("picture", file=file)], False
    elif kind == "application/json":
        yield _drawings(await _small_body(request))
    elif kind == "multipart/form-data":
        form = await _form(request)
        try:
            yield _files(form), True
        finally:
            await form.close()
    else:
        raise FormatError(f"The body must be {EXPECTED}; its Content-Type is {kind or 'missing'}.")


async def _small_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        if len(body) <= MOST_JSON:
            body += chunk
    if len(body) > MOST_JSON:
        raise TooLargeError(
            f"Drawings may have at most {MOST_JSON // 2**20} MB of JSON, and these have more."
        )
    return bytes(body)


def _drawings(body: bytes) -> tuple[list[Item], bool]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise ImageError("The body is not JSON: expected an object with strokes, or with drawings.") from None
    several = isinstance(content, dict) and "drawings" in content
    try:
        found = Drawings.model_validate(content).drawings if several else [Drawing.model_validate(content)]
    except ValidationError as error:
        raise ImageError(sentence(error.errors())) from None
    names = [f"drawing {number}" for number in range(1, len(found) + 1)] if several else ["drawing"]
    return [Item(name, drawing=each) for name, each in zip(names, found, strict=True)], several


async def _form(request: Request) -> FormData:
    charset = _charset(request.headers.get("content-type", ""))
    if charset not in NAMES_IN:
        raise FormatError(
            f"A form's names must be in {NAMES_IN[0]}; this one says that they are in {charset}."
        )
    try:
        return await request.form(max_files=MOST_PICTURES, max_fields=0)
    except StarletteHTTPException as error:  # the form's parser: too many parts, or damaged
        if "Too many files" in str(error.detail):
            raise TooLargeError(
                f"At most {MOST_PICTURES} pictures are read at once: send the others after them."
            ) from None
        raise ImageError("This form is damaged or holds more than files: expected pictures only.") from None


def _charset(content_type: str) -> str:
    """What a form says its names are written in, in Python's word for it where Python knows it."""
    said = parse_options_header(content_type)[1].get(b"charset", NAMES_IN[0].encode()).decode("latin-1")
    try:
        return codecs.lookup(said).name
    except (LookupError, ValueError):  # ValueError: a null byte
        return repr(said[:40])


def _files(form: FormData) -> list[Item]:
    files = [value for _, value in form.multi_items() if not isinstance(value, str)]
    if not files:
        raise ImageError("This form holds no file: expected one or more pictures.")
    return [Item(each.filename or "picture", file=each.file) for each in files]


def grey(item: Item) -> np.ndarray:
    """The picture of an item, (h, w) uint8. Raises ImageError, FormatError or TooLargeError."""
    if item.drawing:
        drawn = item.drawing
        return drawing.rendered(drawn.strokes, drawn.pen, drawn.width, drawn.height)
    return images.decode(item.file.read(images.MAX_BYTES + 1))


def sentence(errors: list[dict[str, Any]]) -> str:
    """The first thing that is wrong with a request, according to pydantic."""
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("query", "body"))
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where or 'The body'}: {first['msg']}{more}."
