"""Picture files -> answers, by all cores of this machine: what `batch.read_pictures` yields, in its order.

Each core gets a process of its own, because finding ink holds Python's lock for much of its time. On Linux
these are copies of this one, which has imported all that they need. They start only when it is clear that the
work is worth it; a handful of pictures is read without them. However many pictures there are, only a bounded
number is on its way at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digitcore.errors import DigitcoreError
from digitcore.networks.classifier import Classifier
from digitcore.process import stderr_elsewhere
from digitcore.reading import batch
from digitcore.reading.batch import THUMBNAIL_SIDE, Row

ALONE_SECONDS, ALONE_SECONDS_FORKED = 0.25, 0.05
"""After so long it is worth starting the others: about half of what fresh ones take, until which this process
goes on by itself, and about what copies of this one take."""

CHUNK_PICTURES, CHUNK_BYTES = 32, 4 * 2**20
"""The most pictures that travel together to another process, and the bytes of files from which a chunk takes
no more."""

CHUNKS_A_PROCESS = 3
"""On their way at once: one that is being read, one that waits for it, one whose rows wait to be taken."""

Item = tuple[str, bytes | DigitcoreError]
How = tuple[Classifier, None, str, int | None]
"""Arguments of `batch.read_pictures` after the items."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_pictures(
    items: Iterable[Item],
    classifier: Classifier,
    model_path: Path,
    progress: Callable[[int, str], None] | None = None,
    polarity: str = "auto",
    thumbnail_side: int | None = THUMBNAIL_SIDE,
    jobs: int | None = None,
) -> Iterator[Row]:
    """As `batch.read_pictures`, by `jobs` processes (None: one for each core).

    model_path: the `.tflite` file of `classifier`, which the other processes load. A picture during which a
    process ends becomes a row that says so; the others are still read.
    """
    jobs = jobs or cores()
    if jobs == 1:
        yield from batch.read_pictures(items, classifier, progress, polarity, thumbnail_side)
        return
    rows = _rows_of(
        chunks(items, CHUNK_PICTURES, CHUNK_BYTES), classifier, model_path, polarity, thumbnail_side, jobs
    )
    for done, row in enumerate(rows, 1):
        if progress:
            progress(done, row.name)
        yield row


def _rows_of(
    chunks: Iterator[list[Item]],
    classifier: Classifier,
    model_path: Path,
    polarity: str,
    thumbnail_side: int | None,
    jobs: int,
) -> Iterator[Row]:
    """The rows of all chunks: of the first ones by this process, of the rest by a pool."""
    enough = ALONE_SECONDS_FORKED if _may_fork() else ALONE_SECONDS
    start, pool = time.monotonic(), None
    try:
        while chunk := next(chunks, None):
            if pool and not pool.is_starting():
                yield from pool.read(chain([chunk], chunks))
                break
            if not pool and time.monotonic() - start >= enough:
                here = (classifier, None, polarity, thumbnail_side) if _may_fork() else None
                pool = _Pool(jobs, (str(model_path), classifier.card, polarity, thumbnail_side), here)
            yield from batch.read_pictures(chunk, classifier, None, polarity, thumbnail_side)
        if pool:
            pool.close(wait=True)
    finally:
        if pool:
            pool.close()


def _may_fork() -> bool:
    """Whether the other processes can be copies of this one, which have everything imported already. Only
    threads that may hold a lock forbid it: Python's own, which are counted here, but not those of OpenBLAS,
    which ends them before a fork. LiteRT has none, nor OpenCV where it is told to do without. On macOS,
    system libraries do not work in a copy."""
    return sys.platform == "linux" and threading.active_count() == 1 and cv2.getNumThreads() == 1


def chunks(items: Iterable[Item], most_pictures: int, most_bytes: int) -> Iterator[list[Item]]:
    """The items in their order, in chunks: each closes at `most_pictures` items, or once it holds
    `most_bytes` bytes."""
    chunk: list[Item] = []
    size = 0
    for name, data in items:
        chunk.append((name, data))
        size += len(data) if isinstance(data, bytes) else 0
        if len(chunk) == most_pictures or size >= most_bytes:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class _Pool:
    """Processes that each hold the network."""

    def __init__(
        self, jobs: int, start: tuple[str, dict[str, Any], str, int | None], here: How | None
    ) -> None:
        """start: what a fresh process begins with. here: what a copy of this process reads with; None to
        begin with fresh ones."""
        self._jobs, self._start = jobs, start
        self._open(here)

    def _open(self, here: How | None = None) -> None:
        # Processes that take the place of others are fresh, because the pool has threads by then.
        way, begin, start = ("fork", _copied, here) if here else ("spawn", _started, self._start)
        self._pool = ProcessPoolExecutor(self._jobs, multiprocessing.get_context(way), begin, start)
        self._first = [self._pool.submit(os.getpid) for _ in range(self._jobs)]  # starts one each

    def is_starting(self) -> bool:
        """Whether none of the processes could read yet."""
        return not any(future.done() for future in self._first)

    def close(self, wait: bool = False) -> None:
        """wait: until the processes have ended, which is soon where nothing is left to read. A program that
        ended before they did might print an error of the pool's own."""
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def read(self, chunks: Iterator[list[Item]]) -> Iterator[Row]:
        """The rows of all chunks, in order."""
        if any(future.done() and future.exception() for future in self._first):
            self.close()
            self._open()
        waiting: deque[tuple[list[Item], Future[list[Row]]]] = deque()
        while True:
            while len(waiting) < CHUNKS_A_PROCESS * self._jobs and (chunk := next(chunks, None)):
                waiting.append((chunk, self._pool.submit(_rows, chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                rows = future.result()
            except BrokenProcessPool:
                rows = self._one_by_one(chunk)
                waiting = deque((each, self._pool.submit(_rows, each)) for each, _ in waiting)
            yield from rows

    def _one_by_one(self, chunk: list[Item]) -> list[Row]:
        """The rows of a chunk after a process has ended during any of the pictures that were on their way."""
        self.close()
        self._open()
        rows = []
        for item in chunk:
            try:
                rows += self._pool.submit(_rows, [item]).result()
            except BrokenProcessPool:
                rows.append(Row(item[0], error="The process that read this picture ended without a word."))
                self.close()
                self._open()
        return rows


_how: How | None = None
"""What a process of the pool reads with."""


def _copied(*here: Any) -> None:
    """How a copy of its owner's process begins."""
    global _how
    _at_its_owners_side()
    _how = here


def _started(model_path: str, card: dict[str, Any], polarity: str, thumbnail_side: int | None) -> None:
    """How a fresh process begins."""
    global _how
    _at_its_owners_side()
    cv2.setNumThreads(1)  # each core already has a process
    classifier = Classifier(model_path, card)
    with stderr_elsewhere():
        classifier.predict(np.zeros((1, 28, 28), np.float32))
    _how = classifier, None, polarity, thumbnail_side


def _at_its_owners_side() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C concerns the owner, who then ends this process
    threading.Thread(target=_end_with_the_owner, daemon=True).start()


def _end_with_the_owner() -> None:
    """Without this, the processes of a pool would wait for ever after their owner was killed."""
    owner = multiprocessing.parent_process()
    if owner is not None:
        owner.join()
        os._exit(1)


def _rows(chunk: list[Item]) -> list[Row]:
    return list(batch.read_pictures(chunk, *_how))
