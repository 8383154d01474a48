"""One training on a worker, relayed: the run's folder here and its copy there are kept the same to the end.

The relay holds the run's lock for as long as the trainer lives, so the folder looks just as it would with a
trainer on this machine. Events, checkpoints and results come in, control files go out (mirror.py).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filelock import BaseFileLock, Timeout

from digitcore import paths
from digitcore.cluster import mirror
from digitcore.cluster import worker as cluster_worker
from digitcore.cluster.connection import Connection
from digitcore.cluster.mirror import Mirror, Question
from digitcore.cluster.worker import ENDED, WAITING, Reply
from digitcore.runs.run_folder import Run

if TYPE_CHECKING:
    from distributed import Future

# At most this long until a file is copied from one folder to the other, and a stop reaches its trainer.
TICK_SECONDS = 0.4
# A worker that the scheduler still counts is given up after this long without an answer; one that it no
# longer counts, much sooner.
SILENT_SECONDS = 90.0
LOST_SECONDS = 3.0
# How often the files are looked at again while they change as fast as they are fetched.
MOST_LOOKS = 3
# The exit code of a trainer that died with its worker, as for any process that was killed.
KILLED = -9
# Somebody else's look at a run holds its lock for less than this.
LOCK_SECONDS = 3.0


class _WorkerLost(Exception):
    """The worker of a training is gone, or has forgotten it."""


@dataclass(eq=False)
class Relay:
    """A run of this app on the cluster.

    task: "<owner>/<run id>/<attempt>"; later attempts have higher numbers. trainer: what Python is given on
    the worker to train the run; the run's folder follows. adopted: found at work, rather than launched.
    """

    run: Run
    task: str
    worker: str
    cluster: Connection
    trainer: Sequence[str]
    adopted: bool = False
    job: asyncio.Task | None = field(default=None, repr=False)
    _future: Future | None = field(default=None, repr=False)

    @property
    def attempt(self) -> int:
        """Which of the run's attempts this is."""
        return attempt_of(self.task)

    async def to_the_end(self) -> int:
        """Relay the training from its beginning to its end, with everything that it leaves; returns its exit
        code, or KILLED if its worker was lost. Timeout if another app has the run."""
        lock = await _locked(self.run)
        try:
            return await self._relayed()
        except _WorkerLost:
            await self.cluster.forget(self.worker, self.task)
            text = f"Its worker {self.worker} was lost; the run continues elsewhere from its last epoch."
            self.run.append_event("message", text=text)
            return KILLED
        finally:
            lock.release()

    async def _relayed(self) -> int:
        if not self.adopted:
            self._future = await self.cluster.submit(self.task, self.worker, self.trainer)
            if self._future is None:
                raise _WorkerLost
        copy = Mirror(self.run.folder, seeded=self.adopted)
        heard = time.monotonic()
        while True:
            if not self.run.file(paths.SETTINGS).exists():  # the run was deleted
                await self.cluster.forget(self.worker, self.task)
                return 1
            reply = await self._exchange(copy.question())
            if self.cluster.problem:  # the training may well be going on; it cannot be asked now
                heard = time.monotonic()
            elif reply is None:
                self._check_worker(heard)
            else:
                heard = time.monotonic()
                copy.take_controls(reply.answer.controls)
                if reply.phase == WAITING:
                    copy = Mirror(self.run.folder)
                    await self._seed(copy)
                elif await self._copy(copy, reply) and reply.phase == ENDED:
                    await self.cluster.forget(self.worker, self.task)
                    return reply.code
            await asyncio.sleep(TICK_SECONDS)

    async def _exchange(self, question: Question, begin: bool = False) -> Reply | None:
        reply = await self.cluster.ask(self.worker, cluster_worker.exchange, self.task, question, begin=begin)
        return reply if isinstance(reply, Reply) else None

    def _check_worker(self, heard: float) -> None:
        """_WorkerLost if a training that does not answer never will."""
        answers = self.worker in self.cluster.surveys
        state = self._future.status if self._future is not None else "lost"
        if state == "pending" and answers:  # it waits behind pictures that are being read
            return
        # A worker that answers has forgotten the training; one that the scheduler does not know is gone.
        gone = state == "error" or self.worker not in self.cluster.known or answers
        if time.monotonic() - heard > (LOST_SECONDS if gone else SILENT_SECONDS):
            raise _WorkerLost

    async def _seed(self, copy: Mirror) -> None:
        for question in copy.seed():
            if await self._exchange(question) is None:
                return
        await self._exchange(copy.question(), begin=True)

    async def _copy(self, copy: Mirror, reply: Reply) -> bool:
        """Copy what a look shows; returns True if there was nothing new.

        Files come first, and then the events of a look taken after them: when an event says "finished", the
        card is there, and the epochs that led to a checkpoint are among the events.
        """
        new, fetched = False, {}
        try:
            for _ in range(MOST_LOOKS):
                wanted = [n for n in copy.changed(reply.answer) if fetched.get(n) != reply.answer.files[n]]
                if not wanted:
                    break
                new = True
                for name in wanted:
                    identity = await self._fetch(copy, name)
                    if identity is not None:
                        fetched[name] = identity
                later = await self._exchange(copy.question())
                if later is None:
                    return False
                reply = later
                copy.take_controls(reply.answer.controls)
            copy.settle(reply.answer.files, fetched)
            if paths.CARD not in copy.changed(reply.answer):
                copy.grow(reply.answer.grown, over=reply.phase == ENDED)
        except OSError as error:  # e.g. a full disk here: the worker still has everything
            print(f"Run {self.run.id} could not be copied from its worker: {error}", file=sys.stderr)
            return False
        return not new and not any(reply.answer.grown.values())

    async def _fetch(self, copy: Mirror, name: str) -> mirror.Identity | None:
        """Fetch a file and stage it beside the old one; None if it changed meanwhile, or has gone."""
        first, offset = None, 0
        with copy.staged(name).open("wb") as file:
            while True:
                reply = await self._exchange(Question(reads=[(name, offset)]))
                piece = reply.answer.data[0] if reply else None
                if piece is None or piece[1] != (first or piece[1]):
                    copy.staged(name).unlink()
                    return None
                data, identity = piece
                first = identity
                file.write(data)
                offset += len(data)
                if offset >= identity[0] or not data:
                    return identity


def attempt_of(task: str) -> int:
    """Which of its run's attempts a task is."""
    return int(task.rsplit("/", 1)[1])


async def _locked(run: Run) -> BaseFileLock:
    """The run's lock, held. Timeout if somebody else has it for longer than a look takes."""
    lock = run.lock()
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            lock.acquire(timeout=0)
            return lock
        except Timeout:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)
