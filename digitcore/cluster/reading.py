"""Picture files read by the workers of a Dask cluster, in their order and in bounded memory.

The files travel as bytes, a few dozen at a time, and so does the network that reads them: workers need no
disk in common with the client. At most two such chunks per thread of the cluster are under way at once, and
neither side holds more, however many files there are. If a worker dies, its chunk is read by another one. A
picture at which one worker after another dies becomes a row that says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitcore.cluster.connection import check_address
from digitcore.errors import ClusterError, DigitcoreError
from digitcore.reading import processes

if TYPE_CHECKING:
    from distributed import Client, Future

    from digitcore.networks.classifier import Classifier
    from digitcore.reading.batch import Row

Items = list[tuple[str, "bytes | DigitcoreError"]]

CHUNK_PICTURES, CHUNK_BYTES = 64, 2 * 2**20
"""A chunk ends at whichever is reached first: about 0.2 s of work, and little beside a worker's memory."""

CHUNKS_A_THREAD = 2
"""One being read and one waiting beside it, so that no worker has to wait for the next."""

CONNECT_SECONDS = 20.0
LOOK_SECONDS = 5.0


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """A client of the scheduler at an address, such as tcp://host:8786. ClusterError, in one sentence, if it
    does not answer or has no workers."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(f"A cluster needs what requirements-cluster.txt names ({error}).") from error
    check_address(scheduler)
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False, name="digitlab-predict")
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"The cluster at {scheduler} does not answer ({type(error).__name__}).") from error
    with client:
        if not client.nthreads():
            raise ClusterError(f"The cluster at {scheduler} has no workers.")
        yield client


def read_pictures(
    items: Iterable[tuple[str, bytes | DigitcoreError]],
    model: tuple[bytes, dict[str, Any]],
    client: Client,
    progress: Callable[[int, str], None] | None = None,
    polarity: str = "auto",
    thumbnail_side: int | None = None,
) -> Iterator[Row]:
    """What `batch.read_pictures` yields, in the same order.

    model: the bytes of a `.tflite` file and its card. thumbnail_side: None leaves out the thumbnails and the
    pictures of the digits, which make up most of a row's size. ClusterError if the cluster is lost.
    """
    from distributed import CancelledError

    reader = _Reader(client, model, polarity, thumbnail_side)
    waiting: deque[_Chunk] = deque()
    chunks = processes.chunks(items, CHUNK_PICTURES, CHUNK_BYTES)
    done = 0
    try:
        while True:
            while len(waiting) < reader.room():
                chunk = next(chunks, None)
                if chunk is None:
                    break
                waiting.append(reader.start(chunk))
            if not waiting:
                return
            for row in reader.rows(waiting.popleft()):
                done += 1
                if progress:
                    progress(done, row.name)
                yield row
    except (OSError, TimeoutError, CancelledError) as error:
        raise ClusterError(
            f"The cluster was lost after {done:,} pictures ({type(error).__name__})."
        ) from error


@dataclass
class _Chunk:
    items: Items
    future: Future


class _Reader:
    """One network on one cluster."""

    def __init__(
        self,
        client: Client,
        model: tuple[bytes, dict[str, Any]],
        polarity: str,
        thumbnail_side: int | None,
    ) -> None:
        self._client = client
        content, card = model[0], json.dumps(model[1])
        self._name = hashlib.sha256(content + card.encode()).hexdigest()
        # A task, not scattered data: if the worker that holds it dies, the scheduler makes it again.
        self._model = client.submit(_model, content, card, key=f"digitlab-model-{self._name[:16]}", pure=True)
        self._how = (polarity, thumbnail_side)
        self._room, self._looked = 0, -LOOK_SECONDS

    def room(self) -> int:
        """How many chunks may be under way now."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            threads = sum(self._client.nthreads().values())  # workers come and go
            self._room, self._looked = CHUNKS_A_THREAD * max(1, threads), time.monotonic()
        return self._room

    def start(self, items: Items) -> _Chunk:
        future = self._client.submit(read, self._name, self._model, items, *self._how, pure=False)
        return _Chunk(items, future)

    def rows(self, chunk: _Chunk) -> list[Row]:
        """The rows of a chunk; waits for them."""
        from distributed import KilledWorker

        from digitcore.reading.batch import Row

        try:
            return chunk.future.result()
        except KilledWorker:  # several workers died with it
            if len(chunk.items) == 1:
                return [
                    Row(chunk.items[0][0], error="The workers that read this picture died without a message.")
                ]
            return [row for item in chunk.items for row in self.rows(self.start([item]))]
        except ImportError as error:
            raise ClusterError(
                f"The cluster's workers must be started in Digit Lab's folder: {error}."
            ) from error


def _model(content: bytes, card: str) -> tuple[bytes, str]:
    return content, card


_loaded: dict[str, Classifier] = {}
"""On a worker: the network that was used last, by its hash."""
_loading = threading.Lock()


def read(
    name: str,
    model: tuple[bytes, str],
    items: Items,
    polarity: str,
    thumbnail_side: int | None,
) -> list[Row]:
    """The task: a chunk's rows."""
    from digitcore.reading import batch

    rows = list(batch.read_pictures(items, _classifier(name, model), None, polarity, thumbnail_side))
    return rows if thumbnail_side is not None else [_light(row) for row in rows]


def _classifier(name: str, model: tuple[bytes, str]) -> Classifier:
    from digitcore.networks.classifier import Classifier

    with _loading:
        if name not in _loaded:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "model.tflite")
                path.write_bytes(model[0])
                classifier = Classifier(path, json.loads(model[1]))
            _loaded.clear()
            _loaded[name] = classifier
        return _loaded[name]


def _light(row: Row) -> Row:
    """The row without its pictures, which only a figure shows."""
    digits = tuple(replace(digit, picture=digit.picture[:0]) for digit in row.digits)
    return replace(row, digits=digits)
