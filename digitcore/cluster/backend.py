"""Trainers on a Dask cluster: the queue's other back end, taken where $DIGITLAB_SCHEDULER names a scheduler.

    python -m dask scheduler                                   on one machine
    python -m dask worker tcp://HOST:8786 --nthreads 1         on each, in Digit Lab's folder
    DIGITLAB_SCHEDULER=tcp://HOST:8786 python -m streamlit run app.py

A run keeps its folder at the app. Its trainer works in a copy on a worker (worker.py), and a relay
here keeps the two alike (mirror.py): events, checkpoints and results come, control files go. The relay holds
the run's lock for as long as the trainer lives, so whoever looks at the folder sees what it would see of a
trainer of this machine. What is still to be done follows from the folder and from what the workers say, and
from nothing else:

* The app is restarted: trainings go on. The next app asks the workers which runs they have, takes the locks
  that are free, and copies what it missed. Several apps over one folder of runs: whoever has the lock relays.
* A worker dies: its trainer ends with it (die_with_owner.py), the relay lets the run go, and the queue
  launches it again elsewhere, from the checkpoint of its last epoch.

Whoever reaches a scheduler's or worker's port can run code there: keep them in a network of one's own, or
give all sides TLS (Dask's configuration `distributed.comm`, which Client and command line read).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import BaseFileLock, Timeout

from digitcore import paths
from digitcore.cluster import mirror
from digitcore.cluster import worker as cluster_worker
from digitcore.cluster.mirror import Mirror, Question
from digitcore.cluster.worker import ENDED, WAITING, Reply, Survey
from digitcore.errors import NoRoom, RunError
from digitcore.networks.settings import Settings
from digitcore.runs import memory
from digitcore.runs import state as run_state
from digitcore.runs.run_folder import Run

if TYPE_CHECKING:
    from distributed import Client, Future

# A file in a run's folder is in the other copy so much later, and a stop at its trainer.
TICK_SECONDS = 0.4
# How often workers are asked what they have, and a scheduler that does not answer is tried again.
SURVEY_SECONDS = 1.0
RECONNECT_SECONDS = 3.0
# A call that takes longer has no answer.
SURVEY_PATIENCE_SECONDS, ANSWER_SECONDS = 5.0, 20.0
# A worker that the scheduler still counts but that does not answer for so long is given up; one that it
# does not count any more, much sooner.
SILENT_SECONDS = 90.0
LOST_SECONDS = 3.0
# While files change as fast as they are fetched, so many looks are one.
MOST_LOOKS = 3
# What somebody who submits a run waits for the first word from the cluster.
PATIENCE_SECONDS = 20.0


class _WorkerLost(Exception):
    """The worker of a training is gone, or has forgotten it."""


@dataclass
class _Relay:
    """A run of this app on the cluster. task: "<owner>/<run id>/<attempt>", later attempts count higher."""

    run: Run
    task: str
    worker: str
    adopted: bool = False  # found at work, rather than launched
    future: Future | None = None
    job: asyncio.Task | None = field(default=None, repr=False)


class DaskBackend:
    """The queue's back end on a cluster; see `runs.backend.Backend`. Safe to share between threads.

    Everything that waits for the cluster happens in one thread of its own. `problem` says in one sentence why
    the cluster cannot be used now, None where it can.
    """

    def __init__(self, scheduler: str, trainer: Sequence[str], patience: float = PATIENCE_SECONDS) -> None:
        """scheduler: its address, tcp://host:8786. trainer: what Python is given on a worker to train the run
        in the folder that comes behind it. patience: seconds that `check` waits for a first word."""
        self.scheduler = scheduler
        self._trainer = tuple(trainer)
        self._patience = patience
        self.problem: str | None = f"The cluster at {scheduler} has not answered yet."
        self._root = paths.runs()
        self._client: Client | None = None
        self._workers: dict[str, Survey] = {}
        self._relays: dict[Path, _Relay] = {}
        self._over: list[tuple[Run, int]] = []
        self._known: set[str] = set()  # addresses of workers, those that do not answer included
        self._forgotten: set[str] = set()  # tasks that a look may still show
        self._mutex = threading.RLock()  # over what is above
        self._asked = threading.Event()  # the cluster has answered, or could not be reached
        self._closing = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="digitlab-cluster", daemon=True)
        self._thread.start()

    # The queue's side

    def places(self) -> int:
        with self._mutex:
            return sum(survey.places for survey in self._workers.values())

    def check(self, settings: Settings) -> None:
        """RunError where the cluster does not answer; without a worker, runs may wait for one."""
        self._asked.wait(self._patience)
        with self._mutex:
            if self.problem:
                raise RunError(self.problem)

    def launch(self, run: Run) -> None:
        with self._mutex:
            if self.problem:
                raise RunError(self.problem)
            if run.folder in self._relays:  # adopted a moment ago
                return
            needed = memory.trainer_bytes(run.settings)
            free = [address for address in self._workers if self._free_places(address) > 0]
            free = [address for address in free if self._workers[address].available >= needed]
            if not free:
                raise NoRoom("No worker has a free place and enough memory for a trainer.")
            worker = max(free, key=lambda address: self._workers[address].available)
            run_state.mark_started(run)
            task = f"{self._name(run)}/{time.time_ns()}"
            self._begin(_Relay(run, task, worker))

    def ended(self) -> list[tuple[Run, int]]:
        with self._mutex:
            over, self._over = self._over, []
            return over

    def alive(self, run: Run) -> bool | None:
        with self._mutex:
            return True if run.folder in self._relays else None

    def close(self) -> None:
        """Let go of the cluster; trainings go on, and the next back end finds them. Runs that are over are
        first removed from their workers."""
        end = time.monotonic() + ANSWER_SECONDS
        while not self.problem and self._over_there() and time.monotonic() < end:
            time.sleep(TICK_SECONDS)
        self._closing.set()
        self._thread.join(ANSWER_SECONDS)

    def _over_there(self) -> bool:
        """Whether a worker still has a run that is complete here."""
        with self._mutex:
            return any(not run_state.of(relay.run).active for relay in self._relays.values())

    def _free_places(self, address: str) -> int:
        survey = self._workers[address]
        tasks = {task for task, phase in survey.trainings.items() if phase != ENDED}
        tasks |= {relay.task for relay in self._relays.values() if relay.worker == address}
        return survey.places - len(tasks)

    def _name(self, run: Run) -> str:
        return run.folder.relative_to(self._root).as_posix()

    def _begin(self, relay: _Relay) -> None:
        self._relays[relay.run.folder] = relay
        asyncio.run_coroutine_threadsafe(self._start(relay), self._loop)

    # The cluster's side: all of this runs in the thread

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        while not self._closing.is_set():
            try:
                await self._connect()
                while not self._closing.is_set():
                    await self._survey()
                    await asyncio.sleep(SURVEY_SECONDS)
            except ImportError as error:
                self._say(f"A cluster needs what requirements-cluster.txt names ({error}).")
                return
            except Exception as error:
                if not isinstance(error, (OSError, TimeoutError, ValueError, RuntimeError)):
                    traceback.print_exc()  # an error of ours: it is shown, and everybody's queue lives on
                self._say(f"The cluster at {self.scheduler} does not answer ({type(error).__name__}).")
                with self._mutex:
                    self._workers = {}
                await self._disconnect()
                await asyncio.sleep(RECONNECT_SECONDS)
        for relay in list(self._relays.values()):
            if relay.job is not None:
                relay.job.cancel()
        await asyncio.gather(*(r.job for r in self._relays.values() if r.job), return_exceptions=True)
        await self._disconnect()

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            print(problem, file=sys.stderr)
        self.problem = problem
        self._asked.set()

    async def _connect(self) -> None:
        from distributed import Client

        self._client = await Client(
            self.scheduler, asynchronous=True, set_as_default=False, timeout=ANSWER_SECONDS, name="digitlab"
        )

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await client.close(timeout=2)

    async def _survey(self) -> None:
        """Ask every worker what it has, and relay the runs of this app that nobody relays."""
        forgotten = set(self._forgotten)
        threads = await asyncio.wait_for(self._client.nthreads(), ANSWER_SECONDS)
        self._known = set(threads)
        answers = await asyncio.gather(*(self._ask(worker, cluster_worker.survey) for worker in threads))
        told = dict(zip(threads, answers, strict=True))
        surveys = {worker: answer for worker, answer in told.items() if isinstance(answer, Survey)}
        unusable = next((str(answer) for answer in answers if isinstance(answer, ImportError)), None)
        with self._mutex:
            self._workers = surveys
            found = [(worker, task) for worker, survey in surveys.items() for task in survey.trainings]
            self._forgotten -= forgotten - {task for _, task in found}
            for worker, task in sorted(found, key=lambda each: _attempt(each[1]), reverse=True):
                if task not in self._forgotten:
                    self._adopt(worker, task)
            if unusable and not surveys:
                self._say(f"The cluster's workers were not started in Digit Lab's folder: {unusable}.")
            else:
                self.problem = None
                self._asked.set()

    def _adopt(self, worker: str, task: str) -> None:
        owner, run_id, _ = task.split("/")
        run = Run(self._root / owner / run_id)
        if not run.file(paths.SETTINGS).is_file():
            return  # another app's
        relay = self._relays.get(run.folder)
        if relay is None:
            if not run.alive():
                self._begin(_Relay(run, task, worker, adopted=True))
        elif _attempt(task) < _attempt(relay.task):  # of a worker that was given up
            self._tidying = self._loop.create_task(self._forget(worker, task))

    async def _ask(self, worker: str, function: Any, *arguments: Any, **named: Any) -> Any:
        """What a function says on a worker; None without an answer, the ImportError where it is not there."""
        if self._client is None:
            return None
        call = self._loop.create_task(self._client.run(function, *arguments, workers=[worker], **named))
        patience = SURVEY_PATIENCE_SECONDS if function is cluster_worker.survey else ANSWER_SECONDS
        end = time.monotonic() + patience
        while not call.done() and time.monotonic() < end and worker in self._known:
            await asyncio.wait({call}, timeout=SURVEY_SECONDS)  # nobody waits for a worker that is gone
        try:
            return (await asyncio.wait_for(call, 0)).get(worker)
        except ImportError as error:
            return error
        except (OSError, TimeoutError, RuntimeError, KeyError):
            return None

    async def _forget(self, worker: str, task: str) -> None:
        """Have a training ended, if it still runs, and removed."""
        self._forgotten.add(task)
        if worker in self._known:
            await self._ask(worker, cluster_worker.forget, task)
        if self._client is not None:
            with contextlib.suppress(OSError, TimeoutError, KeyError, RuntimeError):
                await asyncio.wait_for(self._client.unpublish_dataset(task), ANSWER_SECONDS)

    async def _start(self, relay: _Relay) -> None:
        relay.job = asyncio.current_task()
        code, lock = -9, None
        try:
            lock = await _locked(relay.run)
            code = await self._life(relay)
        except Timeout:  # another app was faster
            code = None
        except _WorkerLost:
            await self._forget(relay.worker, relay.task)
            text = f"Its worker {relay.worker} was lost; it goes on elsewhere from its last epoch."
            relay.run.append_event("message", text=text)
        except Exception:  # an error of ours: it is shown, and the run is let go like that of a lost worker
            traceback.print_exc()
        finally:
            if lock is not None:
                lock.release()
            with self._mutex:
                del self._relays[relay.run.folder]
                if code is not None and not self._closing.is_set():
                    self._over.append((relay.run, code))

    async def _life(self, relay: _Relay) -> int:
        """From the task's beginning to its trainer's end, with everything that it left; its exit code."""
        if not relay.adopted:
            await self._submit(relay)
        copy = Mirror(relay.run.folder, seeded=relay.adopted)
        heard = time.monotonic()
        while True:
            if not relay.run.file(paths.SETTINGS).exists():  # the run was deleted
                await self._forget(relay.worker, relay.task)
                return 1
            reply = await self._exchange(relay, copy.question())
            if self.problem:  # the training may well go on: nobody can ask it now
                heard = time.monotonic()
            elif reply is None:
                self._check_worker(relay, heard)
            else:
                heard = time.monotonic()
                copy.take_controls(reply.answer.controls)
                if reply.phase == WAITING:
                    copy = Mirror(relay.run.folder)
                    await self._seed(relay, copy)
                elif await self._copy(relay, copy, reply) and reply.phase == ENDED:
                    await self._forget(relay.worker, relay.task)
                    return reply.code
            await asyncio.sleep(TICK_SECONDS)

    async def _submit(self, relay: _Relay) -> None:
        if self._client is None:
            raise _WorkerLost
        try:
            place = {"key": relay.task, "pure": False, "workers": [relay.worker]}
            relay.future = self._client.submit(cluster_worker.train, relay.task, self._trainer, **place)
            published = self._client.publish_dataset(relay.future, name=relay.task)  # outlives this client
            await asyncio.wait_for(published, ANSWER_SECONDS)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise _WorkerLost from error

    async def _exchange(self, relay: _Relay, question: Question, begin: bool = False) -> Reply | None:
        reply = await self._ask(relay.worker, cluster_worker.exchange, relay.task, question, begin=begin)
        return reply if isinstance(reply, Reply) else None

    def _check_worker(self, relay: _Relay, heard: float) -> None:
        """_WorkerLost where a training that does not answer will not answer any more."""
        task = relay.future.status if relay.future is not None else "lost"
        if task == "pending" and relay.worker in self._workers:  # behind pictures that are being read
            return
        # A worker that answers has forgotten the training; one that the scheduler does not know is gone.
        gone = task == "error" or relay.worker not in self._known or relay.worker in self._workers
        if time.monotonic() - heard > (LOST_SECONDS if gone else SILENT_SECONDS):
            raise _WorkerLost

    async def _seed(self, relay: _Relay, copy: Mirror) -> None:
        for question in copy.seed():
            if await self._exchange(relay, question) is None:
                return
        await self._exchange(relay, copy.question(), begin=True)

    async def _copy(self, relay: _Relay, copy: Mirror, reply: Reply) -> bool:
        """Take in what a look shows; True where it shows nothing new.

        Files come first and then the events of a look that was made after them: an event that says
        "finished" finds its card, and a checkpoint the epochs that led to it.
        """
        new, fetched = False, {}
        try:
            for _ in range(MOST_LOOKS):
                wanted = [n for n in copy.changed(reply.answer) if fetched.get(n) != reply.answer.files[n]]
                if not wanted:
                    break
                new = True
                for name in wanted:
                    identity = await self._fetch(relay, copy, name)
                    if identity is not None:
                        fetched[name] = identity
                later = await self._exchange(relay, copy.question())
                if later is None:
                    return False
                reply = later
                copy.take_controls(reply.answer.controls)
            copy.settle(reply.answer.files, fetched)
            if paths.CARD not in copy.changed(reply.answer):
                copy.grow(reply.answer.grown, over=reply.phase == ENDED)
        except OSError as error:  # e.g. a full disk here: the worker still has everything
            print(f"Run {relay.run.id} could not be copied from its worker: {error}", file=sys.stderr)
            return False
        return not new and not any(reply.answer.grown.values())

    async def _fetch(self, relay: _Relay, copy: Mirror, name: str) -> mirror.Identity | None:
        """A file into its place beside the old one; None where it changed meanwhile, or is gone."""
        first, offset = None, 0
        with copy.staged(name).open("wb") as file:
            while True:
                reply = await self._exchange(relay, Question(reads=[(name, offset)]))
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


def _attempt(task: str) -> int:
    return int(task.rsplit("/", 1)[1])


async def _locked(run: Run) -> BaseFileLock:
    """The run's lock, held. Timeout where somebody else has it, for longer than a look takes."""
    lock = run.lock()
    end = time.monotonic() + 3.0
    while True:
        try:
            lock.acquire(timeout=0)
            return lock
        except Timeout:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)
