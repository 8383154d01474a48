"""Who reads: a few threads, however many ask. Pictures wait their turn, one at a time from each request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier

MOST_REQUESTS = 64
"""That are answered or wait at once: thirty clients and as many again. The next is told to come later."""


class Busy(Exception):
    """As many requests wait as may."""


class Readers:
    """`at_once` threads. What they do is done in the order of asking."""

    def __init__(self, at_once: int, most_requests: int = MOST_REQUESTS) -> None:
        self.most_requests = most_requests
        self.requests = 0
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="digitcore-reader")

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Taken by a request before its body is received. Raises Busy where there is none."""
        if self.requests >= self.most_requests:
            raise Busy
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    async def do(self, work: Callable, *arguments: Any) -> Any:
        """The result of work(*arguments), by the next thread that is free."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


class Networks:
    """The shipped networks, each loaded when it is first asked for; any number of threads may ask."""

    def __init__(self, default: Classifier) -> None:
        self.default = default
        self._loaded = {default.name: default}
        self._lock = threading.Lock()

    def get(self, name: str | None) -> Classifier:
        """The network of that name, or the default one. ModelError where there is none of that name."""
        if name is None:
            return self.default
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = model_store.load(name)
            return self._loaded[name]
