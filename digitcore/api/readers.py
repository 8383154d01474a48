"""The threads that read: only a few, however many requests there are. Pictures wait their turn, and requests
take turns."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from digitcore.networks import model_store
from digitcore.networks.classifier import Classifier

MOST_REQUESTS = 64
"""Requests that are being answered or waiting at once: for thirty clients, and as many again. The next one is
told to come back later. Half of them may come from one address, so that nobody takes every place: a class
behind one router fits."""


class Busy(Exception):
    """As many requests are waiting as may."""


class Readers:
    """`at_once` threads, which do their work in the order in which it was asked for."""

    def __init__(self, at_once: int, most_requests: int = MOST_REQUESTS) -> None:
        self.most_requests = most_requests
        self.requests = 0
        self._of = Counter()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="digitcore-reader")

    @asynccontextmanager
    async def place(self, address: str) -> AsyncIterator[None]:
        """A place, which a request takes before its body is received. Raises Busy where there is none for
        that address."""
        if self.requests >= self.most_requests or self._of[address] >= self.most_requests // 2:
            raise Busy
        self.requests += 1
        self._of[address] += 1
        try:
            yield
        finally:
            self.requests -= 1
            self._of -= Counter((address,))  # forgets an address that has none left

    async def do(self, work: Callable, *arguments: Any) -> Any:
        """The result of work(*arguments), done by the next free thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


class Networks:
    """The shipped networks, each loaded when it is first needed; any number of threads may use this."""

    def __init__(self, default: Classifier) -> None:
        self.default = default
        self._loaded = {default.name: default}
        self._lock = threading.Lock()

    def get(self, name: str | None) -> Classifier:
        """The network of that name, or the default one for None. ModelError where there is none of that
        name."""
        if name is None:
            return self.default
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = model_store.load(name)
            return self._loaded[name]
