"""The app's connection to a Dask cluster: whether the cluster answers, which workers it has, what they say.

Everything but `check_address` runs in one event loop, that of the back end (backend.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from digitcore.cluster import worker as cluster_worker
from digitcore.cluster.worker import Survey
from digitcore.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client, Future

# How often a call checks whether its worker is still among those that the scheduler counts.
LOOK_SECONDS = 1.0
# A call that takes longer counts as unanswered.
SURVEY_PATIENCE_SECONDS, ANSWER_SECONDS = 5.0, 20.0

# What a call may raise if the other side has gone, or is about to.
LOST = (OSError, TimeoutError, RuntimeError)


def check_address(scheduler: str) -> None:
    """ClusterError, in one sentence, unless this is an address of a scheduler that this side can connect to.

    Dask would find out too, but only with a half-made client, which prints a traceback when it is discarded.
    ImportError if Dask is not installed.
    """
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.security import Security

    scheme, place = parse_address(scheduler)
    try:
        host, port = parse_host_port(place)
    except ValueError:
        host, port = "", 0
    if scheme not in ("tcp", "tls") or not host or not 0 < port < 2**16:
        raise ClusterError(
            f"The address of a scheduler looks like tcp://host:8786 or tls://host:8786; got {scheduler!r}."
        )
    try:
        security = Security()
        context = security.get_connection_args("client").get("ssl_context")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ClusterError(
            f"The certificates that Dask's configuration names cannot be used ({error})."
        ) from error
    if scheme == "tls" and context is None:
        raise ClusterError(
            f"{scheduler} needs certificates, and Dask's configuration does not name them "
            "(DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …CLIENT__CERT and …CLIENT__KEY)."
        )
    if scheme != "tls" and security.require_encryption:
        raise ClusterError(
            f"Dask's configuration requires encryption; expected an address like tls://host:8786, "
            f"got {scheduler!r}."
        )


class Connection:
    """A client of one scheduler, reconnected as often as needed.

    problem: one sentence that says why the cluster cannot be used now; None if it can.
    known: the addresses of all workers that the scheduler counts. surveys: the last reports of those that
    answer. forgotten: trainings that were removed from a worker, which may still report them.
    """

    def __init__(self, scheduler: str) -> None:
        """scheduler: its address, tcp://host:8786."""
        self.scheduler = scheduler
        self.problem: str | None = f"The cluster at {scheduler} has not answered yet."
        self.heard = threading.Event()  # the cluster has answered, or could not be reached
        self.known: set[str] = set()
        self.surveys: dict[str, Survey] = {}
        self.forgotten: set[str] = set()
        self._client: Client | None = None

    def say(self, problem: str | None) -> None:
        """Note a problem, or None if all is well; a new one is also printed for whoever runs the server."""
        if problem and problem != self.problem:
            print(problem, file=sys.stderr)
        self.problem = problem
        self.heard.set()

    async def open(self) -> None:
        """Connect. ClusterError, or one of Dask's many errors, if that is not possible."""
        from distributed import Client

        check_address(self.scheduler)
        self._client = await Client(
            self.scheduler, asynchronous=True, set_as_default=False, timeout=ANSWER_SECONDS, name="digitlab"
        )

    async def close(self) -> None:
        """Disconnect; trainings go on."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await client.close(timeout=2)

    async def survey(self) -> tuple[dict[str, Survey], str | None]:
        """What each worker that answers has, by its address, and why the others cannot be used."""
        forgotten = set(self.forgotten)
        threads = await asyncio.wait_for(self._client.nthreads(), ANSWER_SECONDS)
        self.known = set(threads)
        answers = await asyncio.gather(*(self.ask(worker, cluster_worker.survey) for worker in threads))
        told = dict(zip(threads, answers, strict=True))
        surveys = {worker: answer for worker, answer in told.items() if isinstance(answer, Survey)}
        unusable = next((str(answer) for answer in answers if isinstance(answer, ImportError)), None)
        named = {task for survey in surveys.values() for task in survey.trainings}
        self.forgotten -= forgotten - named
        return surveys, unusable

    async def ask(self, worker: str, function: Any, *arguments: Any, **named: Any) -> Any:
        """What a function returns on a worker; None if the worker does not answer, and the ImportError if it
        lacks the function."""
        if self._client is None:
            return None
        call = asyncio.ensure_future(self._client.run(function, *arguments, workers=[worker], **named))
        patience = SURVEY_PATIENCE_SECONDS if function is cluster_worker.survey else ANSWER_SECONDS
        end = time.monotonic() + patience
        while not call.done() and time.monotonic() < end and worker in self.known:
            await asyncio.wait({call}, timeout=LOOK_SECONDS)  # nobody waits for a worker that is gone
        try:
            return (await asyncio.wait_for(call, 0)).get(worker)
        except ImportError as error:
            return error
        except (*LOST, KeyError):
            return None

    async def submit(self, task: str, worker: str, trainer: Sequence[str]) -> Future | None:
        """Start a training's task on a worker, in a way that outlives this client; None if the cluster was
        lost meanwhile."""
        if self._client is None:
            return None
        try:
            place = {"key": task, "pure": False, "workers": [worker]}
            future = self._client.submit(cluster_worker.train, task, trainer, **place)
            published = self._client.publish_dataset(future, name=task)  # which keeps it alive
            await asyncio.wait_for(published, ANSWER_SECONDS)
            return future
        except LOST:
            return None

    async def forget(self, worker: str, task: str) -> None:
        """End a training on a worker, if it is still running, and remove it."""
        self.forgotten.add(task)
        if worker in self.known:
            await self.ask(worker, cluster_worker.forget, task)
        if self._client is not None:
            with contextlib.suppress(*LOST, KeyError):
                await asyncio.wait_for(self._client.unpublish_dataset(task), ANSWER_SECONDS)
